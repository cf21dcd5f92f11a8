"""Instants as requests write them."""

from __future__ import annotations

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.spans import Instant
from makegood.web.errors import refused


def moment(text: str, where: str) -> Instant:
    """An instant of RFC 3339. Raises Refused."""
    found = numbers.instant(text)
    if isinstance(found, Wrong):
        raise refused("invalid", where, found.what, found.why, found.hint)
    return found
