"""A question drawn from one seed: rules first, then facts that aim at them, then targets at what came out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from makegood.model.facts import Facts
from makegood.model.money import Money
from makegood.model.order import Charge, CoveredService, Fee, Invoice, Order, Said, Term
from makegood.model.terms import OF_INTERVALS, Combined, Commitment, Each, Scope, Strength, Terms
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, PeriodRule
from tests.exact import draw_items, draw_measured, draw_money, draw_rules
from tests.exact.dice import Dice
from tests.exact.draw_facts import facts, standings
from tests.exact.draw_rules import CLAUSE
from tests.exact.edges import Edges
from tests.exact.oracle import Oracle
from tests.exact.question import Question
from tests.exact.setting import BEFORE, Setting, setting

SERVICES = ("web", "mail", "files")
OUTAGES, MEASUREMENTS, TICKETS = "outages", "measurements", "tickets"
FAMILIES = (*[OUTAGES] * 8, TICKETS, MEASUREMENTS)
"""Of what the figures of a pair are, by the last figure of its number."""
NO_TARGET = Threshold(Side.AT_LEAST, Fraction(1))


def drawn(seed: int, edges: Edges | None = None) -> tuple[Question, Oracle]:
    """The question of a seed, and the oracle that already knows the times of it."""
    dice = Dice(seed)
    s = setting(dice)
    sale = _order(dice, s)
    terms = _rules(dice, s, sale, FAMILIES[seed % len(FAMILIES)])
    evidence = _evidence(dice, s, sale, terms)
    q = Question(seed, s.stage, terms, sale, evidence, s.stage.instant(s.as_of), s.label, s.day)
    oracle = Oracle(q, edges or Edges())
    q = replace(q, terms=draw_money.consequences(dice, s, q, oracle))
    if any(r.requires_standing for r in q.terms.remedies.values()):
        q = replace(q, facts=replace(evidence, standings=standings(dice, s, sale)))
    return q, oracle.asked(q)


def _rules(dice: Dice, s: Setting, sale: Order, of: str) -> Terms:
    """All rules of time, and commitments whose targets are still to come."""
    calendars, periods = draw_rules.calendars(dice, s), draw_rules.periods(s)
    if of == MEASUREMENTS:
        return _of_measurements(dice, s, sale, calendars, periods)
    if of == TICKETS:
        return _of_tickets(dice, s, calendars, periods)
    measures = {"share": draw_rules.measure(dice, s)}
    commitments = [_commitment(dice, "uptime", "share")]
    if dice.chance(0.15):
        if dice.chance(0.5):
            measures["other-share"] = draw_rules.measure(dice, s, "other-share")
        commitments.append(_commitment(dice, "second", list(measures)[-1]))
    outage = draw_rules.outage(dice, s)
    detect = draw_rules.detect(dice, s)
    rules = draw_rules.excludes(dice, s, tuple(c.name for c in commitments))
    limits = draw_rules.time_limits(dice, s, rules, sale.term.first >= s.stage.first + timedelta(days=BEFORE))
    return Terms(
        "drawn", "A drawn agreement", "1", date(2020, 1, 1), "Provider", dict(calendars), periods, {},
        {"detect": detect}, {"downtime": outage}, measures, {c.name: c for c in commitments}, rules, limits,
    )  # fmt: skip


def _of_measurements(
    dice: Dice, s: Setting, sale: Order, calendars: dict[str, Calendar], periods: dict[str, PeriodRule]
) -> Terms:
    """The same for figures of measured intervals, which know no outages."""
    commitment = _commitment(dice, "uptime", "share")
    commitment = replace(commitment, scope=replace(commitment.scope, combined=Combined.ANY, weight=""))
    rules = draw_rules.excludes(dice, s, ("uptime",))
    limits = draw_rules.time_limits(dice, s, rules, sale.term.first >= s.stage.first + timedelta(days=BEFORE))
    return Terms(
        "drawn", "A drawn agreement", "1", date(2020, 1, 1), "Provider", dict(calendars), periods, {}, {}, {},
        {"share": draw_measured.measure(dice, s, "share")}, {"uptime": commitment}, rules, limits,
    )  # fmt: skip


def _of_tickets(dice: Dice, s: Setting, calendars: dict[str, Calendar], periods: dict[str, PeriodRule]) -> Terms:
    """The same for what becomes of tickets."""
    measure, clock = draw_items.measure(dice), draw_items.clock(dice, s)
    commitment = _commitment(dice, "uptime", "share")
    scope = replace(commitment.scope, each=draw_items.scope_of(dice, measure), combined=Combined.ANY, weight="")
    severity = draw_items.severity(dice)
    return Terms(
        "drawn", "A drawn agreement", "1", date(2020, 1, 1), "Provider", dict(calendars), periods,
        {}, {}, {}, {"share": measure}, {"uptime": replace(commitment, scope=scope)},
        classes={"severity": severity}, clocks={"answer": clock},
    )  # fmt: skip


def _evidence(dice: Dice, s: Setting, sale: Order, terms: Terms) -> Facts:
    known = facts(dice, s, sale, next(iter(terms.detects.values()), None), terms.excludes)
    if "answer" in terms.clocks:
        return replace(known, items=draw_items.items(dice, s, sale, terms.clocks["answer"]))
    for measure in terms.measures.values():
        if measure.kind in OF_INTERVALS:
            return replace(known, measurements=draw_measured.measurements(dice, s, sale, measure))
    return known


def _commitment(dice: Dice, name: str, measure: str) -> Commitment:
    weight = ""
    combined = dice.by(
        (0.7, Combined.ANY), (0.1, Combined.ALL), (0.1, Combined.AT_LEAST), (0.05, Combined.POOLED),
        (0.05, Combined.WEIGHTED),
    )  # fmt: skip
    if combined is Combined.WEIGHTED:
        weight = "seats"
    scope = Scope(
        dice.by((0.6, Each.SERVICE), (0.3, Each.ORDER), (0.1, Each.INSTANCE)),
        ("beta",) if dice.chance(0.1) else (),
        ("production",) if dice.chance(0.1) else (),
        combined=combined,
        k=dice.between(1, 3),
        weight=weight,
    )
    strength = dice.by((0.85, Strength.PROMISE), (0.08, Strength.EFFORTS), (0.07, Strength.AIM))
    return Commitment(name, CLAUSE, scope, "period", measure, NO_TARGET, strength)


def _order(dice: Dice, s: Setting) -> Order:
    """One to three services; the term, and their own dates, sometimes begin or end inside the period."""
    many = dice.by((0.75, 1), (0.19, 2), (0.06, 3))
    sold = tuple(_service(dice, s, name) for name in SERVICES[:many])
    if many > 1 and dice.chance(0.3):
        sold = (*sold[:-1], replace(sold[-1], part_of=sold[0].name))
    first, last = s.stage.first + timedelta(days=BEFORE), s.stage.first + timedelta(days=400)
    if dice.chance(0.12):
        first = _near(dice, s)
    if dice.chance(0.12):
        last = max(first, _near(dice, s))
    if dice.chance(0.2):
        first -= timedelta(days=dice.between(1, 300))
    renewal = Term(last + timedelta(days=1), last + timedelta(days=dice.one((31, 365, 366))))
    zone = s.stage.zone if dice.chance(0.9) else "UTC"
    for edge in (first, last + timedelta(days=1)):
        if edge in s.stage.face(zone).dates:
            s.marks.append(s.stage.face(zone).dates[edge][0])
    return Order(
        "order", "drawn", "Customer", "Provider", zone, Term(first, last), sold,
        renewals=(renewal,) if dice.chance(0.9) else (), contacts=("ops", "boss") if dice.chance(0.9) else (),
        invoices=tuple(Invoice(f"I-{n}", _after(dice, s), _cents(dice)) for n in range(dice.between(0, 2))),
    )  # fmt: skip


def _near(dice: Dice, s: Setting) -> date:
    return s.dates[0] + timedelta(days=dice.between(-1, (s.dates[1] - s.dates[0]).days + 1))


def _after(dice: Dice, s: Setting) -> date:
    return s.dates[1] + timedelta(days=dice.between(-1, 3))


def _service(dice: Dice, s: Setting, name: str) -> CoveredService:
    per = dice.by((0.6, "month"), (0.1, "quarter"), (0.15, "year"), (0.15, "term"))
    fees = [Fee(_cents(dice), per, date(2020, 1, 1))]
    if dice.chance(0.2):
        fees.append(Fee(_cents(dice), dice.one(("month", "year")), _near(dice, s)))
    checks = tuple(f"{name}-{n}" for n in range(dice.by((0.75, 1), (0.25, 2))))
    return CoveredService(
        name, name, checks, tuple(fees), dice.by((0.9, "general"), (0.1, "beta")),
        dice.by((0.9, "production"), (0.1, "sandbox")),
        _near(dice, s) if dice.chance(0.06) else None, _near(dice, s) if dice.chance(0.06) else None,
        says=(Said("seats", ((None, str(dice.between(1, 9))),)),) if dice.chance(0.6) else (),
        charges=tuple(Charge("set-up", _near(dice, s), _cents(dice)) for _ in range(dice.by((0.7, 0), (0.3, 1)))),
    )  # fmt: skip


def _cents(dice: Dice) -> Money:
    return Money(Fraction(dice.between(1, 200_000)), "USD")
