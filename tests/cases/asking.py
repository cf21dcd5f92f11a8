"""What is judged, as texts: so that any of them can be changed and judged again, each text read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from makegood.app.judging import Docket, judge, open_docket
from makegood.contract.numbers import Wrong
from makegood.exchange.facts import read_facts
from makegood.exchange.moments import read_moment
from makegood.model.facts import (
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
        # A number of a reading is written twice, among the alternatives and as the chosen one: one alone is refused.
        return any(p.code == "unknown-alternative" for p in refused.problems)
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
    return (s.subject, s.verdict, s.amount, s.life, *runs, time, s.coverage, excuses, dues, prices, changes, covenants)


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
    return replace(_bound(ask.agreement, ask.order), facts=facts)


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
