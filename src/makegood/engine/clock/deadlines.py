"""The deadlines that a statement starts: of a claim, an answer, a payment (DESIGN 3.1)."""

from __future__ import annotations

from collections.abc import Iterable

from makegood.calendar.deadline import NoBusinessTime, explain_deadline_after_date
from makegood.engine.judge.case import Case
from makegood.model.statement import Deadline
from makegood.model.terms import ClockRule, Unstated
from makegood.model.when import Calendar


def deadlines(case: Case, remedies: Iterable[str]) -> tuple[Deadline, ...]:
    """The clocks of the named remedies and of the commitment; those of other events have no instant yet."""
    concerned = {*remedies, case.commitment.name}
    return tuple(
        _deadline(rule, case) for rule in case.terms.clocks.values() if rule.of in concerned and not rule.by_class
    )


def _deadline(rule: ClockRule, case: Case) -> Deadline:
    allow = rule.allow.get("")
    length = "unstated" if isinstance(allow, Unstated) else "best effort" if allow is None else str(allow)
    says = f"{rule.name.replace('-', ' ')}: {length} from {' and '.join(rule.starts)}"

    def made(late_from: int | None, arithmetic: str) -> Deadline:
        return Deadline(
            rule.name,
            rule.clause,
            says,
            rule.duty_of,
            late_from,
            arithmetic,
            rule.strength,
            rule.requires,
            (*rule.tells, *rule.via),
        )

    if allow is None:
        return made(None, "best effort: no deadline")
    if isinstance(allow, Unstated):
        return made(None, f"unstated: {allow.what}")
    if rule.starts != ("end of period",):
        return made(None, f"{allow} counted from {' and '.join(rule.starts)}")
    calendar = case.calendar(rule.calendar) or Calendar("period", case.period.zone)
    try:
        due = explain_deadline_after_date(case.period.last, allow, calendar)
    except NoBusinessTime as none:
        return made(None, str(none))
    return made(due.value, due.arithmetic)
