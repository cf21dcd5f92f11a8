"""What was heard of a heartbeat in each of its slots: a pure function of the pings and of when the hub was there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from makegood.model.checks import Check, HeartbeatProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import Duration, Span, Spans
from makegood.store.pings import Ping, PingKind

TELLS = (PingKind.SUCCESS, PingKind.FAIL)
"""The kinds of pings that say how a job went; that it began, or what it logged, says nothing of that."""


def heard(check: Check, slots: range, pings: Sequence[Ping], present: Spans) -> list[Result]:
    """The result of each slot, begun with it.

    `pings` are those to the check from the start of the first slot until the grace after the last one is over, in
    order; `present` is when the hub was there to be told. A failure told in a slot makes it down; else a success told
    in it or within the grace after it makes it up. Where nothing was told, it is down when the hub was there all the
    time in which it might have been, and unknown otherwise: nobody is charged for our own absence.
    """
    assert isinstance(check.probe, HeartbeatProbe)
    told = [one for one in pings if one.kind in TELLS]
    at = [one.at for one in told]
    away = Spans([Span(slots[0] * check.every, slots[-1] * check.every + check.every + check.probe.grace)]) - present
    return [_result(check, slot, check.probe.grace, told, at, away) for slot in slots]


def _result(check: Check, slot: int, grace: Duration, told: Sequence[Ping], at: Sequence[int], away: Spans) -> Result:
    start = slot * check.every
    end = start + check.every
    inside = told[bisect_left(at, start) : bisect_left(at, end)]
    failure = next((one for one in inside if one.kind is PingKind.FAIL), None)
    if failure is not None:
        return Result(start, Reason.TOLD, failure.code or 0, total=_took(failure))
    until = bisect_left(at, end + grace)
    success = next((one for one in told[bisect_left(at, start) : until] if one.kind is PingKind.SUCCESS), None)
    if success is not None:
        return Result(start, Reason.OK, total=_took(success))
    return Result(start, Reason.AWAY if len(away.within(Span(start, end + grace))) else Reason.MISSED)


def _took(one: Ping) -> Duration:
    return UNTIMED if one.took is None else one.took
