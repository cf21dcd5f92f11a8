"""Many orders at once: a line for each order and period with its totals, or a row of CSV for each statement."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import groupby

from makegood.model.money import Money, plain
from makegood.model.statement import Statement, Verdict
from makegood.render.printable import printable, unformulaic
from makegood.render.tally import Tally
from makegood.render.values import items

COLUMNS = (
    *("order", "customer", "agreement", "version", "plan", "commitment", "subject", "period", "first", "last"),
    *("verdict", "credit", "credit_least", "credit_most", "currency"),
)
VERDICTS = 24
"""The usual width of what counts verdicts: `1 insufficient data`."""
WIDEST = 40


@dataclass(frozen=True, slots=True)
class Row:
    """What a table says of one statement. `first` and `last` are the period's local dates."""

    order: str
    customer: str
    agreement: str
    version: str
    plan: str
    commitment: str
    subject: str
    period: str
    first: date
    last: date
    verdict: Verdict
    amount: str
    credit_least: Money | None = None
    credit_most: Money | None = None


def row_of(s: Statement) -> Row:
    """A statement's row."""
    return Row(
        s.order, s.customer, s.agreement, s.version, s.plan, s.commitment, s.subject,
        s.period.label, s.period.first, s.period.last, s.verdict, s.amount, s.credit_least, s.credit_most,
    )  # fmt: skip


def csv_head() -> str:
    """The names of the columns."""
    return _line(COLUMNS)


def csv_rows(rows: Iterable[Row]) -> str:
    """A line for each statement; amounts in major units, and the credit in words as a statement says it."""
    return "".join(map(_csv_row, rows))


def _csv_row(row: Row) -> str:
    bounds = (row.credit_least, row.credit_most)
    currency = next((m.currency for m in bounds if m is not None), "")
    words = (
        *(row.order, row.customer, row.agreement, row.version, row.plan, row.commitment, row.subject, row.period),
        *(row.first.isoformat(), row.last.isoformat(), row.verdict.value, row.amount),
    )
    return _line([*map(unformulaic, words), *("" if m is None else _major(m) for m in bounds), currency])


def _major(amount: Money) -> str:
    return plain(amount.minor, amount.currency).replace(",", "")


def _line(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


class FleetTable:
    """A line for each order and period, written as they come, and the totals at the end.

    `orders` and `labels` are all that may come: the columns are as wide as these need.
    """

    def __init__(self, orders: Iterable[str], labels: Iterable[str]) -> None:
        self.widths = tuple(
            max(len(head), *(min(WIDEST, len(printable(word))) for word in words))
            for head, words in (("Order", list(orders)), ("Period", list(labels)))
        )
        self.tally = Tally()
        self.orders = 0

    def head(self) -> str:
        """The names of the columns, and a rule below them."""
        order, period = self.widths
        rule = "─" * (order + period + VERDICTS + 6 + len("Credit"))
        return f"{'Order':<{order}}  {'Period':<{period}}  {'Verdicts':<{VERDICTS}}  Credit\n{rule}\n"

    def lines(self, rows: Sequence[Row]) -> str:
        """The lines of one order, whose rows come by period."""
        self.orders += 1
        return "".join(self._lines(rows))

    def _lines(self, rows: Sequence[Row]) -> Iterator[str]:
        order, period = self.widths
        for label, some in groupby(rows, lambda row: row.period):
            tally = Tally()
            name = ""
            for row in some:
                tally.add(row)
                self.tally.add(row)
                name = printable(row.order)
            credit = ", ".join(tally.credits()) or "none"
            yield f"{name:<{order}}  {printable(label):<{period}}  {tally.counted():<{VERDICTS}}  {credit}\n"

    def totals(self) -> str:
        """`3 orders, 36 statements: 30 met, 6 breached. Credit 300.00 EUR.`"""
        return f"\n{items(self.orders, 'order')}, {self.tally.summary()}\n"
