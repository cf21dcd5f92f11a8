"""Every number of a case, and every number of an example's judged rules, moves a figure, a due time or a verdict.

What is not asked, and why: prose, names and versions are no figures; a statement begins no clock that starts from a
ticket, a claim or a change; what a check succeeds on is the probe's affair; how much downtime the text says that the
target allows is lint's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from makegood.app.judging import Docket, judge, open_docket
from makegood.exchange.facts import read_facts
from makegood.model.facts import (
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
)
from makegood.model.problem import Problem, Refused, Severity
from makegood.model.statement import Answer, Figures, Statement
from tests.cases import measured
from tests.cases.judging import asked, write_versions
from tests.cases.numbers import Number, numbers
from tests.cases.reading import CASES, ROOT, Section, every_section, with_rules
from tests.cases.watched import expand

SECTIONS = every_section()
MOST = 6
"""How many sections are asked about one number of a text that they share."""

BEYOND = "only its part inside the window or the outage can matter, and that is the case"
UNSTATED = "the row gives nothing that is stated, and neither does no row"
AT_ANY_TIME = "an outage has the cause of any instant of it"
BESIDE = "a row of a printed table beside the one that is looked up"
ALONE = "fewer locations than the quorum, and that is the case"
ANOTHER = "another amount than the one that is asked, and that is the case"
SOME = "there is more of it, however little is asked"
OUTSIDE = "no part of it is in the window, and that is the case"
WHOLE_DAY = "the edge of one evening is asked, for all that are alike"
IDLE: Mapping[str, str] = {
    "- when: {by: plan, standard: more than 98 % and below 99.5 %, premier: more than 98 % and below 99.8 %}": UNSTATED,
    "- when: below 98 %": UNSTATED,
    "fee: 9,600.00 USD per year": "nothing follows from an aim",
    "term: 2026-04-01 to 2026-12-31": "it goes on long after the period",
    "term: 2026-04-16 to 2027-04-15": "it goes on long after the period",
    "- {from: 2026-03-01, plan: standard}": "the first plan holds before its date as well",
    "- {from: 2026-01-01, plan: standard}": "the first plan holds before its date as well",
    "most: 10 USD": "what it takes from one credit, the outer limit leaves to the other",
    "amount: 80 USD": "the inner limit cuts it to 10 USD in any case",
    "amount: 1,000 USD": "the outer limit cuts it to what the first credit leaves",
    "clips: {within: Sunday 02:30-03:30}": "02:30 is skipped: every start in the gap is 03:00, and that is the case",
    "clips: {within: Sunday 01:00-03:30}": BEYOND,
    "announced: 2026-02-11 15:00 to 2026-02-11 17:00 America/New_York": BEYOND,
    "announced: 2026-02-08 06:00 to 2026-02-08 08:00 America/New_York": BEYOND,
    "announced: 2026-02-08 01:00 to 2026-02-08 06:00 America/New_York": BEYOND,
    "announced: 2026-02-08 02:00 to 2026-02-08 04:00 America/New_York": BEYOND,
    "announced: 2026-03-08 01:00 to 2026-03-08 05:00 America/New_York": BEYOND,
    "announced: 2026-02-22 00:00 to 2026-02-22 07:00 America/New_York": BEYOND,
    "announced: 2026-03-08 00:00 to 2026-03-08 07:00 America/New_York": BEYOND,
    "announced: 2026-11-01 00:00 to 2026-11-01 07:00 America/New_York": BEYOND,
    "announced: 2026-05-07 00:00 to 2026-05-12 00:00 America/Los_Angeles": BEYOND,
    "announced: 2026-03-05 00:00 to 2026-03-10 00:00 America/Los_Angeles": BEYOND,
    "announced: 2026-10-29 00:00 to 2026-11-03 00:00 America/Los_Angeles": BEYOND,
    "hours: Monday to Friday 00:00-24:00": "business days are counted in it, whatever their hours",
    "for: the 12 months before the end of the period": "the order began 4 months before, and that is the case",
    "during: 2026-01-31 10:00 to 2026-01-31 10:05 UTC": AT_ANY_TIME,
    "during: 2026-03-10 10:00 to 2026-03-10 10:05 UTC": AT_ANY_TIME,
    "during: 2026-03-20 10:00 to 2026-03-20 10:05 UTC": AT_ANY_TIME,
    "during: 2026-04-10 10:00 to 2026-04-10 10:05 UTC": AT_ANY_TIME,
    "down 2026-03-20 10:00 to 10:05": "it has another cause than the three that count",
    "events: {claim received: 2026-03-05 09:00 UTC}": "only that it came counts",
    "events: {claim received: 2026-05-01 09:00 UTC}": "only that it came counts",
    "events: {claim received: 2026-04-22 09:00 UTC}": "it comes before the month ends, and that is the case",
    "- {when: from 95.00 % to 98.99 %, gives: 25 %}": BESIDE,
    "- {when: below 95.00 %, gives: 50 %}": BESIDE,
    "- {when: from 97.0 % to 97.9 %, gives: 25 %}": BESIDE,
    "- {when: more than 95 % and below 99.9 %, gives: 10 %}": BESIDE,
    "- {when: more than 0 % and below 1 %, gives: 10 %}": BESIDE,
    "- {when: at least 99.0 % and below 99.95 %, gives: 10 %}": BESIDE,
    "- {when: at least 99 % and below 99.9 %, gives: 10 %}": BESIDE,
    "- {when: at least 99.95 %, gives: 10 %}": BESIDE,
    "- {when: at least 99.00 % and below 99.95 %, gives: 25 %}": BESIDE,
    "- {when: at least 99.00 % and below 99.95 %, gives: 10 %}": BESIDE,
    "- {when: below 99.00 %, gives: 25 %}": BESIDE,
    "- {when: more than 99.0 % and below 99.9 %, gives: 10 %}": BESIDE,
    "- {when: exactly 15 points, gives: 5 %}": BESIDE,
    "- {when: below 10 points, gives: 0 %}": BESIDE,
    "- {when: at least 10 points and below 15 points, gives: 2 %}": BESIDE,
    "- {when: at least 15 points, gives: 5 %}": BESIDE,
    "- {when: exactly 5 points, gives: 0 %}": BESIDE,
    "- {when: more than 30 min and at most 60 min, gives: 1 day}": BESIDE,
    "- {when: more than 43 min 48 s and below 7 h 18 min, gives: 10 %}": BESIDE,
    "- {when: at least 7 h 18 min and below 21 h 54 min, gives: 25 %}": BESIDE,
    "- {when: exactly 21 h 54 min, gives: 50 %}": BESIDE,
    "- {when: below 99 %, gives: unstated}": UNSTATED,
    "- {invoice: I-5, on: 2026-05-01, amount: 400.00 USD}": "the invoice is older than the claim, and that is the case",
    "- {is: P1, during: 2026-04-20 10:00 to 2026-04-20 11:00 UTC}": "a class that a ticket was once put into counts, whenever that was",
    "everything requested received: 2026-04-20 10:00 UTC": "the later of two events starts the clock, and that is the case",
    "everything requested received: 2026-04-21 10:00 UTC": "the later of two events starts the clock, and that is the case",
    "call received: 2026-04-20 09:00 UTC": "the later of two events starts the clock, and that is the case",
    "automatic reply: 2026-04-20 09:01 UTC": "it stops nothing, and that is the case",
    "bounced: 2026-02-04 09:00 America/New_York": "a bounced notice counts at no time",
    "during: 2026-04-20 00:00 to 2026-05-10 00:00 UTC": "it is overdue when the statement is made, however long before",
    "iad down 2026-04-16 10:00 to 11:00": ALONE,
    "pdx down 2026-06-09 00:00 to 08:20": ALONE,
    "iad down 2026-04-14 00:00 to 10:49": ALONE,
    "iad down 2026-02-10 10:00 to 10:47": ALONE,
    "fra down 2026-02-10 10:00 to 10:47": ALONE,
    "iad, fra down every 20 s 2026-02-10 10:00 to 10:10": "the number of checks in a slot is not time",
    "all down 2026-02-10 00:00 to 2026-02-11 16:20": "only its end is asked, by the row below 95 %",
    "events: {claim received: 2026-05-10 09:00 UTC, credit granted: 2026-05-20 15:00 UTC}": "only the grant counts",
    "events: {claim received: 2026-07-10 09:00 UTC, credit paid: 2026-08-01 09:00 UTC}": "that it was paid counts",
    "events: {claim received: 2026-07-10 09:00 UTC}": "the fee is the same in every month",
    "recorded: 2026-07-10 09:00 UTC": "it is known long before it is asked",
    "during: 2026-02-11 10:41 to 2026-02-11 11:00 UTC": "a cause that counts as none",
    "during: 2026-04-20 00:00 to 2026-04-25 00:00 UTC": "the outage, or the end of the month, is all that it must hold",
    "during: 2026-04-29 00:00 to 2026-05-10 00:00 UTC": "only its end lies near an instant that is asked",
    "announced: 2026-04-15 13:00 to 2026-04-15 14:00 UTC": BEYOND,
    "announced: 2026-04-19 01:00 to 2026-04-19 07:00 UTC": BEYOND,
    "announced: 2027-03-09 21:45 to 2027-03-09 22:45 Europe/Berlin": BEYOND,
    "announced: 2027-03-15 10:00 to 2027-03-15 11:00 Europe/Berlin": OUTSIDE,
    "announced: 2026-07-11 17:00 to 2026-07-11 18:00 America/Los_Angeles": OUTSIDE,
    "accepted: 2026-04-20 09:59 Europe/Berlin": "before it begins is enough",
    "affected 40 at 2026-04-20 10:00 to 11:00": "the greatest of all intervals, however many have it",
    "- {invoice: I-1, on: 2026-04-30, amount: 990.00 USD}": ANOTHER,
    '- {invoice: I-1, on: 2026-05-01, amount: "1,000.00 USD"}': ANOTHER,
    "- {kind: queries, on: 2026-03-31, amount: 90.00 USD}": ANOTHER,
    '- {kind: retail price, on: 2026-03-01, amount: "1,050.00 USD"}': ANOTHER,
    "facts: {seats: [{from: 2026-01-01, is: 50}, {from: 2026-04-01, is: 80}]}": "the first are those of before",
    "- {from: 2026-01-01, fee: 800.00 USD per month}": "long before the months that are asked",
    '- {from: 2026-01-01, fee: "1,000.00 USD per month"}': "long before the months that are asked",
    "fee: 700.00 USD per month": ANOTHER,
    "fee: 900.00 EUR per month": ANOTHER,
    '- {service: web, fee: "1,000.00 USD per month", facts: {region: EMEEA}}': "the order is refused",
    '- {service: web, fee: "1,000.00 USD per month", facts: {amps: 20}}': ANOTHER,
    '- {service: web, fee: "1,000.00 USD per month", facts: {amps: 32}}': ANOTHER,
    "- {kind: set-up, on: 2026-01-05, amount: 500.00 USD}": "more than the most, and that is the case",
    "down 2026-02-10 10:00 to 20:00": "far below the row's upper edge",
    "- {when: more than 0 min, gives: 1 % for each started 1 h}": SOME,
    "- {when: more than 0 min and at most 60 min, gives: 3 %}": SOME,
    "- {when: more than 0 min and at most 25 min, gives: 1 %}": SOME,
    "- {when: more than 0 min, gives: 5 % for each started 30 min}": SOME,
    "- {when: at least 0 min, gives: 1 day for each complete 1 h}": SOME,
    "- {when: at least 10 points and below 15 points, gives: 4 %}": "there are no 9 or 11 points",
    "- {when: below 5 points, gives: 0 %}": SOME,
    "least: {by: customer, company: 10.00 USD, person: 1.00 USD}": "far from 9.90 USD, as numbers change",
    "days: 365": "which outages a window holds does not turn on a few days",
    "gates: {kind: planned, notice: at least 48 h}": "all work of the case is of another kind",
    "- Monday 00:00-24:00": WHOLE_DAY,
    "- Tuesday 00:00-22:00": WHOLE_DAY,
    "- Wednesday 00:00-24:00": WHOLE_DAY,
    "- Thursday 00:00-22:00": WHOLE_DAY,
    "- Friday 00:00-24:00": WHOLE_DAY,
}
"""Lines of cases whose numbers move nothing, each with the reason. Headers of what was watched and measured are not
asked: they say no more than the slots of the rule, the ends of the period, and what is usual."""

EXAMPLES = ("harbour", "harness", "harri", "harmonity")

NOT_FIGURES = (
    "title",
    "version",
    "effective",
    "because",
    "evidence",
    "succeeds on",
    "allows",
    "answers within",
    "does",
)
"""Keys whose numbers no statement reads: words for people, what a probe does, and what lint compares."""

NOT_YET: Mapping[str, Mapping[str, str]] = {
    "harbour": {
        "first-response": "starts from a report",
        "status-updates": "starts from a report",
        "resolution": "starts from a report",
        "amendment": "starts from an announced change",
        "answer": "starts when a claim is received",
        "business-days": "only the answer to a claim is counted in them",
        "on-call": "no rule judges in these hours",
        "priority": "classes of incidents",
    },
    "harness": {
        "support-hours": "hours of support",
        "intake": "hours of support",
        "support-contacts": "limits who may file tickets",
        "around-the-clock": "all hours of the week",
    },
    "harri": {},
    "harmonity": {"signals": "its readings cannot change what is only recorded"},
}
"""Rules of the examples that nothing acts on yet, each with the reason."""


@pytest.mark.parametrize("kind", ["agreement", "version", "order", "instead", "facts", "watched", "measured"])
def test_every_number_of_the_cases_matters(kind: str) -> None:
    """A line that stands in several texts is asked in each until its number moves something."""
    moved: dict[tuple[str, int], bool] = {}
    for text, sections in _written(kind).items():
        for number in _numbers_of_block(text):
            at = (text.split("\n")[number.line].strip(), number.start)
            if not moved.get(at) and at[0] not in IDLE:
                others = [(s, _instead(s, kind, text, t)) for t in number.changed(text) for s in sections[:MOST]]
                moved[at] = _any_differs(others)
    assert [at for at, moves in moved.items() if not moves] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_an_examples_rules_matters(name: str) -> None:
    idle = _idle_rules(ROOT / "examples" / name / f"{name}.sla.md", NOT_YET[name])
    assert idle == []


@pytest.mark.parametrize("name", ["plain", "probed"])
def test_every_number_of_the_plain_agreements_matters(name: str) -> None:
    assert _idle_rules(CASES / "agreements" / f"{name}.sla.md", {}) == []


def _idle_rules(path: Path, left_out: Mapping[str, str]) -> list[str]:
    text, first = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
    sections = [s for s in SECTIONS if s.blocks["agreement"].startswith(first)]
    return [
        f"{path.name}:{n.line + 1}: `{n.text}` in `{text.splitlines()[n.line].strip()}`"
        for n in _numbers_of_rules(text, left_out)
        if not _any_differs([(s, _with_agreement(s, t)) for t in n.changed(text) for s in sections], len(sections) * 9)
    ]


def test_every_rule_that_is_left_out_exists() -> None:
    for name, rules in NOT_YET.items():
        text = (ROOT / "examples" / name / f"{name}.sla.md").read_text(encoding="utf-8")
        assert [rule for rule in rules if f": {rule}\n" not in text] == []


def _written(kind: str) -> dict[str, list[Section]]:
    """Every text of a kind once, with the sections that it is part of."""
    found: dict[str, list[Section]] = {}
    for section in SECTIONS:
        for text in section.written.get(kind, ()):
            found.setdefault(text, []).append(section)
    return found


def _instead(section: Section, kind: str, text: str, other: str) -> Section:
    texts = tuple(other if t == text else t for t in section.written[kind])
    return replace(section, written={**section.written, kind: texts})


def _numbers_of_block(text: str) -> Iterator[Number]:
    for at, line in enumerate(text.split("\n")):
        header = line.startswith(("check ", "service ")) or " every " in line.partition(":")[0]
        if _is_figure(line) and not header and not line.lstrip().startswith(("#", "```")):
            yield from numbers(line, at)


def _numbers_of_rules(text: str, left_out: Mapping[str, str]) -> Iterator[Number]:
    inside, rule = False, ""
    for at, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            inside, rule = line == "```sla", ""
        elif inside:
            rule = rule or line.partition(": ")[2]
            known = rule in left_out or line.strip() in IDLE or line.startswith("agreement:")
            if not known and _is_figure(line):
                yield from numbers(line, at)


def _is_figure(line: str) -> bool:
    return line.strip().removeprefix("- ").partition(":")[0] not in NOT_FIGURES


def _with_agreement(section: Section, text: str) -> Section:
    _, _, more = section.blocks["agreement"].partition("\n")
    whole = with_rules(text, more)
    return replace(section, written={**section.written, "agreement": (whole,)})


def _any_differs(pairs: list[tuple[Section, Section]], priced: int = MOST) -> bool:
    """Whether a changed section shows other figures; the dearer ones, prices and smallest changes, are asked last."""
    return any(_differs(a, b, False) for a, b in pairs) or any(_differs(a, b, True) for a, b in pairs[:priced])


def _differs(a: Section, b: Section, explain: bool) -> bool:
    try:
        return _shown(a, explain) != _shown(b, explain)
    except Refused as refused:
        # A number of a reading is written twice, among the alternatives and as the chosen one: one alone is refused.
        return any(p.code == "unknown-alternative" for p in refused.problems)
    except ValueError:
        return False


@cache
def _cached(
    agreement: tuple[str, ...], order: str, seen: tuple[str, str, str], judged: str, explain: bool
) -> tuple[object, ...]:
    section = Section(CASES, "", {"judged": (judged,)})
    label, as_of = asked(section)
    answer = judge(_docket(agreement, order, seen), label, as_of, explain)
    return tuple(_figures(s) for s in answer.statements) + _beside(answer)


def _shown(section: Section, explain: bool) -> tuple[object, ...]:
    """The figures of a section, or the codes of what is refused."""
    b = section.blocks
    try:
        seen = b.get("facts", ""), b.get("watched", ""), b.get("measured", "")
        return _cached(section.versions(), section.order(), seen, b["judged"], explain)
    except Refused as refused:
        if {p.code for p in refused.problems} <= {"future-period"}:
            return ("future-period",)
        raise


def _beside(answer: Answer) -> tuple[object, ...]:
    return tuple(n.what for n in answer.not_applicable)


def _figures(s: Statement) -> tuple[object, ...]:
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
    return (s.subject, s.verdict, s.amount, s.life, *runs, s.coverage, excuses, dues, prices, changes, covenants)


def _run(f: Figures) -> tuple[object, ...]:
    rights = tuple((r.given, r.why.partition(" counted")[0]) for r in f.rights)
    return (f.verdict, f.numerator, f.denominator, f.covered, f.down, f.excused_up, f.excused_out, rights)


@cache
def _bound(agreement: tuple[str, ...], order: str) -> Docket:
    """An agreement, in one or several versions, and an order as read from files, without facts."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = write_versions(agreement, folder)
        (folder / "order.yaml").write_text(order, encoding="utf-8")
        (folder / "facts").mkdir()
        return open_docket(path, folder / "order.yaml", folder / "facts")


