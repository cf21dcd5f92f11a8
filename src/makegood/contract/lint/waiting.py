"""Rules and keys that are read and checked, and that nothing acts on yet: better said than found out."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.ground import Situation
from makegood.model.problem import Problem, note
from makegood.model.terms import Each, MeasureKind

_WHY = "it is typed and checked; statements do not use it yet"
_LATER = "leave it as it is: it says what was agreed"


def waiting_findings(situation: Situation) -> Iterator[Problem]:
    """Every rule or key of a situation that changes no statement."""
    terms = situation.terms
    for clock in terms.clocks.values():
        if clock.by_class:
            what = f"`{clock.name}` runs by class, and nothing measures tickets yet"
            yield note("not-acted-on", situation.place(clock.name, "allow"), what, _WHY, _LATER)
    for measure in terms.measures.values():
        if measure.kind is not MeasureKind.RATIO:
            what = f"`{measure.name}` measures {measure.kind.value}, and nothing judges that yet"
            yield note("not-acted-on", situation.place(measure.name, "is"), what, _WHY, _LATER)
    for commitment in terms.commitments.values():
        if commitment.scope.each is Each.INSTANCE:
            what = f"`{commitment.name}` is judged for each service, not for each instance"
            yield note("not-acted-on", situation.place(commitment.name, "each"), what, _WHY, "write `each: service`")
    for name, remedy in terms.remedies.items():
        if remedy.automatic:
            what = f"`{name}` is paid without a claim, and nothing pays yet"
            yield note("not-acted-on", situation.place(name, "automatic"), what, _WHY, _LATER)
