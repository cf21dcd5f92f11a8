"""Flips of one check in healthchecks: when it went down and came up again, as reported states of a service.

The JSON of `/api/v3/checks/<uuid>/flips/` is a list of `timestamp` and `up`; a table with those two columns is taken
too. A failure is told only once the period and the grace time have passed without a ping: with the option `grace` the
service may have failed that much earlier, and both bounds are kept. A pause looks like a failure there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from makegood.exchange.any_table import read_table
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import Sieve, chosen_column, shown
from makegood.exchange.foreign_json import Findings, Record, json_of, looks_like_json
from makegood.exchange.moments import written
from makegood.exchange.naming import EVERYTHING
from makegood.exchange.status_log import StatusRows
from makegood.exchange.table import Form, Rejections, Unreadable
from makegood.model.facts import DOWN, UP
from makegood.model.spans import Instant

KEYS = {"timestamp", "up"}
OUTCOME = {"1": UP, "0": DOWN, "true": UP, "false": DOWN}


@dataclass(frozen=True, slots=True, order=True)
class Flip:
    """From an instant (µs UTC) on, up or down; `where` says which entry of the file it is."""

    at: Instant
    outcome: int
    where: str


def tells(file: Foreign) -> bool:
    """Whether it is a list of flips, or a table with their two columns and no other."""
    if file.path.name.lower().endswith(".csv"):
        names = file.head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
        return {name.strip().strip('"') for name in names.split(",")} == KEYS
    return looks_like_json(file, b"timestamp", b"up") and _list(json_of(file)) is not None


def read(file: Foreign) -> Brought:
    """The flips as states of the one service that `--name` says. Options: `grace`, `fetched`.

    Raises Unreadable for a file that is no such list, and OSError as `open` does.
    """
    findings = Findings(str(file.path))
    flips = sorted(_of_table(file, findings) if file.path.name.lower().endswith(".csv") else _of_json(file, findings))
    service = file.names.get(EVERYTHING, "")
    if not service:
        hint = "say which service it is about: --name web"
        findings.error("foreign-name", "the file does not name the check that it is about", "", hint)
    for one, other in pairwise(flips):
        if one.at == other.at and one.outcome != other.outcome:
            findings.error("foreign-value", f"{one.where} and {other.where} say up and down of one instant, "
                           f"{written(one.at)}", "", "keep the one that is right")  # fmt: skip
    for flip in flips:
        if flip.at > file.now:
            findings.error("foreign-value", f"{flip.where} lies in the future: {written(flip.at)}")
    fetched = _fetched(file, flips, findings)
    source = file.source or "healthchecks"
    if findings.count or not flips:
        return Brought(source, notes=findings.left_aside(), problems=findings.all())
    if fetched is not None and fetched > flips[-1].at:
        flips.append(Flip(fetched, flips[-1].outcome, ""))
    grace = int(file.options.get("grace", "0"))
    states = _states(service, [f for i, f in enumerate(flips) if not i or f.at != flips[i - 1].at], grace)
    return Brought(source, states=states, notes=(*_about(flips, grace, fetched), *findings.left_aside()))


def _list(value: Any) -> list[Any] | None:
    """The list of flips in a JSON value; None where there is none."""
    found = value.get("flips") if isinstance(value, dict) else value
    if isinstance(found, list) and found and all(isinstance(v, dict) and v.keys() >= KEYS for v in found):
        return found
    return None


def _of_json(file: Foreign, findings: Findings) -> Iterator[Flip]:
    value = json_of(file)
    found = value.get("flips") if isinstance(value, dict) else value
    if not isinstance(found, list):
        raise Unreadable("this is no list of flips: each should be an object with `timestamp` and `up`")
    for record in Record({"flips": found}, "", findings).records("flips"):
        record.knows(*KEYS)
        at, up = record.instant("timestamp", needed=True), record.value.get("up")
        outcome = OUTCOME.get(str(up).lower()) if isinstance(up, (int, bool)) else None
        if outcome is None:
            record.error(f"has `up: {shown(str(up))}`, which is neither 1 nor 0")
        elif at is not None:
            yield Flip(at, outcome, record.where)


def _of_table(file: Foreign, findings: Findings) -> Iterator[Flip]:
    rejected = Rejections()
    for batch in read_table(file.path, Form.CSV, rejected):
        if not len(batch.rows) and not batch.columns:
            continue
        chosen_column(batch, "timestamp")
        chosen_column(batch, "up")
        sieve = Sieve(batch)
        times = sieve.times("timestamp", file.now)
        ups = batch.columns["up"]
        for i, up in enumerate(ups):
            if up.strip().lower() not in OUTCOME:
                sieve.refuse(i, f"up: `{shown(up)}` is neither 1 nor 0")
        for i in np.flatnonzero(sieve.kept(rejected)).tolist():
            yield Flip(int(times[i]), OUTCOME[ups[i].strip().lower()], f"row {int(batch.rows[i])}")
    for rejection in sorted(rejected.first):
        findings.error("foreign-value", f"row {rejection.row}: {rejection.reason}")
    findings.more += rejected.count - len(rejected.first)


def _fetched(file: Foreign, flips: list[Flip], findings: Findings) -> Instant | None:
    asked = file.options.get("fetched")
    if asked is None:
        return None
    if flips and int(asked) < flips[-1].at:
        what = f"the file tells of {written(flips[-1].at)}, after it was fetched at {written(int(asked))}"
        findings.error("foreign-value", what, "", "correct --fetched")
    if int(asked) > file.now:
        findings.error("foreign-value", f"--fetched lies in the future: {written(int(asked))}")
    return int(asked)


def _states(service: str, flips: list[Flip], grace: int) -> StatusRows:
    at = np.array([flip.at for flip in flips], dtype=np.int64)
    outcome = np.array([flip.outcome for flip in flips], dtype=np.int8)
    before = np.concatenate((at[:1], at[:-1]))
    falls = (outcome == DOWN) & np.concatenate(([False], outcome[:-1] != DOWN))
    earliest = np.where(falls, np.maximum(at - grace, before), at)
    rows = np.arange(1, len(at) + 1, dtype=np.int64)
    return StatusRows((service,), rows, np.zeros(len(at), dtype=np.int64), at, earliest, outcome, at)


def _about(flips: list[Flip], grace: int, fetched: Instant | None) -> Iterator[str]:
    if not grace:
        yield ("a failure is dated when it was told, once period and grace had passed without a ping: it may have come "
               "that much earlier; --grace keeps both bounds")  # fmt: skip
    yield "a pause of the check looks like a failure in its flips: record its cause, or leave those flips out"
    yield f"nothing is known before {written(flips[0].at)}, the first flip"
    if fetched is None:
        yield ("how long the last state held is not in the file: --fetched says when it was fetched, and the agreement "
               "how long a last state holds")  # fmt: skip
