"""What is judged, as texts: so that any of them can be changed and judged again, each text read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from itertools import cycle, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from makegood.app.judging import Docket, judge, open_docket
from makegood.contract.binding import variants
from makegood.contract.numbers import Wrong
from makegood.engine.remedy.amounts import Missing, row_node
from makegood.exchange.facts import read_facts
from makegood.exchange.moments import read_moment
from makegood.model.facts import (
    DOWN,
    AnyFact,
    Cause,
    Facts,
    Item,
    Judgement,
    Maintenance,
    Measurements,
    Notice,
    Results,
    Retraction,
    Standing,
    States,
)  # fmt: skip
from makegood.model.problem import Problem, Refused, Severity
from makegood.model.spans import Instant
from makegood.model.statement import Answer, Figures, Statement
from makegood.model.terms import Counts, ScaleRule
from makegood.model.trace import Kind, Op, leaf
from makegood.store.folder import read_folder
from tests.cases import measured
from tests.cases.judging import asked, write_versions
from tests.cases.reading import CASES, Section
from tests.cases.watched import expand

BY_KIND: Mapping[str, type[AnyFact]] = {
    "maintenances": Maintenance,
    "notices": Notice,
    "causes": Cause,
    "judgements": Judgement,
    "standings": Standing,
    "retractions": Retraction,
    "items": Item,
}


class Seen(Enum):
    """What is seen of the services: what the case says, that they failed throughout, that a thousand times as
    much was measured, or nothing."""

    AS_WATCHED = "as watched"
    FAILING = "failing"
    MORE = "a thousand times as much measured"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Ask:
    """The texts of one docket, and the periods asked for, each as of an instant.

    An agreement has a text for each version; `log` is a status log in CSV.
    """

    agreement: tuple[str, ...]
    order: str
    facts: str = ""
    watched: str = ""
    measured: str = ""
    log: str = ""
    seen: Seen = Seen.AS_WATCHED
    periods: tuple[tuple[str, Instant], ...] = ()


def ask_of(section: Section) -> Ask:
    b = section.blocks
    return Ask(
        section.versions(),
        section.order(),
        b.get("facts", ""),
        b.get("watched", ""),
        b.get("measured", ""),
        periods=(_judged(b["judged"]),),
    )


@lru_cache(64)
def _judged(text: str) -> tuple[str, Instant]:
    return asked(Section(CASES, "", {"judged": (text,)}))


def differs(a: Ask, b: Ask, explain: bool) -> bool:
    """Whether two dockets show other figures, due times or verdicts; one that is refused shows nothing."""
    try:
        return shown(a, explain) != shown(b, explain)
    except Refused as refused:
        # What is written twice cannot be changed alone: a number of a reading, among the alternatives and as the chosen
        # one, and the date at which a term ends and its renewal begins.
        return any(p.code in ("unknown-alternative", "terms-overlap", "terms-apart") for p in refused.problems)
    except ValueError:
        return False


@lru_cache(1_024)
def shown(ask: Ask, explain: bool) -> tuple[object, ...]:
    """All figures of every period. Raises Refused and ValueError for texts that cannot be read or judged."""
    found: list[object] = []
    for label, as_of in ask.periods:
        try:
            found.append(_figures_of(judge(_docket(ask), label, as_of, explain)))
        except Refused as refused:
            codes = {p.code for p in refused.problems}
            if not codes <= {"future-period", "outside-term"}:
                raise
            found.append(codes)
    return tuple(found)


def _figures_of(answer: Answer) -> tuple[object, ...]:
    return *(figures(s) for s in answer.statements), *(n.what for n in answer.not_applicable)


def figures(s: Statement) -> tuple[object, ...]:
    """What a statement says in figures, due times and verdicts, and nothing of its words."""
    excuses = tuple(
        (e.item, e.granted, e.asked, e.excused, tuple((g.holds, g.found, g.short_by) for g in e.gates))
        for e in s.excuses
    )
    dues = tuple((d.clock, d.late_from) for d in s.deadlines)
    prices = tuple(
        (p.verdict, p.amount, p.late_from and tuple(p.late_from.items())) for r in s.readings for p in r.prices
    )
    changes = tuple((c.size, c.verdict, c.amount) for c in s.smallest)
    covenants = tuple((g.holds, g.found) for g in s.expected)
    runs = (_run(s.favourable), _run(s.unfavourable))
    c = s.classes
    time = tuple(part.total for part in (c.outside, c.excused, c.down, c.unknown, c.up, c.brief))
    return (
        s.subject,
        s.version,
        s.verdict,
        s.amount,
        s.life,
        *runs,
        time,
        s.coverage,
        excuses,
        dues,
        prices,
        changes,
        covenants,
    )


def _run(f: Figures) -> tuple[object, ...]:
    rights = tuple((r.given, r.why.partition(" counted")[0]) for r in f.rights)
    lines = tuple((x.remedy, x.part, x.money, x.days, x.cut_by, bool(x.unstated), bool(x.withheld)) for x in f.lines)
    parts = (f.verdict, f.ratio, f.numerator, f.denominator, f.covered, f.down, f.excused_up, f.excused_out)
    return (*parts, lines, rights)


def _docket(ask: Ask) -> Docket:
    """What `open_docket` makes of files."""
    results, states = _evidence(ask.watched)
    told = {**states, **_logged(ask.log)}
    facts = replace(_facts(ask.facts), results=results, states=told, measurements=_measured(ask.measured))
    if ask.seen is Seen.NOTHING:
        facts = replace(facts, results={}, states={}, measurements={})
    if ask.seen is Seen.FAILING:
        facts = _failing(facts)
    if ask.seen is Seen.MORE:
        facts = replace(facts, measurements=_times(facts.measurements, 1_000))
    return replace(_bound(ask.agreement, ask.order), facts=facts)


def _failing(facts: Facts) -> Facts:
    """The same evidence, of which every part says that it failed."""
    return replace(
        facts,
        results={name: replace(r, outcome=np.full_like(r.outcome, DOWN)) for name, r in facts.results.items()},
        states={
            name: tuple(replace(s, outcome=np.full_like(s.outcome, DOWN)) for s in sources)
            for name, sources in facts.states.items()
        },
        measurements=_times(facts.measurements, 0),
    )


def _times(made: Mapping[str, tuple[Measurements, ...]], factor: int) -> dict[str, tuple[Measurements, ...]]:
    """The same intervals, of which each quantity is so many times as much."""
    return {
        name: tuple(
            replace(m, quantities={word: replace(q, values=q.values * factor) for word, q in m.quantities.items()})
            for m in sources
        )
        for name, sources in made.items()
    }


def tables_differ(a: Ask, b: Ask) -> bool:
    """Whether a table of one agreement, under any reading, gives something else for some value than that of the other.

    They are asked at every edge of both and between them, where what is changed is a row.
    """
    lines = ((x, y) for s, t in zip(a.agreement, b.agreement, strict=True) for x, y in _lines(s, t))
    if not any(x != y and ("when" in x or "gives" in x) for x, y in lines):
        return False
    try:
        mine, others = _tables(a.agreement, a.order), _tables(b.agreement, b.order)
    except (Refused, ValueError):
        return False
    return any(
        _given(table, value) != _given(others[name], value)
        for name, table in mine.items()
        if name in others
        for value in _values(table, others[name])
    )


def _lines(a: str, b: str) -> Iterator[tuple[str, str]]:
    return zip(a.split("\n"), b.split("\n"), strict=True)


@lru_cache(128)
def _tables(agreement: tuple[str, ...], order: str) -> dict[str, ScaleRule]:
    docket, found = _bound(agreement, order), dict[str, ScaleRule]()
    for version, (key, terms) in zip(cycle(docket.agreements), docket.terms.items(), strict=False):
        situation = {"plan": key[1], "deployment": docket.order.deployment}
        read = variants(version, situation, terms, docket.order.readings or {}, docket.instead)
        for among in (terms, *(v.terms for v in read)):
            found |= {f"{len(found)} {name}": scale for name, scale in among.scales.items()}
    return found


def _values(*tables: ScaleRule) -> list[Fraction]:
    edges = {edge for t in tables for row in t.tiers for edge in (row.range.low, row.range.high) if edge is not None}
    steps = {row.step.size for t in tables for row in t.tiers if row.step is not None}
    sorted_edges = sorted(edges | steps | {Fraction(), Fraction(1)})
    between = [(low + high) / 2 for low, high in pairwise(sorted_edges)]
    return [*sorted_edges, *between, 2 * sorted_edges[-1] + 1]


def _given(table: ScaleRule, value: Fraction) -> object:
    kind = {Counts.SHARE: Kind.SHARE, Counts.TIME: Kind.TIME, Counts.MONEY: Kind.MONEY}.get(table.counts, Kind.ITEMS)
    try:
        return row_node(table, leaf(Op.FACT, "asked", kind, value)).value
    except Missing as missing:
        return missing.what


@lru_cache(128)
def _bound(agreement: tuple[str, ...], order: str) -> Docket:
    """An agreement, in one version or several, and an order as read from files, without facts."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = write_versions(agreement, folder)
        (folder / "order.yaml").write_text(order, encoding="utf-8")
        (folder / "facts").mkdir()
        return open_docket(path, folder / "order.yaml", folder / "facts")


@lru_cache(128)
def _facts(text: str) -> Facts:
    found, problems = read_facts(text.encode(), "facts")
    _refuse(problems)
    groups: dict[str, Any] = {name: tuple(f for f in found if isinstance(f, kind)) for name, kind in BY_KIND.items()}
    return Facts(**groups)


@lru_cache(16)
def _evidence(text: str) -> tuple[dict[str, Results], dict[str, tuple[States, ...]]]:
    return expand(text)


@lru_cache(16)
def _measured(text: str) -> dict[str, tuple[Measurements, ...]]:
    return measured.expand(text)


@lru_cache(16)
def _logged(text: str) -> dict[str, tuple[States, ...]]:
    if not text:
        return {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "states").mkdir()
        (folder / "states" / "log.csv").write_text(text, encoding="utf-8")
        found, problems = read_folder(folder)
    _refuse(problems)
    return dict(found.states)


def _refuse(problems: Iterable[Problem]) -> None:
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(list(problems))


def instant(text: str) -> Instant:
    """`2026-03-02 09:00 UTC`."""
    found = read_moment(text)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found[0]
