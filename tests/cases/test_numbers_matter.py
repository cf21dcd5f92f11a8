"""Every number of every case, example and starting file moves a figure, a due time or a verdict.

Every file is a test of its own, and so is every rule of an example: what is added is asked without being listed. A line
that stands in several cases belongs to the first of them, and is asked in the others where it moves nothing there.
What is not asked, and why, is listed below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from makegood.model.problem import Refused
from tests.cases.asking import Ask, ask_of, differs, instant, shown
from tests.cases.numbers import Number, numbers
from tests.cases.reading import CASES, ROOT, Section, every_section, with_rules

SECTIONS = every_section()
BLOCKS = ("agreement", "version", "order", "instead", "facts", "watched", "measured")
MOST = 12
"""How many sections are asked about one number of a line that they share."""
DEAREST = 60
"""How many changed dockets are asked for prices and smallest changes, too."""

BEYOND = "only its part inside the window or the outage can matter, and that is the case"
UNSTATED = "the row gives nothing that is stated, and neither does no row"
AT_ANY_TIME = "an outage has the cause of any instant of it"
BESIDE = "a row of a printed table beside the one that is looked up"
ALONE = "fewer locations than the quorum, and that is the case"
ANOTHER = "another amount than the one that is asked, and that is the case"
SOME = "there is more of it, however little is asked"
OUTSIDE = "no part of it is in the window, and that is the case"
WHOLE_DAY = "the edge of one evening is asked, for all that are alike"
UNCOUNTED = "a ticket of another class than those that count, and that is the case"
IDLE: Mapping[str, str] = {
    "answer: 2026-04-23 18:00 UTC": UNCOUNTED,
    "recorded: 2026-04-23 19:00 UTC": UNCOUNTED,
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
    "- {is: P1, during: 2026-04-20 10:00 to 2026-04-20 11:00 UTC}": "the class counts, whenever it was given",
    "everything requested received: 2026-04-20 10:00 UTC": "the later of two events starts it, as the case says",
    "everything requested received: 2026-04-21 10:00 UTC": "the later of two events starts it, as the case says",
    "call received: 2026-04-20 09:00 UTC": "the later of two events starts it, as the case says",
    "is: at least 99.7 %": "the order is refused",
    "automatic reply: 2026-04-20 09:01 UTC": "it stops nothing, and that is the case",
    "bounced: 2026-02-04 09:00 America/New_York": "a bounced notice counts at no time",
    "during: 2026-04-20 00:00 to 2026-05-10 00:00 UTC": "it is overdue when the statement is made, however long before",
    "within: Sunday 04:00-08:00": BEYOND,
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
    "- {when: more than 0 min, gives: 1 %}": SOME,
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
    "only where: {zones: [2, 3]}": "one of the two is enough, and the other is in no order",
    "- {when: more than 0 ms and at most 0.2 ms, gives: 5 %}": "what is missed is never short of nothing",
    "is: at most 0 %": "less than nothing cannot be asked, and one more is still missed",
    "- when: more than 0 %": "the target is the same",
    "is: exactly 100 %": "more than all of it is refused",
    "- {when: at least 3.6 MOS and below 4.0 MOS, gives: 10 %}": "nothing that meets the target is looked up",
    "- {when: below 99.9 %, gives: unstated}": UNSTATED,
    "days: 30": "the label of the window says it as well",
    "fee: 800.00 USD per month": "only what was charged beside the fee counts, and that is the case",
    "term: 2026-02-25 to 2026-12-31": "it goes on long after the period",
    "term: 2026-03-01 to 2026-12-31": "it goes on long after the period",
    "events: {incident detected: 2026-04-19 10:00 UTC}": "it is of a kind that does not count",
    "recorded: 2026-04-19 11:00 UTC": "it is of a kind that does not count",
    "events: {incident detected: 2026-04-09 10:00 UTC}": "it is of a kind that does not count",
    "recorded: 2026-04-09 11:00 UTC": "it is of a kind that does not count",
    "down 2026-04-08 11:58 to 12:10": "only the time in which both feeds are down counts",
    "down 2026-04-08 12:00 to 12:10": "only the time in which both feeds are down counts",
    "down 2026-03-10 16:30 to 17:30": "only the time in the service hours counts",
}
"""Lines of cases whose numbers move nothing, each with the reason. Headers of what was watched and measured are not
asked: they say no more than the slots of the rule, the ends of the period, and what is usual."""

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

ORDERS_IDLE: Mapping[str, Mapping[str, str]] = {
    "harbour/toro": {
        "from: 2024-04-08": "the term begins on that date",
        "holds: 1 h": "it is judged over a log that is not part of the project",
    },
    "harness/on-premises": {
        "term: 2025-07-01 to 2026-06-30": "no commitment applies on premises",
        "fee: 40,000.00 USD per year": "no commitment applies on premises",
    },
    "harness/northwind": {"fee: 60,000.00 USD per year": "no case has downtime of that service that a row answers"},
    "harri/not-renewed": {
        "fee: 36,500.00 USD per year": "a day is worth a part of the renewal term, which there is not"
    },
}
"""Lines of the examples' orders whose numbers move nothing, each with the reason."""

