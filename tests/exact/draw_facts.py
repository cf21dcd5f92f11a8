"""Random facts that aim at the edges of a question's rules: what was reported or probed, announced, told and caused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from makegood.model.facts import (
    DOWN,
    UNKNOWN,
    UP,
    Cause,
    Facts,
    Judgement,
    Maintenance,
    Notice,
    Results,
    Retraction,
    Standing,
    States,
)  # fmt: skip
from makegood.model.order import Order
from makegood.model.spans import Span, Times
from makegood.model.terms import DetectRule, EvidenceKind, ExcludeRule, Gate, GateKind
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, DayCount
from tests.exact.dice import Dice
from tests.exact.setting import Setting
from tests.exact.stage import TICK

MARGIN = 3 * 1440
"""How many ticks of a stage's begin hold no facts, so that nothing reaches over its edge."""


def facts(dice: Dice, s: Setting, order: Order, detect: DetectRule | None, rules: tuple[ExcludeRule, ...]) -> Facts:
    works = [_work(dice, s, order, n) for n in range(dice.by((0.25, 0), (0.4, 1), (0.2, 2), (0.15, 3)))]
    gates = [g for r in rules for g in (*r.gates, *r.expect)]
    notices = [n for w in works for n in _notices(dice, s, w, order, gates)]
    causes = [_cause(dice, s, order, n) for n in range(dice.by((0.5, 0), (0.35, 1), (0.15, 2)))]
    judgements = _judgements(dice, s, works) if any(g.effort for g in gates) else ()
    made: dict[str, Any] = {"maintenances": tuple(works), "notices": tuple(notices), "causes": tuple(causes)}
    if dice.chance(0.1) and (works or causes or notices):
        made |= _corrected(dice, s, made)
    results, states = {}, {}
    if detect is None:
        return Facts(**made, judgements=tuple(judgements))
    if detect.evidence is EvidenceKind.OBSERVATIONS:
        for service in order.services:
            for check in service.checks:
                if not dice.chance(0.04):
                    results[check] = _results(dice, s, check, detect)
    else:
        for service in order.services:
            sources = dice.by((0.05, 0), (0.75, 1), (0.2, 2))
            states[service.name] = tuple(_states(dice, s, service.name, f"log {n}", detect) for n in range(sources))
    return Facts(**made, judgements=tuple(judgements), results=results, states=states)


def standings(dice: Dice, s: Setting, order: Order) -> tuple[Standing, ...]:
    """Overdue around the instant of the question, or the begin or end of the period; or never."""
    if not dice.chance(0.5):
        return ()
    near = dice.by((0.4, s.as_of), (0.3, s.start), (0.3, s.end))
    a, b = near + dice.one((-5000, -2, -1, 0, 1)), near + dice.one((-2, -1, 0, 1, 5000))
    whose = order.id if dice.chance(0.9) else "another"
    span = Span(s.stage.instant(min(a, b)), s.stage.instant(max(a, b)))
    return (Standing("standing", 0, "finance", order=whose, span=span, standing="overdue"),)


def _recorded(dice: Dice, s: Setting) -> int:
    """Nearly always known long before the question; else about when it is asked."""
    return s.stage.instant(s.as_of + dice.one((-1, 0, 1))) if dice.chance(0.05) else 0


def _announced(dice: Dice, s: Setting) -> Span:
    start = s.tick(dice)
    return Span(s.stage.instant(start), s.stage.instant(start + s.length(dice)))


def _work(dice: Dice, s: Setting, order: Order, n: int) -> Maintenance:
    names = tuple(service.name for service in order.services)
    span = _announced(dice, s)
    s.marks += [s.stage.tick(span.start), s.stage.tick(span.end)] * 2
    return Maintenance(
        f"work-{n}", _recorded(dice, s), "provider", "", dice.some(names, 1, 2), span,
        dice.one(("a", "A", "b")), dice.one(("upgrade", "repair", "")),
    )  # fmt: skip


def _notices(dice: Dice, s: Setting, work: Maintenance, order: Order, gates: list[Gate]) -> Iterator[Notice]:
    wanted = [g for g in gates if g.kind is GateKind.NOTICE]
    for contact in ("ops", "boss"):
        for n in range(dice.by((0.06, 0), (0.84, 1), (0.1, 2))):
            accepted = None if dice.chance(0.05) else _accepted(dice, s, work, dice.one(wanted) if wanted else None)
            whose = dice.by((0.5, ""), (0.46, order.id), (0.04, "another"))
            via = dice.by((0.7, "email"), (0.3, "text"))
            name = f"{work.id}-to-{contact}-{n}"
            yield Notice(name, _recorded(dice, s), "mail", "", work.id, contact, via, accepted, whose)


