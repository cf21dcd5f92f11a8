"""A statement over measured intervals or over tickets says nothing of up, down and outages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from makegood.model.spans import HOUR, Span, Spans
from makegood.model.statement import RestsOn, Statement, Timed, Verdict
from makegood.model.terms import Counts, MeasureKind
from makegood.render.document import statement_document
from makegood.render.html import statement_html
from makegood.render.tables import statements_table
from makegood.render.text import statement_text
from tests.render.samples import CREDITS, NOTHING, at, met

DUE = at(date(2026, 2, 9), 12)


def requests(unknown: Spans = NOTHING) -> Statement:
    """A share of counts over a month, all of it measured but for `unknown`."""
    s = met()
    return replace(
        s,
        outages=(),
        excuses=(),
        readings=(),
        smallest=(),
        rests_on=RestsOn.INTERVALS,
        measure=MeasureKind.COUNTS,
        classes=replace(s.classes, up=Spans([s.judged]) - unknown, down=Spans(), excused=Spans(), unknown=unknown),
    )


def tickets() -> Statement:
    """A share in time: one ticket three hours late, one never answered, one that still has time."""
    made = [
        Timed("answer", CREDITS, "P1", DUE - HOUR, DUE, stopped, "an hour", item, "ticket")
        for item, stopped in (("T-1", DUE + 3 * HOUR), ("T-2", None))
    ]
    later = Timed("answer", CREDITS, "", met().as_of, met().as_of + HOUR, None, "an hour", "T-3", "ticket")
    return replace(
        requests(), rests_on=RestsOn.ITEMS, measure=MeasureKind.IN_TIME, counts=Counts.SHARE, not_kept=(*made, later)
    )


@pytest.mark.parametrize("shown", [statement_text, lambda s: statement_html([s])])
def test_neither_has_a_timeline_of_up_and_down_or_a_heading_of_outages(shown: Callable[[Statement], str]) -> None:
    for statement in (requests(), tickets()):
        page = shown(statement)
        assert "outage" not in page.lower()
        assert "<svg" not in page
        assert "─ up" not in page
        assert "Where the time went" not in page


def test_time_that_was_not_measured_is_laid_out_as_such() -> None:
    start = requests().judged.start
    hour = Spans([Span(start, start + HOUR)])
    text = statement_text(requests(hour))
    assert "─ measured" in text
    assert "not measured, and it matters" in text
    assert "<svg" in statement_html([requests(hour)])


@pytest.mark.parametrize("width", [40, 100])
def test_each_late_ticket_is_listed_with_its_deadline_and_by_how_much(width: int) -> None:
    text = statement_text(tickets(), width)
    assert "2 tickets late, 1 not done yet" in " ".join(text.split())
    assert "T-1  3 h late" in text
    assert "T-2" in text
    assert "late so far" in text
    assert "T-3  not late yet" in text
    assert max(map(len, text.splitlines())) <= width


def test_the_page_and_the_document_list_them_too() -> None:
    page = statement_html([tickets()])
    assert "3 h late" in page
    assert page.count('data-label="late from"') == 3
    document = statement_document(tickets())
    assert [(t.item, t.kind, t.stopped is None) for t in document.not_kept] == [
        ("T-1", "ticket", False),
        ("T-2", "ticket", True),
        ("T-3", "ticket", True),
    ]
    assert document.measure.rests_on is RestsOn.ITEMS


def test_a_table_has_a_dash_where_there_is_no_down_time() -> None:
    assert "—" in statements_table([requests()])
    assert " down" not in statements_table([requests()], 60)


def test_what_decides_between_the_runs_is_named_by_what_is_counted() -> None:
    for statement, words in ((requests(), "what was not measured"), (tickets(), "what is not done yet")):
        unsure = replace(statement, verdict=Verdict.INSUFFICIENT, unfavourable=replace(statement.unfavourable))
        assert words in statement_text(unsure)
        assert "not seen" not in statement_text(unsure)