EXAMPLES = sorted((ROOT / "examples").glob("*/*.sla.md"))
PLAIN = sorted((CASES / "agreements").glob("*.sla.md"))
ORDERS = sorted((ROOT / "examples").glob("*/*.order.yaml"))
STARTER = ROOT / "src/makegood/app/starter"
FILES = sorted({section.path for section in SECTIONS})


def _numbers_of_block(text: str) -> Iterator[Number]:
    for at, line in enumerate(text.split("\n")):
        header = line.startswith(("check ", "service ")) or " every " in line.partition(":")[0]
        if _is_asked(line) and not header and not line.lstrip().startswith(("#", "```")):
            yield from numbers(line, at)


def _numbers_of_rules(text: str) -> Iterator[tuple[str, Number]]:
    """Each number of the rules of an agreement, with the name of its rule."""
    inside, rule = False, ""
    for at, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            inside, rule = line == "```sla", ""
        elif inside:
            rule = rule or line.partition(": ")[2]
            if _is_asked(line) and not line.startswith("agreement:"):
                yield from ((rule, number) for number in numbers(line, at))


def _is_asked(line: str) -> bool:
    return line.strip() not in IDLE and line.strip().removeprefix("- ").partition(":")[0] not in NOT_FIGURES


def _name_of_order(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.order.yaml')}"


def _rules() -> dict[str, tuple[Path, list[Number]]]:
    """The rules of agreements in files that have numbers, by the file and the rule."""
    found: dict[str, tuple[Path, list[Number]]] = {}
    for path in [*EXAMPLES, *PLAIN]:
        name = path.name.removesuffix(".sla.md")
        for rule, number in _numbers_of_rules(path.read_text(encoding="utf-8")):
            if rule not in NOT_YET.get(name, {}):
                found.setdefault(f"{name} {rule}", (path, []))[1].append(number)
    return found


RULES = _rules()


@dataclass(frozen=True)
class Written:
    """A number in a text of one kind, and the section that the text is part of."""

    section: Section
    kind: str
    text: str
    number: Number

    def changed(self) -> Iterator[tuple[Ask, Ask]]:
        """The section as it is, and with each change of the number."""
        base = ask_of(self.section)
        for other in self.number.changed(self.text):
            texts = tuple(other if t == self.text else t for t in self.section.written[self.kind])
            yield base, ask_of(replace(self.section, written={**self.section.written, self.kind: texts}))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(CASES).with_suffix("").as_posix())
def test_every_number_of_a_case_matters(path: Path) -> None:
    idle = []
    for (line, _), places in _places().items():
        if places[0].section.path == path and not _matters([pair for p in places[:MOST] for pair in p.changed()]):
            idle.append(f"`{places[0].number.text}` in `{line}`")
    assert idle == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_number_of_a_rule_matters(name: str) -> None:
    path, found = RULES[name]
    text = path.read_text(encoding="utf-8")
    sections = _sections_under(path)
    idle = [
        _place(path, text, n)
        for n in found
        if not _matters([(ask_of(s), _with_agreement(s, t)) for t in n.changed(text) for s in sections])
    ]
    assert idle == []


@pytest.mark.parametrize("path", ORDERS, ids=_name_of_order)
def test_every_number_of_an_examples_order_matters(path: Path) -> None:
    """Judged without facts, which leaves nothing seen, over the months of its dates; then with the facts of cases."""
    text = path.read_text(encoding="utf-8")
    (agreement,) = path.parent.glob("*.sla.md")
    cases = [replace(ask_of(s), order=text) for s in _sections_under(agreement)]
    cases = [ask for ask in cases if _is_judged(ask)]
    first, last = _months_of(text)[1], _months_of(text)[-2]
    idle = []
    for n in _numbers_of_block(text):
        line, *beside = text.splitlines()[n.line : n.line + 3]
        if line.strip() in ORDERS_IDLE.get(_name_of_order(path), {}):
            continue
        months = _months_of("\n".join((line, *beside))) or (first, last)
        blind = Ask((agreement.read_text(encoding="utf-8"),), text, periods=months)
        if not _matters([(base, replace(base, order=t)) for base in (blind, *cases) for t in n.changed(text)]):
            idle.append(_place(path, text, n))
    assert idle == []


