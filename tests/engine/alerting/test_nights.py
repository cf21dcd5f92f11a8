"""Who is told in the nights in which clocks change, while an alert goes from step to step over a hand-over."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from makegood.engine.alerting.alert import Alert, Change, Turn, take
from makegood.engine.alerting.course import advance
from makegood.engine.alerting.reaching import reached
from makegood.model.alerts import (
    Alerts,
    Channel,
    Encryption,
    Escalation,
    Layer,
    Mail,
    Override,
    Person,
    Reach,
    Rotation,
    Rule,
    Step,
    Trigger,
)
from makegood.model.spans import HOUR, MINUTE, SECOND, Instant, Span
from makegood.model.when import ClockTime


def at(text: str) -> Instant:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


HALF_PAST_TWO = ClockTime(2 * 3600 + 1800)
PEOPLE = tuple(Person(name, (Reach("mail", f"{name}@example.com"),)) for name in ("ada", "grace", "edith", "boss"))
SWAP = Override("edith", Span(at("2026-03-28T23:00"), at("2026-03-29T00:50")))
BERLIN = Rotation("primary", "Europe/Berlin", (Layer(("ada", "grace"), 1, date(2026, 3, 28), HALF_PAST_TWO),), (SWAP,))
ALERTS = Alerts(
    (Channel("mail", Mail("smtp.example.com", 587, "a@example.com", Encryption.NONE)),), PEOPLE, (BERLIN,),
    (Escalation("ops", (Step(("primary",)), Step(("boss",), 20 * MINUTE)), 20 * MINUTE),),
    (Rule("outages", Trigger.OUTAGE, "ops", wait=30 * SECOND, remind=None),),
)  # fmt: skip
"""On 29 March 2026 Berlin's clocks skip 02:00 to 03:00 (01:00 UTC); on 25 October they show 02:00 to 03:00 twice. Turns
of a day change at 02:30: on the first of these dates at 03:00, on the other when it is shown first (00:30 UTC)."""


def played(begin: Instant, until: Instant) -> list[str]:
    """What is told when, in UTC."""
    rule, escalation, told = ALERTS.rules[0], ALERTS.escalations[0], list[str]()
    change = Change("outages", "web", Turn.BEGAN, begin, begin, "acme")
    alert: Alert = take([], rule, [change], iter(["a1"])).alerts[0]
    now = begin
    while now <= until:
        found = advance(alert, rule, escalation, (), lambda names, at: reached(ALERTS, names, at), now)
        clock = datetime.fromtimestamp(now // SECOND, UTC)
        told += [f"{clock:%H:%M:%S} {r.name}" for tell in found.tells for r in tell.recipients]
        alert = found.alert
        if found.due is None:
            break
        now = found.due
    return told


CASES = [
    ("an hour before the gap the swap holds", "2026-03-29T00:00", ["00:00:30 edith", "00:20:30 boss", "00:40:30 edith",
     "00:40:30 boss"]),
    ("the swap ends, and it is still the first one's turn", "2026-03-29T00:15", ["00:15:30 edith", "00:35:30 boss",
     "00:55:30 ada", "00:55:30 boss"]),
    ("a hand-over that is skipped is at the end of the gap", "2026-03-29T00:25", ["00:25:30 edith", "00:45:30 boss",
     "01:05:30 grace", "01:05:30 boss"]),
    ("the second before it is still the one before", "2026-03-29T00:59:29", ["00:59:59 ada", "01:19:59 boss",
     "01:39:59 grace", "01:39:59 boss"]),
    ("a hand-over that is shown twice is the first", "2026-10-24T23:55", ["23:55:30 ada", "00:15:30 boss",
     "00:35:30 grace", "00:35:30 boss"]),
    ("and nobody takes over when it is shown again", "2026-10-25T01:20", ["01:20:30 grace", "01:40:30 boss",
     "02:00:30 grace", "02:00:30 boss"]),
]  # fmt: skip


@pytest.mark.parametrize(("says", "begin", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_step_tells_whoever_is_on_call_then(says: str, begin: str, expected: list[str]) -> None:
    assert played(at(begin), at(begin) + HOUR)[:4] == expected, says


def test_an_address_behind_several_names_is_told_once() -> None:
    found = reached(ALERTS, ["primary", "ada", "grace", "nobody", "mail"], at("2026-03-28T12:00"))
    assert [one.name for one in found] == ["ada", "grace"]