def _accepted(dice: Dice, s: Setting, work: Maintenance, gate: Gate | None) -> int:
    """Around what a gate asks for, or at any time before."""
    start = s.stage.tick(work.announced.start)
    ahead = dice.between(-60, 6_000)
    if gate is not None and dice.chance(0.6):
        if isinstance(gate.notice, Threshold):
            ahead = int(gate.notice.edge) // TICK + dice.one((-1, 0, 1))
        elif isinstance(gate.notice, Allowance) and gate.notice.unit is not DayCount.BUSINESS_TIME:
            day = s.face.date_of(start) - timedelta(days=gate.notice.count + dice.one((0, 1, 1, 2)))
            if day in s.face.dates:
                low, high = s.face.dates[day]
                ahead = start - dice.one((low, high - 1, dice.between(low, high - 1)))
    elif dice.chance(0.1):
        ahead = dice.one((-1, 0, 1))
    return s.stage.instant(max(MARGIN // 3, start - ahead))


def _cause(dice: Dice, s: Setting, order: Order, n: int) -> Cause:
    return Cause(
        f"cause-{n}", _recorded(dice, s), "provider", "", dice.one(order.services).name, _announced(dice, s),
        dice.by((0.6, "client"), (0.3, "storm"), (0.1, "else")), dice.one(("ticket", "mail", "", "word")),
        dice.by((0.8, ""), (0.2, "provider")),
    )  # fmt: skip


def _judgements(dice: Dice, s: Setting, works: list[Maintenance]) -> Iterator[Judgement]:
    for work in works:
        for n in range(dice.between(0, 2)):
            recorded = dice.by((0.6, n * TICK), (0.4, s.stage.instant(s.as_of + dice.one((-1, 0, 1)))))
            yield Judgement(f"{work.id}-judged-{n}", recorded, "Ann", "", work.id, "notice", dice.chance(0.6))


def _corrected(dice: Dice, s: Setting, made: dict[str, Any]) -> dict[str, Any]:
    """One record superseded, about when the question is asked: by another version of it, or by nothing."""
    group = dice.one([name for name in ("maintenances", "notices", "causes") if made[name]])
    old = dice.one(made[group])
    recorded = s.stage.instant(s.as_of + dice.one((-1, 0, 1)))
    if group != "maintenances" or dice.chance(0.3):
        return {"retractions": (Retraction("gone", recorded, "provider", old.id),)}
    new = Maintenance("moved", recorded, "provider", old.id, old.services, _announced(dice, s), old.kind, old.purpose)
    return {"maintenances": (*made["maintenances"], new)}


def _states(dice: Dice, s: Setting, name: str, source: str, detect: DetectRule) -> States:
    """Up and down by turns, aimed at what rules name; told until after the question, or believed until about then."""
    starts = sorted(s.tick(dice) for _ in range(dice.by((0.1, 0), (0.4, 1), (0.3, 2), (0.2, dice.between(3, 5)))))
    rows: list[tuple[int, int, int]] = [(MARGIN if dice.chance(0.8) else s.tick(dice), 0, UP)]
    for start in starts:
        end = start + s.length(dice)
        rows.append((start, dice.by((0.85, 0), (0.15, dice.between(1, 3))), dice.by((0.9, DOWN), (0.1, UNKNOWN))))
        rows.append((end, dice.by((0.85, 0), (0.15, dice.between(1, 3))), dice.by((0.95, UP), (0.05, UNKNOWN))))
    if dice.chance(0.85):
        rows.append((s.stage.ticks - 1440, 0, UP))
    elif detect.holds:
        until = dice.one((s.as_of, s.end)) + dice.one((-1, 0, 1))
        rows.append((until - detect.holds // TICK, 0, dice.by((0.8, UP), (0.2, DOWN))))
    table: list[tuple[int, int, int]] = []
    for when, early, outcome in sorted(rows):
        if not table or when > table[-1][0]:
            table.append((when, max(when - early, table[-1][0] if table else when), outcome))
    at = np.array([s.stage.instant(row[0]) for row in table], dtype=np.int64)
    earliest = np.array([s.stage.instant(row[1]) for row in table], dtype=np.int64)
    recorded = at.copy()
    if dice.chance(0.04):
        _known_late(dice, s, recorded)
    return States(name, source, at, earliest, np.array([row[2] for row in table], dtype=np.int8), recorded)


def _known_late(dice: Dice, s: Setting, recorded: Times) -> None:
    """What was told from some row on became known only about when the question is asked."""
    first, late = dice.between(0, len(recorded) - 1), s.stage.instant(s.as_of + dice.one((-1, 0, 1)))
    recorded[first:] = np.maximum(recorded[first:], late)


def _results(dice: Dice, s: Setting, check: str, detect: DetectRule) -> Results:
    """Slots around the period; streaks of failures and of nothing seen, some at all locations at once."""
    width = detect.every // TICK
    before, after = dice.between(0, 8), dice.between(0, 8)
    first = (s.stage.origin + s.start) // width - before
    slots = (s.end - s.start) // width + 1 + before + after
    locations = dice.by((0.3, 1), (0.3, 2), (0.3, 3), (0.1, 4))
    said = [[UP] * slots for _ in range(locations)]
    for _ in range(dice.between(0, 4)):
        at, long = dice.between(0, slots - 1), dice.between(1, 6)
        outcome = dice.by((0.75, DOWN), (0.15, UNKNOWN), (0.1, -1))
        for line in said:
            if dice.chance(0.75):
                late = dice.one((0, 0, 0, 1, -1))
                for n in range(max(0, at + late), min(slots, at + late + long)):
                    line[n] = outcome
    for line in said:
        if dice.chance(0.1):
            line[: dice.between(1, slots // 2)] = [-1] * dice.between(1, slots // 2)
        for _ in range(dice.between(0, 2)):
            line[dice.between(0, len(line) - 1)] = dice.one((-1, UNKNOWN, DOWN))
    rows = [
        ((first + n) * detect.every, place, outcome)
        for place, line in enumerate(said)
        for n, outcome in enumerate(line)
        if outcome >= 0
    ] or [(first * detect.every, 0, UP)]
    for _ in range(dice.between(0, 2)):
        slot, place, outcome = dice.one(rows)
        rows.append((slot + dice.one((0, detect.every - TICK)), place, dice.one((outcome, UP, DOWN))))
    table = np.array(rows, dtype=np.int64)
    begun = table[:, 0] + dice.one((0, 0, (width - 1) * TICK))
    recorded = begun.copy()
    if dice.chance(0.05):
        _known_late(dice, s, recorded)
    names = tuple(f"L{n}" for n in range(locations))
    return Results(check, names, begun, table[:, 1].astype(np.int16), table[:, 2].astype(np.int8), recorded)
