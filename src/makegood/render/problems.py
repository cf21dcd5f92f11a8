"""Problems as a good compiler shows them: where, what, the line itself with a mark below, why, and what to write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from makegood.model.problem import Problem, Severity
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.text import hanging, say
from makegood.render.values import items

STYLE = {Severity.ERROR: "bad", Severity.WARNING: "open", Severity.NOTE: "plain"}
GUTTER = 5
BEFORE = 24
"""How much of a line is kept before the mark where the line is longer than the terminal is wide."""


def problems_text(
    problems: Iterable[Problem],
    source_texts: Mapping[str, str],
    color: bool = False,
    width: int = 100,
    encoding: str = "utf-8",
) -> str:
    """Every problem with its source line, sorted by place, and a last line that counts them.

    `source_texts` holds the text of each source by the name that places use; a problem without one has no line.
    """
    ordered = in_order(problems)
    lines = {source: text.splitlines() for source, text in source_texts.items()}
    blocks = [piece for problem in ordered for piece in (*_block(problem, lines, width), Text())]
    return shown(Group(*blocks, say(counted(ordered), "title")), width, color, encoding)


def problems_json(problems: Iterable[Problem]) -> str:
    """The problems sorted by place as a JSON list; lines and columns count from 1, and 0 is none."""
    listed = [
        {
            "code": p.code,
            "severity": p.severity.value,
            "source": p.where.source,
            "line": p.where.line,
            "column": p.where.column,
            "clause": p.where.clause,
            "what": p.what,
            "why": p.why,
            "hint": p.hint,
        }
        for p in in_order(problems)
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def problems_lines(problems: Iterable[Problem]) -> str:
    """One line for each problem, as compilers write them: `file:line:column: warning: what [code]`."""
    return "".join(f"{_line(problem)}\n" for problem in in_order(problems))


def _line(problem: Problem) -> str:
    at = ":".join([problem.where.source, *(str(n) for n in (problem.where.line, problem.where.column) if n)])
    what = " ".join(problem.what.split())
    return printable(f"{at}: {problem.severity.value}: {what} [{problem.code}]")


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By place; at one place errors first."""
    rank = {severity: place for place, severity in enumerate(Severity)}
    return sorted(problems, key=lambda p: (p.where, rank[p.severity], p.code, p.what, p.why, p.hint))


def counted(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`; `no problems`."""
    found = Counter(p.severity for p in problems)
    return ", ".join(items(found[s], s.value) for s in Severity if found[s]) or "no problems"


def _block(problem: Problem, lines: Mapping[str, Sequence[str]], width: int) -> Iterator[RenderableType]:
    where = problem.where
    at = ":".join([where.source, *(str(n) for n in (where.line, where.column) if n)])
    clause = f"  clause {where.clause}" if where.clause else ""
    severity = (problem.severity.value, STYLE[problem.severity])
    yield Text.assemble(severity, f" {problem.code}  ", say(at, "title"), say(clause, "quiet"))
    yield hanging(Text(" "), say(problem.what))
    source = lines.get(where.source, ())
    if 0 < where.line <= len(source):
        yield from _source(source[where.line - 1], where.line, where.column, STYLE[problem.severity], width)
    if problem.why:
        yield hanging(Text("  why:", "quiet"), say(problem.why))
    if problem.hint:
        yield hanging(Text(" hint:", "holds"), say(problem.hint))


def _source(line: str, number: int, column: int, style: str, width: int) -> Iterator[Text]:
    """The line and a mark under its column; cut on the left and right where it would not fit."""
    before, after = printable(line[: max(0, column - 1)]), printable(line[max(0, column - 1) :])
    room = max(20, width - GUTTER - 3)
    if cell_len(before + after) > room and cell_len(before) > BEFORE:
        before = "…" + before[-BEFORE:]
    whole = Text(before + after, no_wrap=True)
    if whole.cell_len > room:
        whole.truncate(room, overflow="ellipsis")
    yield Text.assemble((f"{number:>{GUTTER}} │ ", "quiet"), whole)
    if column:
        mark = len(after) - len(after.lstrip()) if after.strip() else 0
        yield Text.assemble((" " * GUTTER + " │ ", "quiet"), " " * (cell_len(before) + mark), ("^", style))
