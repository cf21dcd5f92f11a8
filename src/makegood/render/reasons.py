"""Why something was down, in words for people, as its locations said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from makegood.model.checks import HUB
from makegood.model.facts import DOWN
from makegood.model.results import Failure, Reason

MOST = 5
"""Reasons that are named; of more the others are counted."""
_SAID = {Reason.MISSED: "heartbeat missed", Reason.TOLD: "heartbeat told of a failure"}


def reason_word(one: Failure) -> str:
    """`status 503`, `connect timeout`."""
    return f"{one.reason.word} {one.status}" if one.reason is Reason.STATUS else _SAID.get(one.reason, one.reason.word)


def short_reasons(failures: Iterable[Failure]) -> tuple[str, ...]:
    """The reasons alone, each once: nothing of checks and locations."""
    return tuple(dict.fromkeys(reason_word(one) for one in failures if one.reason.outcome == DOWN))


def reason_words(failures: Sequence[Failure]) -> str:
    """`connect timeout from fra and nyc; status 503 from iad`, with the checks where several failed; empty where no
    location said why."""
    down = [one for one in failures if one.reason.outcome == DOWN]
    several = len({one.check for one in down}) > 1
    places = dict[tuple[str, str], dict[str, None]]()
    for one in down:
        places.setdefault((one.check if several else "", reason_word(one)), {})[one.location] = None
    said = [
        (f"{check}: " if check else "") + word + _from([at for at in found if at != HUB])
        for (check, word), found in places.items()
    ]
    return "; ".join([*said[:MOST], *([f"and {len(said) - MOST:,} more"] if len(said) > MOST else [])])


def _from(places: Sequence[str]) -> str:
    if not places:
        return ""
    *others, last = places
    return f" from {', '.join(others)} and {last}" if others else f" from {last}"
