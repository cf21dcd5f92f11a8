"""What a file of another program brings: facts and evidence under our names, and what of the file could not come along.

A reader is given a file and what its user says of it, and returns one `Brought`. It writes nothing, asks no clock and
looks at nothing but the file and those named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from makegood.exchange.measurements import MeasurementRows
from makegood.exchange.observations import Observations
from makegood.exchange.status_log import StatusRows
from makegood.exchange.table import Unreadable
from makegood.model.facts import AnyFact
from makegood.model.problem import Problem
from makegood.model.spans import Instant

MOST_BYTES = 1 << 26
"""A document of another program may have this many bytes; a database is read where it lies and may have more."""

HEAD = 4096


@dataclass(frozen=True)
class Foreign:
    """A file of another program and what its user says of it.

    `source` names who reported it, `now` (µs UTC) and `by` are when and by whom it is recorded. `names` are our names
    of services and checks by the file's own. `options` are those of one format each, by their name without dashes.
    `services` are the services of the order by the check that is about them, where the order is known; `location` is
    where probes ran whose file does not say it.
    """

    path: Path
    now: Instant
    by: str
    source: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    location: str = ""

    @cached_property
    def head(self) -> bytes:
        """The first bytes. Raises OSError as `open` does."""
        with self.path.open("rb") as file:
            return file.read(HEAD)

    @cached_property
    def raw(self) -> bytes:
        """The whole file. Raises Unreadable where it is larger than a document may be, and OSError as `open` does."""
        with self.path.open("rb") as file:
            found = file.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise Unreadable(f"the file has more than {MOST_BYTES >> 20} MiB: split it, or export less at once")
        return found


@dataclass(frozen=True, eq=False)
class Brought:
    """What a reader made of a file.

    `states` are what `source` reported of services, in order of time for each. `opening` are states that count only
    where the folder knows nothing earlier of that service and source: what the file can say of the time at which it
    begins; they have the services of `states`. `observations` are results of checks, `measurements` what was counted or
    measured in intervals. `notes` say in a sentence each what was left out or taken in a way that a person may want
    otherwise. With a problem that is an error, nothing may be written.
    """

    source: str = ""
    facts: tuple[AnyFact, ...] = ()
    states: StatusRows | None = None
    opening: StatusRows | None = None
    observations: Observations | None = None
    measurements: MeasurementRows | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