@pytest.mark.parametrize("part", ["agreement", "order", "facts", "log"])
def test_every_number_of_the_starting_files_matters(part: str) -> None:
    files = {
        "agreement": STARTER / "hosting.sla.md",
        "order": STARTER / "acme.order.yaml",
        "facts": STARTER / "facts/work.facts.yaml",
        "log": STARTER / "facts/states/shop.csv",
    }
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    as_of = instant("2027-02-01 00:00 UTC")
    months = tuple((month, as_of) for month in ("2026-01", "2026-02", "2026-03", "2026-12"))

    def asked(text: str) -> Ask:
        said = {**texts, part: text}
        return Ask((said["agreement"],), said["order"], said["facts"], log=said["log"], periods=months)

    text = texts[part]
    found = [n for _, n in _numbers_of_rules(text)] if part == "agreement" else list(_numbers_of_block(text))
    idle = [n for n in found if not _matters([(asked(text), asked(t)) for t in n.changed(text)])]
    assert [_place(files[part], text, n) for n in idle] == []


def test_every_line_of_an_order_that_is_left_out_exists() -> None:
    for name, lines in ORDERS_IDLE.items():
        text = (ROOT / "examples" / f"{name}.order.yaml").read_text(encoding="utf-8")
        assert [line for line in lines if f"{line}\n" not in text] == []


def test_every_rule_that_is_left_out_exists() -> None:
    for name, rules in NOT_YET.items():
        text = (ROOT / "examples" / name / f"{name}.sla.md").read_text(encoding="utf-8")
        assert [rule for rule in rules if f": {rule}\n" not in text] == []


def test_every_line_that_is_left_out_exists() -> None:
    texts = [text for section in SECTIONS for text in section.blocks.values()]
    texts += [path.read_text(encoding="utf-8") for path in (*EXAMPLES, *PLAIN, *ORDERS, *STARTER.rglob("*.*"))]
    written = {line.strip() for text in texts for line in text.split("\n")}
    assert [line for line in IDLE if line not in written] == []


@cache
def _places() -> dict[tuple[str, int], list[Written]]:
    """Where each number of a line stands, by the line and its place in it; the files in their order.

    A line of what was measured is asked as a whole: where it shows what does not count, it is no matter when it was.
    """
    found: dict[tuple[str, int], list[Written]] = {}
    for section in SECTIONS:
        for kind in BLOCKS:
            for text in section.written.get(kind, ()):
                for number in _numbers_of_block(text):
                    line = text.split("\n")[number.line].strip()
                    at = 0 if kind == "measured" else number.start
                    found.setdefault((line, at), []).append(Written(section, kind, text, number))
    return found


def _sections_under(agreement: Path) -> list[Section]:
    name = agreement.relative_to(ROOT).as_posix()
    return [s for s in SECTIONS if s.blocks["agreement"].startswith(name)]


def _with_agreement(section: Section, text: str) -> Ask:
    _, _, more = section.blocks["agreement"].partition("\n")
    return ask_of(replace(section, written={**section.written, "agreement": (with_rules(text, more),)}))


def _is_judged(ask: Ask) -> bool:
    try:
        return bool(shown(ask, False))
    except (Refused, ValueError):
        return False


def _months_of(text: str) -> tuple[tuple[str, int], ...]:
    """The months of the dates in a text and those beside them, as of long after the last."""
    days = sorted({date.fromisoformat(found) for found in re.findall(r"\d{4}-\d\d-\d\d", text)})
    near = {f"{day + timedelta(days=n):%Y-%m}" for day in days for n in (-20, 0, 20)}
    return tuple((month, instant(f"{days[-1] + timedelta(days=400)} 00:00 UTC")) for month in sorted(near))


def _matters(pairs: list[tuple[Ask, Ask]]) -> bool:
    """Whether a changed docket shows other figures; the dearer ones, prices and smallest changes, are asked last."""
    return any(differs(a, b, False) for a, b in pairs) or any(differs(a, b, True) for a, b in pairs[:DEAREST])


def _place(path: Path, text: str, number: Number) -> str:
    return f"{path.name}:{number.line + 1}: `{number.text}` in `{text.splitlines()[number.line].strip()}`"
