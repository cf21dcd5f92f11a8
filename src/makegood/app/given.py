"""A file of evidence as it was given: its rows as claims about subjects, to be compared with what is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from makegood.app.novelty import Claims
from makegood.exchange.any_table import read_table
from makegood.exchange.measurements import MeasurementRows, Otherwise, read_measurements
from makegood.exchange.observations import Observations, read_observations
from makegood.exchange.status_log import StatusRows, read_status_log
from makegood.exchange.table import Rejections, Unreadable, form_of
from makegood.model.facts import Facts
from makegood.model.spans import Duration, Instant
from makegood.store.durable import make_folder, write_whole
from makegood.store.evidence_files import write_latencies, write_observations, write_states
from makegood.store.measurement_files import write_measurements

Kind: TypeAlias = Literal["observations", "status log", "measurements"]

Evidence: TypeAlias = Observations | StatusRows | MeasurementRows


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is taken: its kind, the source of a status log or of measurements, and what holds for rows that do not
    say it: the check and location of observations, the service, metric and length of measurements."""

    kind: Kind
    source: str
    check: str = ""
    location: str = ""
    service: str = ""
    metric: str = ""
    every: Duration | None = None

    @property
    def folder(self) -> str:
        """The folder that keeps such evidence."""
        return {"observations": "observations", "status log": "states", "measurements": "measurements"}[self.kind]


NO_CLAIMS = Claims(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8))


@dataclass(frozen=True)
class Given:
    """The rows that can be accepted, and the rejected ones. `claims.subject` indexes `subjects`: (check, location) of
    observations, (service, source) of a status log; measurements are compared number by number and claim nothing."""

    rows: Evidence
    claims: Claims
    subjects: tuple[tuple[str, str], ...]
    rejected: Rejections
    left_aside: tuple[str, ...]


def kind_of(path: Path) -> Kind:
    """What a file is by its columns. Raises Unreadable when they do not tell."""
    first = next(iter(read_table(path, form_of(path.name), Rejections())), None)
    columns = first.columns if first is not None else {}
    marks: dict[Kind, set[str]] = {
        "observations": {"check", "location", "begun"} & set(columns),
        "status log": {"service", "status"} & set(columns),
        "measurements": {"start", "metric"} & set(columns),
    }
    if marks["measurements"] and "status" not in columns:
        marks["status log"].clear()  # all of these have services
    fitting = [kind for kind, found in marks.items() if found]
    if len(fitting) != 1:
        why = " and ".join(f"`{min(marks[kind])}`" for kind in fitting)
        why = f"it has {why}" if fitting else "its columns fit none"
        raise Unreadable(f"{why}: say with --as whether these are observations, a status log or measurements")
    return fitting[0]


def read_given(path: Path, manner: Manner, now: Instant, known: Collection[str] | None) -> Given:
    """Read the file. Raises Unreadable when it is no such table."""
    form = form_of(path.name)
    if manner.kind == "observations":
        observed = read_observations(path, form, manner.check, manner.location, known, now)
        o = observed.rows
        subjects = tuple((check, place) for check in o.checks for place in o.locations)
        claims = Claims(o.check * max(1, len(o.locations)) + o.location, o.begun, o.outcome)
        return Given(o, claims, subjects, observed.rejected, observed.left_aside)
    if manner.kind == "measurements":
        otherwise = Otherwise(manner.service, manner.metric, manner.source, manner.every)
        made = read_measurements(path, form, otherwise, known, now)
        return Given(made.rows, NO_CLAIMS, (), made.rejected, made.left_aside)
    log = read_status_log(path, form, known, now)
    s = log.rows
    subjects = tuple((service, manner.source) for service in s.services)
    return Given(s, Claims(s.service, s.at, s.outcome), subjects, log.rejected, log.left_aside)


def known_claims(facts: Facts, given: Given, manner: Manner) -> Claims:
    """What is known about the subjects of the file, numbered as in the file."""
    number = {names: i for i, names in enumerate(given.subjects)}
    parts = [NO_CLAIMS]
    for first in dict.fromkeys(names[0] for names in given.subjects):
        if manner.kind == "observations" and first in facts.results:
            r = facts.results[first]
            of = np.array([number.get((first, place), -1) for place in r.locations], dtype=np.int64)
            parts.append(Claims(of[r.location], r.begun, r.outcome))
        if manner.kind == "status log":
            for s in facts.states.get(first, ()):
                subject = np.full(len(s.at), number.get((first, s.source), -1), dtype=np.int64)
                parts.append(Claims(subject, s.at, s.outcome))
    joined = Claims(
        np.concatenate([p.subject for p in parts]),
        np.concatenate([p.at for p in parts]),
        np.concatenate([p.outcome for p in parts]),
    )
    asked = joined.subject >= 0
    return Claims(joined.subject[asked], joined.at[asked], joined.outcome[asked])


def write_given(into: Path, name: str, rows: Evidence, manner: Manner, recorded: Instant) -> None:
    """Write rows to `into/name`, known from `recorded` on; latencies go to a file of the same name in `latencies/`."""
    when = np.full(len(rows), recorded, dtype=np.int64)
    make_folder((into / name).parent)
    if isinstance(rows, StatusRows):
        reported = replace(rows, recorded=when)
        write_whole(into / name, lambda beside: write_states(beside, reported, manner.source))
        return
    if isinstance(rows, MeasurementRows):
        made = replace(rows, recorded=when)
        write_whole(into / name, lambda beside: write_measurements(beside, made))
        return
    observed = replace(rows, recorded=when)
    write_whole(into / name, lambda beside: write_observations(beside, observed))
    if bool((observed.latency >= 0).any()):
        make_folder(into / "latencies")
        write_whole(into / "latencies" / Path(name).name, lambda beside: write_latencies(beside, observed))
