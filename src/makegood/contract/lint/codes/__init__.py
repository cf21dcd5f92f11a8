"""Every finding that reading, linting and comparing agreements can have; the page docs/lint.md has it as tables.

A test holds this list and the code together. `python -m makegood.contract.lint.codes docs/lint.md` writes the tables
of that page anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from makegood.contract.lint.codes.code import Code, Family
from makegood.contract.lint.codes.folders import FOLDERS
from makegood.contract.lint.codes.rules import RULES
from makegood.contract.lint.codes.tables import TABLES
from makegood.contract.lint.codes.terms import TERMS
from makegood.contract.lint.codes.text import TEXT
from makegood.contract.lint.codes.translations import TRANSLATIONS
from makegood.contract.lint.codes.watched import WATCHED

FAMILIES: Final[tuple[Family, ...]] = (*TABLES, *TERMS, *RULES, *TEXT, *TRANSLATIONS, *FOLDERS, *WATCHED)

CODES: Final[Mapping[str, Code]] = {code.code: code for family in FAMILIES for code in family.codes}
"""Every code by its name."""

START: Final = "<!-- written by makegood.contract.lint.codes: the rest of this page -->\n"


def page() -> str:
    """The tables of every code as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for family in FAMILIES:
        yield from (
            "",
            f"## {family.title}",
            "",
            "| Code | Is | What | Why it matters | Repair |",
            "|---|---|---|---|---|",
        )
        for code in family.codes:
            grave = " or ".join(severity.value for severity in code.severities)
            cells = (f"`{code.code}`", grave, code.what, code.why, code.repair)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
