"""Numbers that were measured of slots: what one query of one signal answered for them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from makegood.model.spans import Duration, Instant

COUNTS = ("good", "valid")
"""Quantities that count, and are never below zero; what is good is valid too."""
NO_QUANTITIES = ("start", "end", "every", "service", "metric", "source", "recorded", "note", "position")
"""Words that name no quantity, since measurements say something else by them."""
PLACES = 6
"""Decimals that are kept of a number; what is finer is rounded half up. A length in seconds is kept to the µs."""
MOST = 10**12
"""Numbers that are this large or larger are not kept, so that those of one series fit into 18 digits together."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the interval that begins at `start` (µs UTC) and is `every` µs long: which `quantity` of which
    `metric` of which `service`, as measured by a check."""

    check: str
    service: str
    metric: str
    quantity: str
    start: Instant
    every: Duration
    value: Decimal
