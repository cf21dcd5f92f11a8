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
from tests.cases.asking import Ask, Seen, ask_of, differs, instant, shown, tables_differ
from tests.cases.idle import IDLE
from tests.cases.numbers import Number, numbers
from tests.cases.reading import CASES, ROOT, Section, every_section, with_rules

SECTIONS = every_section()
BLOCKS = ("agreement", "version", "order", "instead", "facts", "watched", "measured")
MOST = 12
"""How many sections are asked about one number of a line that they share."""
DEAREST = 60
"""How many changed dockets are asked under other evidence, too, and for prices and smallest changes."""

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

INLINE = re.compile(rf"\b(?:{'|'.join(NOT_FIGURES)}): [^,}}]*")
"""One of these keys and its value inside a line."""

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


def _numbers_of_kind(kind: str, text: str) -> Iterator[Number]:
    """Of agreements the numbers of the rules; what the text says is lint's to compare."""
    if kind in ("agreement", "version"):
        yield from (number for _, number in _numbers_of_rules(text))
    else:
        yield from _numbers_of_block(text)


def _numbers_of_rules(text: str) -> Iterator[tuple[str, Number]]:
    """Each number of the rules of an agreement, with the name of its rule."""
    inside, rule = False, ""
    for at, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            inside, rule = line == "```sla", ""
        elif inside:
            rule = rule or line.partition(": ")[2]
            if _is_asked(line) and not line.startswith("agreement:") and not line.endswith(":"):
                yield from ((rule, number) for number in numbers(INLINE.sub(_blanked, line), at))


def _is_asked(line: str) -> bool:
    return line.strip() not in IDLE and line.strip().removeprefix("- ").partition(":")[0] not in NOT_FIGURES


def _blanked(found: re.Match[str]) -> str:
    return " " * len(found[0])


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
    """Where each number of a line stands, by the line and its place in it; the files in their order."""
    found: dict[tuple[str, int], list[Written]] = {}
    for section in SECTIONS:
        for kind in BLOCKS:
            for text in section.written.get(kind, ()):
                for number in _numbers_of_kind(kind, text):
                    line = text.split("\n")[number.line].strip()
                    found.setdefault((line, number.start), []).append(Written(section, kind, text, number))
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
    """Whether a table gives something else for some value, or a changed docket shows other figures.

    What the case's own facts do not reach is asked last: had everything failed, had nothing been seen, and what is
    dear, prices and smallest changes.
    """
    some = pairs[:DEAREST]
    return (
        any(tables_differ(a, b) for a, b in some)
        or any(differs(a, b, False) for a, b in pairs)
        or any(
            differs(replace(a, seen=seen), replace(b, seen=seen), False)
            for seen in (Seen.FAILING, Seen.MORE, Seen.NOTHING)
            for a, b in some
        )
        or any(differs(a, b, True) for a, b in some)
    )


def _place(path: Path, text: str, number: Number) -> str:
    return f"{path.name}:{number.line + 1}: `{number.text}` in `{text.splitlines()[number.line].strip()}`"
