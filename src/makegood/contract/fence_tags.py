"""Tags of fences that were probably meant to be `sla`: a rule that is silently prose is the worst typing mistake."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans(
    {"а": "a", "А": "a", "α": "a", "ѕ": "s", "Ѕ": "s", "ʟ": "l", "ⅼ": "l", "ӏ": "l", "1": "l", "|": "l", "0": "o"}
)


def is_rule(info: str) -> bool:
    """Whether a fence's info string makes the block a rule: exactly `sla`, and nothing after it."""
    return info == "sla"


def meant_as_rule(info: str) -> bool:
    """Whether another info string looks as if `sla` was meant: capitals, look-alike letters, more words, a slip."""
    folded = unicodedata.normalize("NFKC", info[:100]).translate(_LOOKALIKES).lower()
    words = [word for word in re.split("[^a-z0-9]+", folded) if word]
    return any(word in ("sla", "slas") or (len(word) <= 4 and _slip(word)) for word in words)


def _slip(word: str) -> bool:
    return sorted(word) == sorted("sla") or (set(word) == set("sla") and re.sub(r"(.)\1", r"\1", word) == "sla")
