"""Whole small agreements as text: the plain one with rules put instead or below, opened and judged as a user's are."""

from __future__ import annotations

from pathlib import Path

from makegood.contract.agreement import read_agreement
from makegood.model.statement import Answer, Line, Statement
from tests.cases.judging import Judged, opened
from tests.cases.reading import ROOT, Section, with_rules
from tests.cases.test_cases import classes_are_disjoint_and_whole, document_is_valid, trace_recomputes

PLAIN = "tests/cases/agreements/plain.sla.md"
YEAR = "service {} by log, 2026-01-01 00:00 to 2027-01-01 00:00 UTC"
HEADER = """
agreement: plain
title: A plain agreement
version: 2020-01-01
effective: 2020-01-01
provider: Plain Hosting
"""

HOUR_IN = {
    "january": "down 2026-01-10 10:00 to 11:00",
    "february": "down 2026-02-10 10:00 to 11:00",
    "march": "down 2026-03-10 10:00 to 11:00",
    "april": "down 2026-04-10 10:00 to 11:00",
}
"""An hour in each month: below 99.9 % and above 99.0 %, which the plain agreement answers with 10 % of the fee."""


def agreement(*rules: str) -> str:
    """The plain agreement with rules (the lines of a block each) and headings; one of the same name is put instead."""
    blocks = "".join(f"\n{r}\n" if r.startswith("## ") else f"\n```sla\n{r.strip()}\n```\n" for r in rules)
    return with_rules((ROOT / PLAIN).read_text(encoding="utf-8"), blocks)


def problems(*rules: str) -> list[str]:
    """What reading the plain agreement with these rules finds: `code: what`."""
    _, found = read_agreement(agreement(*rules).encode(), "small.sla.md")
    return [f"{p.code}: {p.what}" for p in found]


def order(*services: str, more: str = "", term: str = "2026-01-01 to 2026-12-31") -> str:
    """An order of services, each with 1,000.00 USD a month where only its name is given."""
    lines = [
        s if s.startswith("{") else f'{{service: {s}, fee: "1,000.00 USD per month"}}' for s in services or ("web",)
    ]
    head = "order: plain-order\nagreement: plain\ncustomer: Northwind Traders\nprovider: Plain Hosting\nzone: UTC\n"
    return head + f"term: {term}\n{more.strip()}\nservices:\n" + "".join(f"  - {line}\n" for line in lines)


def watched(**lines: str | list[str]) -> str:
    """Services that a log reports over 2026, up but for these lines each."""
    found = ""
    for name, what in lines.items():
        found += YEAR.format(name) + "\n"
        found += "".join(f"  {line}\n" for line in ([what] if isinstance(what, str) else what))
    return found


def judge(
    folder: Path,
    *rules: str,
    of: str = "",
    seen: str = "",
    facts: str = "",
    instead: str = "",
    period: str = "2026-04",
    as_of: str = "2027-01-02 00:00 UTC",
) -> Judged:
    """The order of one service, unless another is given, under the plain agreement with these rules."""
    written = {
        "agreement": (agreement(*rules),),
        "order": (of or order(),),
        "judged": (f"{period} as of {as_of}",),
        "watched": (seen or watched(web=HOUR_IN["april"]),),
        "facts": (facts,),
        "instead": (instead,),
    }
    folder.mkdir(exist_ok=True)
    return opened(Section(folder / "small.md", "small", written), folder)


def answer(folder: Path, *rules: str, **more: str) -> Answer:
    """The answer, its statements held to what every statement is held to."""
    found = judge(folder, *rules, **more).answer
    for statement in found.statements:
        classes_are_disjoint_and_whole(statement)
        trace_recomputes(statement)
        document_is_valid(statement)
    return found


def statements(folder: Path, *rules: str, **more: str) -> dict[str, Statement]:
    """The statements by subject, or by `commitment subject` where there are several commitments."""
    found = answer(folder, *rules, **more).statements
    several = len({s.commitment for s in found}) > 1
    return {f"{s.commitment} {s.subject}" if several else s.subject: s for s in found}


def one(folder: Path, *rules: str, **more: str) -> Statement:
    """The only statement."""
    (found,) = answer(folder, *rules, **more).statements
    return found


def line(statement: Statement, remedy: str = "credit") -> Line:
    (found,) = (found for found in statement.unfavourable.lines if found.remedy == remedy)
    return found


def credited(statement: Statement) -> list[str]:
    """Every line of a statement: `credit 90.00 USD`, with the limit that cut it and what is unstated."""
    return [
        " ".join(
            filter(None, (f"{found.remedy} {found.money}", found.cut_by and f"cut by {found.cut_by}", found.unstated))
        )
        for found in statement.unfavourable.lines
    ]
