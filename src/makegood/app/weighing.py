"""The rows of a new file weighed against what a folder holds: new, known already, or contradicting it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.app.given import Given, Manner, known_claims
from makegood.app.novelty import novelty
from makegood.exchange.decimal_column import NO_VALUE, Numbers
from makegood.exchange.measurements import MeasurementRows, joined
from makegood.exchange.moments import written
from makegood.model.facts import Facts
from makegood.model.spans import Times
from makegood.store.measuring import compared, told

WORDS = ("up", "down", "unknown")
HELD = "what the folder holds"


@dataclass(frozen=True)
class Weighed:
    """Of n rows: `new` and `duplicate` bool[n]; `wrong` int64 the rows that contradict, and `why` for each in words."""

    new: NDArray[np.bool_]
    duplicate: NDArray[np.bool_]
    wrong: Times
    why: Callable[[int], str]


def weigh(facts: Facts, given: Given, manner: Manner) -> Weighed:
    """The rows of a file, in file order, against the evidence of a folder."""
    if isinstance(given.rows, MeasurementRows):
        return weigh_measurements(facts, given.rows)
    return _weigh_claims(facts, given, manner)


def _weigh_claims(facts: Facts, given: Given, manner: Manner) -> Weighed:
    known = known_claims(facts, given, manner)
    found = novelty(known, given.claims)

    def why(at: int) -> str:
        claims, against = given.claims, int(found.against[at])
        first, second = given.subjects[int(claims.subject[at])]
        says = f"`{first}` ({second}) at {written(int(claims.at[at]))} is {WORDS[int(claims.outcome[at])]}"
        if against < len(known):
            return f"{says}, which contradicts {HELD} for that instant"
        return f"{says}, which contradicts row {int(given.rows.row[against - len(known)])}"

    return Weighed(found.new, found.duplicate, np.flatnonzero(found.against >= 0), why)


def weigh_measurements(facts: Facts, rows: MeasurementRows) -> Weighed:
    """Rows of measurements, number by number: one is new where it says something that the folder does not hold."""
    known = _held(facts, rows)
    both = joined([known, rows])
    found = compared(both, np.arange(len(both)))
    clash, new = found.clash[len(known) :] > 0, found.new[len(known) :]

    def why(at: int) -> str:
        against = int(found.against[at + len(known)])
        other = HELD if against < len(known) else f"row {int(rows.row[against - len(known)])}"
        return told(both, found, at + len(known), other)

    return Weighed(new & ~clash, ~new & ~clash, np.flatnonzero(clash), why)


def _held(facts: Facts, rows: MeasurementRows) -> MeasurementRows:
    """What a folder holds of the series of some rows."""
    parts = []
    for service, metric, source in rows.series:
        for made in facts.measurements.get(service, ()):
            if (made.metric, made.source) == (metric, source):
                n = len(made.start)
                numbers = {word: shortest(q.values, q.known, q.places) for word, q in made.quantities.items()}
                none = np.zeros(n, dtype=np.int64)
                parts.append(
                    MeasurementRows(
                        ((service, metric, source),), none, none, made.start, made.end, made.recorded, numbers
                    )
                )
    return joined(parts)


def shortest(values: Times, known: NDArray[np.bool_], places: int) -> Numbers:
    """Numbers in units of 10**-`places`, without the decimal zeros at their ends."""
    digits, left = np.where(known, values, 0), np.where(known, places, NO_VALUE).astype(np.int8)
    while (more := (left > 0) & (digits % 10 == 0)).any():
        digits = np.where(more, digits // 10, digits)
        left = np.where(more, left - 1, left).astype(np.int8)
    return Numbers(digits, left)
