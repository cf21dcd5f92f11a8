"""A draft replayed over a year of many orders: every statement under the old and the new agreement, and each of four
changes applied alone.

The orders are those of the starter, each with a status log of its own that tells every half hour: an outage of some
minutes in a third of the months.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from benchmarks.timing import Measured
from makegood.app.drafts import Draft, open_draft
from makegood.app.judging import Docket, open_docket
from makegood.app.replaying import replay
from makegood.app.starting import start
from makegood.model.facts import DOWN, UP, Facts, States
from makegood.model.spans import HOUR, MINUTE, SECOND

ORDERS = 40
EDITS = (
    ("is: at least 99.9 %", "is: at least 99.95 %"),
    ("gives: 10 %", "gives: 20 %"),
    ("gives: 25 %", "gives: 30 %"),
    ("holds: 1 h\n", "holds: 2 h\n"),
)
FIRST, LAST = (round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * SECOND for year in (2026, 2027))


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took."""
    with TemporaryDirectory() as folder:
        dockets, draft = sold(Path(folder), ORDERS)
    begun = perf_counter()
    found, _ = replay(dockets, draft, "12 months", date(2026, 12, 31), LAST)
    seconds = perf_counter() - begun
    judged = len(found.pairs) * (2 + len(found.attributed))
    changed = sum(pair.changes for pair in found.pairs)
    size = f"{ORDERS} orders, {len(found.pairs)} months, {len(found.attributed)} changes"
    beside = f"{judged / seconds:,.0f} judgements/s; {changed} statements change"
    yield Measured("replay of a draft", size, seconds, beside)


def sold(folder: Path, orders: int) -> tuple[list[Docket], Draft]:
    """The orders with their facts, and the draft."""
    start(folder)
    text = (folder / "hosting.sla.md").read_text(encoding="utf-8")
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    (folder / "draft.sla.md").write_text(text, encoding="utf-8")
    one = open_docket(folder / "hosting.sla.md", folder / "acme.order.yaml", folder / "facts")
    dice = np.random.default_rng(5)
    service = one.order.services[0].name
    dockets = [
        replace(
            one,
            order=replace(one.order, id=f"order-{n}"),
            facts=Facts(states={service: (log(service, dice),)}),
        )
        for n in range(orders)
    ]
    return dockets, open_draft(folder / "draft.sla.md", (), {})


def log(service: str, dice: np.random.Generator) -> States:
    """A year of half hours, all up, and four outages of 6 to 120 minutes."""
    at = np.arange(FIRST, LAST, HOUR // 2, dtype=np.int64)
    outcome = np.full(len(at), UP, dtype=np.int8)
    begins = np.sort(dice.choice(len(at) - 5, 4, replace=False)) * (HOUR // 2) + FIRST + MINUTE
    ends = begins + dice.integers(6, 120, 4) * MINUTE
    inside = ((at[:, None] >= begins) & (at[:, None] < ends)).any(axis=1)
    outcome[inside] = DOWN
    at = np.concatenate((at, begins, ends))
    outcome = np.concatenate((outcome, np.full(4, DOWN), np.full(4, UP))).astype(np.int8)
    order = np.argsort(at, kind="stable")
    at, outcome = at[order], outcome[order]
    return States(service, "log", at, at, outcome, at)
