"""Rules that are read and checked, and that no figure uses: better said than found out."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.ground import Situation
from makegood.model.problem import Problem, note
from makegood.model.terms import OF_ITEMS


def waiting_findings(situation: Situation) -> Iterator[Problem]:
    """Every clock by class that no measure reads: nobody would know whether it was kept."""
    terms = situation.terms
    timed = {m.of for m in terms.measures.values() if m.kind in OF_ITEMS}
    for clock in terms.clocks.values():
        if clock.by_class and clock.name not in timed:
            what = f"`{clock.name}` runs by class, and no measure says how it was kept"
            why = "it is published as it stands; no statement tells whether it was late"
            hint = f"write `measure: …`, `is: elapsed`, `of: {clock.name}` and a target, if it is promised"
            yield note("not-acted-on", situation.place(clock.name, "allow"), what, why, hint)
