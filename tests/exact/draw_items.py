"""Tickets with what happened to them, and promises about them: in time, a share in time, how long, how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from makegood.model.facts import Item, ItemKind
from makegood.model.order import Order
from makegood.model.spans import Span
from makegood.model.terms import Allowed, ClassRow, ClassRule, ClockRule, Each, MeasureKind, MeasureRule, Unstated
from makegood.model.when import Allowance, DayCount
from tests.exact.dice import Dice
from tests.exact.draw_rules import CLAUSE
from tests.exact.setting import Setting
from tests.exact.stage import TICK

HALF_HOUR = 30 * TICK
WAITING = "waiting"
LABELS = ("urgent", "normal")


def severity(dice: Dice) -> ClassRule:
    """Urgent by its impact, else normal; one without an impact is in neither, unless it is put there later."""
    rows = (ClassRow("urgent", {"impact": ("high",)}), ClassRow("normal", {"impact": ("low", "middle")}))
    return ClassRule("severity", CLAUSE, rows, dice.one(("first", "last", "highest")))


def clock(dice: Dice, s: Setting) -> ClockRule:
    """For an answer: of hours, of business hours, or of days; for all tickets, or by their class."""
    starts = dice.by((0.7, ("received",)), (0.3, ("received", "confirmed")))
    allow: dict[str, Allowed] = {"": _allowed(dice, s)}
    by_class = dice.chance(0.4)
    if by_class:
        allow = {label: _allowed(dice, s) for label in LABELS}
        if dice.chance(0.4):
            allow["otherwise"] = dice.by((0.7, _allowed(dice, s)), (0.3, None))
    return ClockRule(
        "answer",
        CLAUSE,
        starts,
        allow,
        by_class="severity" if by_class else "",
        calendar=_calendar(dice, allow),
        pauses=(WAITING,) if dice.chance(0.5) else (),
        stops=dice.by((0.7, "answered"), (0.3, "answered or closed")),
        earliest=dice.chance(0.3),
    )


def _calendar(dice: Dice, allow: dict[str, Allowed]) -> str:
    in_business = any(isinstance(a, Allowance) and a.unit.value.startswith("business") for a in allow.values())
    return "office" if in_business else dice.one(("office", "local", ""))


def _allowed(dice: Dice, s: Setting) -> Allowed:
    if dice.chance(0.06):
        return dice.one((None, Unstated(CLAUSE, "it")))
    unit = dice.one((DayCount.ELAPSED, DayCount.BUSINESS_TIME, DayCount.DAYS, DayCount.BUSINESS_DAYS))
    if unit in (DayCount.DAYS, DayCount.BUSINESS_DAYS):
        s.lengths += [1440, 2880]
        return Allowance(dice.between(0, 2), unit)
    halves = dice.between(0, 20)
    s.lengths += [halves * 30] * 2
    return Allowance(halves * HALF_HOUR, unit)


def measure(dice: Dice) -> MeasureRule:
    """Of a clock, or how many tickets there are, now and then of one class only."""
    kind = dice.by(
        (0.4, MeasureKind.IN_TIME), (0.2, MeasureKind.MEAN_ELAPSED), (0.25, MeasureKind.ELAPSED),
        (0.15, MeasureKind.COUNT),
    )  # fmt: skip
    where: Mapping[str, tuple[str, ...]] = dice.by(
        (0.7, {}), (0.15, {"severity": ("urgent",)}), (0.15, {"impact": ("low", "high")})
    )
    rounding = dice.one((None, 0, 1)) if kind is MeasureKind.IN_TIME else None
    of = "" if kind is MeasureKind.COUNT else "answer"
    items = ItemKind.TICKET if kind is MeasureKind.COUNT or dice.chance(0.5) else None
    return MeasureRule("share", CLAUSE, kind, of, rounding=rounding, items=items, where=where)


def scope_of(dice: Dice, rule: MeasureRule) -> Each:
    if rule.kind is MeasureKind.ELAPSED:
        return Each.TICKET
    return dice.by((0.5, Each.SERVICE), (0.5, Each.ORDER))


def items(dice: Dice, s: Setting, order: Order, rule: ClockRule) -> tuple[Item, ...]:
    """Around the period; answered about when they have to be, or not yet when the question is asked."""
    found = [_item(dice, s, order, rule, n) for n in range(dice.by((0.1, 0), (0.5, dice.between(1, 4)), (0.4, 6)))]
    return tuple(item for item in found if item.events)


def _item(dice: Dice, s: Setting, order: Order, rule: ClockRule, n: int) -> Item:
    at = s.tick(dice)
    happened = [("received", at)]
    if dice.chance(0.8):
        happened.append(("confirmed", at + dice.one((0, 1, 30, -30, 200))))
    states = [(WAITING, *pair) for pair in _waiting(dice, s, at)]
    if dice.chance(0.85):
        happened.append(("answered", _answered(dice, s, rule, happened)))
    if dice.chance(0.3):
        happened.append(("closed", at + s.length(dice)))
    known = [(name, s.stage.instant(when)) for name, when in happened if when <= s.as_of]
    spans = [(name, s.stage.instant(low), s.stage.instant(high)) for name, low, high in states if low <= s.as_of]
    if dice.chance(0.15):
        put = at + dice.between(-10, 300)
        if put <= s.as_of:
            spans.append((dice.one(LABELS), s.stage.instant(put), s.stage.instant(put + 60)))
    kind = ItemKind.TICKET if dice.chance(0.95) else ItemKind.INCIDENT
    impact = dice.by((0.4, "high"), (0.4, "low"), (0.2, ""))
    return Item(
        f"ticket-{n}", 0, "desk", "", kind,
        service="" if dice.chance(0.3) else dice.one(order.services).name,
        order=dice.by((0.6, ""), (0.35, order.id), (0.05, "another")),
        facts=(("impact", impact),) if impact else (),
        events=tuple(known), states=tuple((name, Span(low, high)) for name, low, high in spans),
    )  # fmt: skip


def _waiting(dice: Dice, s: Setting, at: int) -> Iterator[tuple[int, int]]:
    """Half of them begin about when a date does, and with it a deadline in days ends."""
    midnights = [low for low, _ in s.face.dates.values() if at < low < at + 4 * 1440]
    for _ in range(dice.by((0.5, 0), (0.3, 1), (0.2, 2))):
        begin = at + dice.between(-60, 1500)
        if midnights and dice.chance(0.5):
            begin = dice.one(midnights) + dice.one((-1, 0, 1))
        yield begin, begin + dice.by((0.5, dice.between(1, 120)), (0.5, dice.between(60, 1500)))


def _answered(dice: Dice, s: Setting, rule: ClockRule, happened: list[tuple[str, int]]) -> int:
    """Often about when an allowance of hours ends, or a date does."""
    start = max(when for name, when in happened if name in rule.starts) if happened else 0
    allowed = [a.count // TICK for a in rule.allow.values() if isinstance(a, Allowance) and a.unit is DayCount.ELAPSED]
    if allowed and dice.chance(0.5):
        return start + dice.one(allowed) + dice.one((-1, 0, 1))
    midnights = [low for low, _ in s.face.dates.values() if start < low < start + 4 * 1440]
    if midnights and dice.chance(0.4):
        return dice.one(midnights) + dice.one((-1, 0, 1))
    return start + s.length(dice)
