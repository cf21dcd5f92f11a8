"""Goals: statements of an order a second, explained and not, and the months of a real status log in one go.

The synthetic order has five services, each watched every minute from three locations for thirteen months, under the
example agreement `harbour` or, for explanations over a quarter, `harness`. The status log is that of `../shared/data`,
imported and judged as `examples/harbour/toro.order.yaml` says, where it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from benchmarks.timing import Measured
from makegood.app.importing import import_evidence
from makegood.app.judging import Docket, judge_in, labels, open_docket, world_at
from makegood.model.facts import Facts, Results
from makegood.model.order import CoveredService
from makegood.model.spans import MINUTE, SECOND, Instant

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LOG = ROOT.parent / "shared" / "data" / "toro-status-log.csv"
SERVICES = 5
LOCATIONS = ("iad", "fra", "sin")
FIRST, LAST = "2025-07", "2026-06"


def instant(text: str) -> Instant:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


NOW = instant("2026-08-02")


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took."""
    yield from months()
    yield from later("harness", "2025-Q4", "2026-Q1")
    yield from later("harri", "2026-01", "2026-02")
    yield from status_log()


def months() -> Iterator[Measured]:
    """Every month of every service, once without explanations and once with them; detection is in the first."""
    docket = watched("harbour")
    for explain in (False, True):
        start, statements = perf_counter(), 0
        world = world_at(docket, NOW)
        for label in labels(docket, FIRST, LAST):
            statements += len(judge_in(world, docket, label, explain).statements)
        took = perf_counter() - start
        words = "explained" if explain else "not explained"
        size = f"{statements} statements, {len(docket.facts.results)} checks"
        yield Measured(f"harbour: {words}, {statements / took:,.0f} statements/s", size, took)


def later(name: str, first: str, second: str) -> Iterator[Measured]:
    """Two periods one after the other with all readings priced: the first one also loads and detects."""
    docket = watched(name)
    world = world_at(docket, NOW)
    for label, words in ((first, "first"), (second, "then")):
        start = perf_counter()
        answer = judge_in(world, docket, label)
        took = perf_counter() - start
        readings = max((len(s.readings) for s in answer.statements), default=0)
        size = f"{len(answer.statements)} statements, {readings} readings"
        yield Measured(f"{name}: {label} explained, {words}", size, took)


def watched(name: str) -> Docket:
    """The example order with five services and their observations."""
    with TemporaryDirectory() as nothing:
        agreement, order = EXAMPLES / name / f"{name}.sla.md", EXAMPLES / name / "northwind.order.yaml"
        docket = open_docket(agreement, order, Path(nothing))
    sold = docket.order.services[0]
    services = tuple(
        CoveredService(f"service-{n}", f"Service {n}", (f"check-{n}",), sold.fees, instance=sold.instance)
        for n in range(SERVICES)
    )
    facts = Facts(results={f"check-{n}": results(f"check-{n}", n) for n in range(SERVICES)})
    return replace(docket, order=replace(docket.order, services=services), facts=facts)


def results(check: str, seed: int) -> Results:
    """Thirteen months, mostly up: shared outages, failures of one location, and slots that nobody saw."""
    dice = np.random.default_rng(seed)
    start, end = instant("2025-06-25"), instant("2026-08-01")
    slots = (end - start) // MINUTE
    outcome = np.zeros((slots, len(LOCATIONS)), dtype=np.int8)
    there = np.ones((slots, len(LOCATIONS)), dtype=np.bool_)
    for begin, length in zip(dice.integers(0, slots, 30), dice.integers(3, 90, 30), strict=True):
        outcome[begin : begin + length] = 1
    for place in range(len(LOCATIONS)):
        for begin, length in zip(dice.integers(0, slots, 60), dice.integers(1, 12, 60), strict=True):
            outcome[begin : begin + length, place] = 1
        for begin, length in zip(dice.integers(0, slots, 40), dice.integers(1, 20, 40), strict=True):
            there[begin : begin + length, place] = False
    slot, seen_by = np.nonzero(there)
    begun = start + slot * MINUTE
    return Results(check, LOCATIONS, begun, seen_by.astype(np.int16), outcome[there], begun + SECOND)


def status_log() -> Iterator[Measured]:
    """The real log: imported, opened, and every month of every service judged as of 1 July 2026."""
    if not LOG.is_file():
        return
    with TemporaryDirectory() as folder:
        facts = Path(folder)
        start = perf_counter()
        import_evidence(LOG, facts, now=instant("2026-06-20"), by="benchmark")
        yield Measured("status log: imported", LOG.name, perf_counter() - start)
        start = perf_counter()
        order = EXAMPLES / "harbour" / "toro.order.yaml"
        docket = open_docket(EXAMPLES / "harbour" / "harbour.sla.md", order, facts, other_services=True)
        yield Measured("status log: opened", f"{len(docket.facts.states)} services", perf_counter() - start)
        for explain in (False, True):
            world, statements, start = world_at(docket, instant("2026-07-01")), 0, perf_counter()
            for label in labels(docket, "2024-04", "2026-06"):
                statements += len(judge_in(world, docket, label, explain).statements)
            words = "explained" if explain else "not explained"
            yield Measured(f"status log: 27 months judged, {words}", f"{statements} statements", perf_counter() - start)
