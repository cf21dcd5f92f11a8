"""Use case: follow what is watched as it comes into a store, and say how every subject does, by its own agreement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from makegood.app.judging import Docket, binding
from makegood.calendar.period import period_holding
from makegood.engine.chain import judged_commitments
from makegood.engine.detect.follow import Track
from makegood.engine.detect.started import started
from makegood.engine.judge.case import World
from makegood.engine.judge.down import Seen, detection_of, seen_of, too_few
from makegood.engine.live import OrderNow
from makegood.evidence.batch import Batch, RowBatch
from makegood.model.detection import Detection
from makegood.model.facts import Facts, Results
from makegood.model.health import Subject
from makegood.model.problem import Problem, Refused
from makegood.model.runs import RunResults
from makegood.model.spans import END_OF_TIME, Duration, Instant
from makegood.model.terms import DetectRule, OutageRule
from makegood.store.arriving import arrived
from makegood.store.figure_files import measured_in
from makegood.store.folder import read_folder, read_records
from makegood.store.measuring import longer
from makegood.store.opened import Store
from makegood.store.sql.deploying import DEPLOYMENT

Name: TypeAlias = tuple[str, Duration]
"""A check, and the length in µs of the slots that a rule puts its results into."""

Rule: TypeAlias = tuple[DetectRule, OutageRule]


READ_ANEW = frozenset(f"segment/{kind}" for kind in ("observations", "states", "measurements"))
"""Kinds of entries after which all evidence is read again: imports, which are seldom."""


class Outdated(Exception):
    """Agreements, orders or checks were recorded since: what is followed has to be chosen anew."""


class Following:
    """How the subjects of some orders do, by what a store holds: read once, and then as it grows.

    Whatever comes when, what is said is what `evaluate` would find in the same store. `dockets` are the orders with
    their terms; their own facts are not looked at. Of the log the first `size` entries are read, or all; `hear` reads
    on. Raises Refused where the store cannot be read.
    """

    def __init__(self, store: Store, dockets: Sequence[Docket], now: Instant, size: int | None = None) -> None:
        self._store, self._dockets = store, tuple(dockets)
        self._checks = {c for one in dockets for service in one.order.services for c in service.checks}
        self._size = 0
        self._facts = Facts()
        self._orders: list[OrderNow] = []
        self._labels: list[tuple[str, ...]] = []
        self._rules: dict[Duration, set[Rule]] = {}
        self._tracks: dict[Name, Track] = {}
        self._changed: set[str] = set()
        self._problems: list[Problem] = []
        self._begin(now, store.size() if size is None else size)

    @property
    def problems(self) -> Sequence[Problem]:
        """What was wrong with the evidence when all of it was last read."""
        return self._problems

    @property
    def size(self) -> int:
        """The length of the log that was read."""
        return self._size

    def hear(self, now: Instant) -> bool:
        """Read what came since, and whether there was anything. Raises Refused where the store cannot be read, and
        `Outdated` where other orders may have to be followed."""
        news = arrived(self._store, self._size)
        if news.size == self._size:
            return False
        if f"document/{DEPLOYMENT}" in news.kinds:
            raise Outdated
        if news.sealed or news.kinds & READ_ANEW:
            self._begin(now, news.size)
            return True
        if any(not kind.startswith("document/") and kind != "batch" for kind in news.kinds):
            self._facts = read_records(self._store.folder, news.size, self._facts)
            self._open_orders(now)
        again = set[str]()
        for batch in news.batches:
            again |= self._hear_batch(batch)
        if measured := [b for b in news.batches if isinstance(b, RowBatch) and b.figures is not None]:
            self._hear_figures(measured, now, news.size)
        if again:
            self._hear_again(again, news.size)
        self._size = news.size
        return True

    def subjects(self, now: Instant) -> list[Subject]:
        """Every subject of every order that rests on outages, as it is at an instant."""
        if [_labels(docket, now) for docket in self._dockets] != self._labels:
            self._open_orders(now)
        shared = dict[tuple[str, Rule], Seen | None]()
        for order in self._orders:
            for check in self._changed.intersection(order.checks):
                for rule in order.rules:
                    key = check, rule
                    seen = shared[key] if key in shared else shared.setdefault(key, self._seen(check, *rule))
                    if seen is not None:
                        order.see(*rule, check, seen)
        self._changed.clear()
        return [subject for order in self._orders for subject in order.subjects(now)]

    def places(self, order: str, services: Collection[str]) -> tuple[str, ...]:
        """The locations that see a check of some services of an order fail in the last slot that they told of."""
        checks, found = self.checks(order, services), set[str]()
        for (check, _), track in self._tracks.items():
            found |= set(track.failing()) if check in checks else set()
        return tuple(sorted(found))

    def checks(self, order: str, services: Collection[str]) -> frozenset[str]:
        """The checks of some services of an order."""
        those = [s for d in self._dockets if d.order.id == order for s in d.order.services if s.name in services]
        return frozenset(check for service in those for check in service.checks)

    def _begin(self, now: Instant, size: int) -> None:
        """Read everything that the log had when it was so long."""
        self._size = size
        facts, self._problems = read_folder(self._store.folder, size)
        self._facts = replace(facts, results={})
        self._tracks, self._rules = {}, {}
        self._open_orders(now, facts.results)

    def _open_orders(self, now: Instant, results: Mapping[str, Results] | None = None) -> None:
        """Find the periods and terms that hold, and read the results again where these have other rules."""
        self._labels = [_labels(docket, now) for docket in self._dockets]
        self._orders = list(self._judged(now))
        needed = dict[Duration, set[Rule]]()
        for order in self._orders:
            for rule, outage in order.rules:
                needed.setdefault(rule.every, set()).add((rule, outage))
        if results is not None or any(rules - self._rules.get(every, set()) for every, rules in needed.items()):
            self._rules, self._tracks = needed, {}
            found = results if results is not None else read_folder(self._store.folder, self._size)[0].results
            self._hear_results(found)
        self._changed = set(self._checks)

    def _judged(self, now: Instant) -> Iterator[OrderNow]:
        """Each order, for each of its periods that hold an instant."""
        known = self._facts.known_at(now)
        for docket, labels in zip(self._dockets, self._labels, strict=True):
            world = World(docket.order, known, now)
            for label in labels:
                try:
                    _, terms = binding(world, docket, label)
                except Refused:  # the order does not cover it, or not yet
                    continue
                yield OrderNow(world, terms, label)

    def _seen(self, check: str, rule: DetectRule, outage: OutageRule) -> Seen | None:
        """What was seen of a check under a rule; None where no result of it was heard."""
        track = self._tracks.get((check, rule.every))
        if track is None:
            return None
        detection = detection_of(rule, outage, len(track.locations))
        if detection is None:
            return too_few(check, track.locations)
        return seen_of(check, track.locations, track.found(detection), detection)

    def _detections(self, every: Duration, locations: int) -> list[Detection]:
        made = (detection_of(rule, outage, locations) for rule, outage in self._rules[every])
        return list(dict.fromkeys(one for one in made if one is not None))

    def _hear_batch(self, batch: Batch) -> set[str]:
        """Hear the results of a batch; the checks of which earlier ones have to be heard again."""
        check, slot, outcome = batch.samples()
        order = np.argsort(check, kind="stable")
        edges = np.searchsorted(check[order], np.arange(len(batch.checks) + 1))
        again = set[str]()
        for number, name in enumerate(batch.checks):
            mine = order[edges[number] : edges[number + 1]]
            if name not in self._checks or not len(mine):
                continue
            self._changed.add(name)
            for every in self._rules:
                track = self._tracks.get((name, every))
                if track is None or batch.location not in track.locations:
                    again.add(name)
                    continue
                slots = slot[mine] * batch.every // every
                place = np.full(len(mine), track.locations.index(batch.location), dtype=np.int16)
                if not track.hear(slots, place, outcome[mine].astype(np.int8)):
                    again.add(name)
        return again

    def _hear_figures(self, batches: Sequence[RowBatch], now: Instant, size: int) -> None:
        """Hear what batches measured: mostly of the intervals after those that are known, else all is read anew."""
        known = longer(self._facts.measurements, measured_in(batches, now))
        if known is None:
            facts, self._problems = read_folder(self._store.folder, size)
            known = facts.measurements
        self._facts = replace(self._facts, measurements=known)
        known_now = {service: tuple(m.known_at(END_OF_TIME) for m in made) for service, made in known.items()}
        for order in self._orders:
            order.measure(replace(order.world.facts, measurements=known_now))

    def _hear_again(self, checks: Collection[str], size: int) -> None:
        """Read all results of some checks anew: of a location that was not heard before, or too late to be at hand."""
        results = read_folder(self._store.folder, size)[0].results
        self._hear_results({check: results[check] for check in checks})

    def _hear_results(self, results: Mapping[str, Results]) -> None:
        """Hear all results of some checks, instead of what was heard of them before."""
        known = {check: of for check, of in results.items() if check in self._checks}
        self._changed |= known.keys()
        sheets = dict[int, list[RunResults]]()
        for check, of in known.items():
            for every in self._rules:
                if isinstance(of, RunResults) and of.sheet.every == every:
                    sheets.setdefault(id(of.sheet), []).append(of)
                else:
                    self._tracks[check, every] = self._track_of_rows(of, every)
        for some in sheets.values():
            every = some[0].sheet.every
            tracks = started(some, lambda locations, every=every: self._detections(every, locations))  # type: ignore[misc]
            for one, track in zip(some, tracks, strict=True):
                self._tracks[one.check, every] = track

    def _track_of_rows(self, results: Results, every: Duration) -> Track:
        there = np.unique(results.location)
        names = tuple(results.locations[n] for n in there.tolist())
        track = Track(every, names, self._detections(every, len(names)))
        location = np.searchsorted(there, results.location).astype(np.int16)
        track.hear(results.begun // every, location, results.outcome)
        return track


def _labels(docket: Docket, now: Instant) -> tuple[str, ...]:
    """The labels of the periods of an order that hold an instant."""
    terms = docket.terms.values()
    rules = {one.periods[c.period] for one in terms for c in judged_commitments(one)}
    return tuple(sorted({period_holding(rule, now).label for rule in rules}))
