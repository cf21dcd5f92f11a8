"""Several statements at once: a row for each over many months, or one event under several agreements side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from makegood.model.statement import NotApplicable, RestsOn, Statement
from makegood.render.moments import local
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.tally import Tally
from makegood.render.telling import TONES, down, next_due, operand_lines, reasons, share
from makegood.render.text import hanging, pairs, say

COLUMN = 17
"""The narrowest column in which a statement can be read beside others."""
WIDE = 76
"""From this width on a statement fits into one row, where its words do."""
HEADINGS = ("Period", "Subject", "Up", "Down", "Verdict", "Credit")
COMMITMENT = "Commitment"
"""The heading after the subject where the statements are about several commitments."""
_PART = re.compile(r"[\d.,]+ \S+|\S+")
GAP = 3
"""Columns between two cells of a row."""


def statements_table(
    statements: Sequence[Statement], width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """A row for each statement, in the order given, and a line that counts verdicts and adds the credit."""
    several = len({s.commitment for s in statements}) > 1
    headings = (*HEADINGS[:2], COMMITMENT, *HEADINGS[2:]) if several else HEADINGS
    cells = [_cells(s, several) for s in statements]
    widths = _widths(headings, cells, width) if width >= WIDE else None
    rows = _rows(statements, headings, cells, widths) if widths is not None else _two_lines(statements, several)
    unjudged = dict.fromkeys(f"{s.period.label}: {note}" for s in statements for note in s.passed_over)
    notes = [hanging(Text("·", "quiet"), say(note)) for note in unjudged]
    return shown(Group(rows, say(summary(statements)), *notes), width, color, encoding)


def not_applicable_text(
    found: Sequence[NotApplicable], width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """Why there is no statement: what of the agreement does not bind the order, with its clause."""
    blocks: list[RenderableType] = [say("Nothing of this agreement applies to the order.", "title")]
    for why, clauses in reasons(found).items():
        blocks.append(say(f"{why}:"))
        blocks += [
            Padding(hanging(say(f"clause {clause}:"), say(", ".join(names))), (0, 0, 0, 2))
            for clause, names in clauses.items()
        ]
    return shown(Group(*blocks), width, color, encoding)


def _cells(s: Statement, several: bool) -> tuple[str, ...]:
    about = (s.period.label, s.subject, *((s.commitment,) if several else ()))
    return tuple(map(printable, (*about, share(s), down(s), s.verdict.value, s.amount)))


def _parts(cell: str) -> list[str]:
    """What a line never breaks: a word, or a number with what it counts."""
    return _PART.findall(cell) or [""]


def _folded(cell: str, width: int) -> str:
    lines = [""]
    for part in _parts(cell):
        joined = f"{lines[-1]} {part}".strip()
        lines = [*lines[:-1], joined] if len(joined) <= width else [*lines, part]
    return "\n".join(filter(None, lines))


def _widths(headings: Sequence[str], cells: Sequence[tuple[str, ...]], width: int) -> list[int] | None:
    """The width of each column, so that nothing is broken that belongs together; None where a row does not hold it."""
    columns = list(zip(headings, *cells, strict=True))
    found = [
        max(len(part) for cell in column for part in ([cell] if column[0] == "Verdict" else _parts(cell)))
        for column in columns
    ]
    spare = width - sum(found) - GAP * (len(headings) - 1)
    if spare < 0:
        return None
    wanted = [max(map(len, column)) - least for column, least in zip(columns, found, strict=True)]
    for n in sorted(range(len(found)), key=lambda n: wanted[n]):
        more = min(wanted[n], spare)
        found[n], spare = found[n] + more, spare - more
    return found


def _rows(
    statements: Sequence[Statement], headings: Sequence[str], cells: Sequence[tuple[str, ...]], widths: Sequence[int]
) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="quiet")
    for name, width in zip(headings, widths, strict=True):
        table.add_column(name, justify="right" if name in ("Up", "Down", "Credit") else "left", width=width)
    for s, row in zip(statements, cells, strict=True):
        styles = [TONES[s.verdict].value if name == "Verdict" else "" for name in headings]
        folded = (_folded(cell, width) for cell, width in zip(row, widths, strict=True))
        table.add_row(*(Text(cell, style=style) for cell, style in zip(folded, styles, strict=True)))
    return Group(table, Text())


def _two_lines(statements: Sequence[Statement], several: bool) -> RenderableType:
    blocks: list[RenderableType] = []
    for s in statements:
        verdict, about = say(s.verdict.value, TONES[s.verdict].value), f"{s.commitment}  " if several else ""
        blocks.append(Text.assemble(say(f"{s.period.label}  {s.subject}  {about}"), verdict))
        broken = f", {down(s)} down" if s.rests_on is RestsOn.TIME else ""
        blocks.append(Padding(say(f"{share(s)}{broken}, credit {s.amount}", "quiet"), (0, 0, 0, 2)))
    return Group(*blocks, Text())


def summary(statements: Sequence[Statement]) -> str:
    """`12 statements: 10 met, 2 breached. Credit 2,500.00 USD.`; bounds where some credit is not exact."""
    tally = Tally()
    for statement in statements:
        tally.add(statement)
    return tally.summary()


def side_by_side(statements: Sequence[Statement], width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """The same time under several agreements, a column each; one below the other where columns would be too narrow."""
    if not statements:
        return ""
    fits = (width - 12) // len(statements) >= COLUMN
    return shown(_columns(statements) if fits else _stacked(statements), width, color, encoding)


def _columns(statements: Sequence[Statement]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=True)
    table.add_column("", style="quiet", no_wrap=True)
    for s in statements:
        table.add_column(say(s.agreement_title), overflow="fold", ratio=1)
    rows = [dict(_aspects(s)) for s in statements]
    for name in rows[0]:
        table.add_row(name, *(row[name] for row in rows))
    return table


def _stacked(statements: Sequence[Statement]) -> RenderableType:
    blocks: list[RenderableType] = []
    for s in statements:
        blocks += [say(s.agreement_title, "title"), pairs(_aspects(s)), Text()]
    return Group(*blocks[:-1])


def _aspects(s: Statement) -> Iterator[tuple[str, RenderableType]]:
    deadline = next_due(s)
    excuses = [f"{excuse.title}: {'granted' if excuse.granted else 'refused'}. {excuse.why}" for excuse in s.excuses]
    yield "Verdict", say(s.verdict.value.upper(), TONES[s.verdict].value)
    yield "Credit", say(s.amount, "title")
    yield "Available", say(share(s))
    yield "Target", say(f"{s.target} ({s.strength.value})")
    yield "Operands", Group(*map(say, operand_lines(s)))
    yield "Excuse", say(" ".join(excuses) or "none asked")
    yield "Customer", say(f"{s.customer}, order {s.order}")
    by = "none" if deadline is None else f"{deadline.clock} before {local(deadline.late_from or 0, s.period.zone)}"
    yield "Deadline", say(by)
