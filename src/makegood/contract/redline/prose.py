"""Prose compared by words: passages are aligned first, then their words; how lines are broken is no difference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from makegood.contract.redline.difference import Mark, Passage, Piece

ALIKE: Final = 0.5
"""Passages with less than this share of words in common are two passages, not one that was changed."""

LONGEST: Final = 4_000
"""Words of a passage up to which it is compared word by word; a longer one is shown as replaced."""

_BLOCK: Final = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t])|\n(?=[ \t]*\|)|(?<=\|)[ \t]*\n")
_WORD: Final = re.compile(r"\s*(?:\w+(?:[.,:’'/-]\w+)*|[^\w\s])")


def passages(old: str, new: str) -> tuple[Passage, ...]:
    """The passages of both texts in the order to read them: those of the old one stand where they were."""
    before, after = _blocks(old), _blocks(new)
    found: list[Passage] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Passage((Piece(Mark.SAME, text),)) for text in before[a:b]]
        else:
            found += _replaced(before[a:b], after[c:d])
    return tuple(found)


def words(old: str, new: str) -> tuple[Piece, ...]:
    """One passage compared word by word."""
    one, other = _WORD.findall(" ".join(old.split())), _WORD.findall(" ".join(new.split()))
    if max(len(one), len(other)) > LONGEST:
        return tuple(p for p in (Piece(Mark.REMOVED, old), Piece(Mark.ADDED, new)) if p.text)
    keys = [word.strip() for word in one], [word.strip() for word in other]
    steps = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    pieces: list[Piece] = []
    for tag, a, b, c, d in _whole(steps, keys[0]):
        if tag == "equal":
            pieces.append(Piece(Mark.SAME, "".join(other[c:d])))
        else:
            pieces += [Piece(Mark.REMOVED, "".join(one[a:b]))] if a < b else []
            pieces += [Piece(Mark.ADDED, "".join(other[c:d]))] if c < d else []
    return tuple(pieces)


def _blocks(text: str) -> list[str]:
    return [shown for block in _BLOCK.split(text) if (shown := " ".join(block.split()))]


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Passage]:
    """Passages that are alike are compared by words; the others were taken out or put in."""
    start = 0
    for text in after:
        like = _like(text, before, start)
        if like is None:
            yield Passage((Piece(Mark.ADDED, text),))
            continue
        yield from (Passage((Piece(Mark.REMOVED, gone),)) for gone in before[start:like])
        yield Passage(words(before[like], text))
        start = like + 1
    yield from (Passage((Piece(Mark.REMOVED, gone),)) for gone in before[start:])


def _like(text: str, before: Sequence[str], start: int) -> int | None:
    """The first passage from `start` on that is most like the text; None where none is like it."""
    rated = [(likeness(before[n], text), -n) for n in range(start, len(before))]
    best = max(rated, default=(0.0, 0))
    return -best[1] if best[0] >= ALIKE else None


def likeness(old: str, new: str) -> float:
    """The share of words that two texts have in common, in their order: from 0 to 1."""
    one, other = old.split(), new.split()
    if max(len(one), len(other)) > LONGEST:
        return 1.0 if one == other else 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _whole(
    steps: Sequence[tuple[str, int, int, int, int]], old: Sequence[str]
) -> Iterator[tuple[str, int, int, int, int]]:
    """The steps, where a lone small word or comma between two changes is changed with them: it reads as one."""
    held: tuple[str, int, int, int, int] | None = None
    for n, (tag, a, b, c, d) in enumerate(steps):
        between = 0 < n < len(steps) - 1 and b - a == 1 and not any(ch.isdigit() for ch in old[a])
        if tag == "equal" and not (between and len(old[a]) <= 3):
            if held is not None:
                yield held
            held = None
            yield tag, a, b, c, d
        else:
            held = ("replace", held[1] if held else a, b, held[3] if held else c, d)
    if held is not None:
        yield held
