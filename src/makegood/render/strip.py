"""The period as one line of signs, so that a terminal shows where it was broken."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.model.spans import Span
from makegood.model.statement import RestsOn, Statement

SIGNS = (("down", "█", "bad"), ("unknown", "▒", "open"), ("excused", "▄", "plain"), ("brief", "▁", "quiet"))
UP, OUTSIDE, MEASURED = ("up", "─", "good"), ("outside", "╌", "quiet"), ("measured", "─", "plain")


def has_timeline(statement: Statement) -> bool:
    """Whether there is anything to lay out in time: of measured intervals only what was not measured or left out."""
    if statement.timed is not None or statement.rests_on is RestsOn.ITEMS:
        return False
    classes = statement.classes
    whole = classes.unknown.total or classes.excused.total or classes.outside.total
    return statement.rests_on is RestsOn.TIME or bool(whole)


def strip(statement: Statement, cells: int) -> Iterator[tuple[str, str, str]]:
    """For each cell its class, sign and style.

    A cell with a moment of downtime shows it, however short; else what is unknown, excused or brief; else the larger of
    up and outside.
    """
    classes, judged = statement.classes, statement.judged
    for i in range(cells):
        cell = Span(judged.start + judged.length * i // cells, judged.start + judged.length * (i + 1) // cells)
        for name, sign, style in SIGNS:
            if len(getattr(classes, name).within(cell)):
                yield name, sign, style
                break
        else:
            outside = classes.outside.within(cell).total * 2 > cell.length
            yield OUTSIDE if outside else MEASURED if statement.rests_on is RestsOn.INTERVALS else UP
