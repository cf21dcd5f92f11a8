"""Why the outages that pages tell of began: looked up a few at a time, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from makegood.model.problem import Refused
from makegood.model.results import Failure
from makegood.model.spans import END_OF_TIME, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.status import ServiceStatus
from makegood.store.opened import Store
from makegood.store.reasons import OPENING, Asked, reasons

AT_ONCE = 20
"""Outages that are looked up in one turn, so that a page of 90 days holds nothing up."""
AGAIN: Duration = 15 * SECOND
SETTLED: Duration = OPENING + 2 * MINUTE
"""How long after its begin an outage is looked up again: what its locations said may still be on its way."""

_Key = tuple[str, Instant]


class Explained:
    """Adds to the outages of services why they began. Of what cannot be read nothing is said."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[_Key, tuple[Instant, tuple[Failure, ...]]] = {}

    def told(
        self, services: Sequence[ServiceStatus], checks: Mapping[str, frozenset[str]], now: Instant
    ) -> tuple[ServiceStatus, ...]:
        """The services with what is known by now. `checks` are those of each service."""
        every = {(one.name, outage.begin): outage for one in services for outage in one.outages}
        self._found = {key: said for key, said in self._found.items() if key in every}
        due = [key for key in sorted(every, key=lambda key: -key[1]) if self._due(key, now)][:AT_ONCE]
        if due:
            asked = [_asked(checks.get(key[0], frozenset()), key[1], every[key].end) for key in due]
            found: Sequence[tuple[Failure, ...]] = [()] * len(due)
            with suppress(Refused):
                found = reasons(self._store, asked)
            self._found |= {key: (now, said) for key, said in zip(due, found, strict=True)}
        return tuple(self._with(one) for one in services)

    def _due(self, key: _Key, now: Instant) -> bool:
        looked, _ = self._found.get(key, (None, ()))
        return looked is None or (looked < key[1] + SETTLED and now >= looked + AGAIN)

    def _with(self, one: ServiceStatus) -> ServiceStatus:
        outages = [replace(outage, failures=self._said(one.name, outage.begin)) for outage in one.outages]
        return replace(one, outages=tuple(outages))

    def _said(self, service: str, begin: Instant) -> tuple[Failure, ...]:
        return self._found.get((service, begin), (0, ()))[1]


def _asked(checks: frozenset[str], begin: Instant, end: Instant | None) -> Asked:
    return Asked(checks, Span(begin, END_OF_TIME if end is None else end))