def _docket(agreement: tuple[str, ...], order: str, seen: tuple[str, str, str]) -> Docket:
    """What `open_docket` makes of files, with each text read once."""
    facts, watched, intervals = seen
    results, states = _evidence(watched)
    known = replace(_facts(facts), results=results, states=states, measurements=_intervals(intervals))
    return replace(_bound(agreement, order), facts=known)


@cache
def _facts(text: str) -> Facts:
    all_facts, problems = read_facts(text.encode(), "facts")
    _refuse(problems)
    return Facts(
        maintenances=tuple(f for f in all_facts if isinstance(f, Maintenance)),
        notices=tuple(f for f in all_facts if isinstance(f, Notice)),
        causes=tuple(f for f in all_facts if isinstance(f, Cause)),
        judgements=tuple(f for f in all_facts if isinstance(f, Judgement)),
        standings=tuple(f for f in all_facts if isinstance(f, Standing)),
        retractions=tuple(f for f in all_facts if isinstance(f, Retraction)),
        items=tuple(f for f in all_facts if isinstance(f, Item)),
    )


@cache
def _evidence(text: str) -> tuple[dict[str, Results], dict[str, tuple[States, ...]]]:
    return expand(text)


@cache
def _intervals(text: str) -> dict[str, tuple[Measurements, ...]]:
    return measured.expand(text)


def _refuse(problems: list[Problem]) -> None:
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems)
