"""Use case: why the outages of statements began, looked up in a store where they are shown; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from makegood.model.order import Order
from makegood.model.statement import Statement
from makegood.render.reasons import reason_words
from makegood.store.opened import opened
from makegood.store.place import is_store
from makegood.store.reasons import Asked, reasons


def why_down(facts: Path, order: Order, statements: Iterable[Statement], size: int | None = None) -> Mapping[str, str]:
    """In words why each outage began, by its id; those of which no location said why are left out.

    Of a store the first `size` entries of its log are read, or all; of a plain folder there is nothing to read. Raises
    Refused where the store cannot be read.
    """
    outages = [one for statement in statements for one in statement.outages if one.seen_by]
    if not outages or not is_store(facts):
        return {}
    checks = frozenset(check for service in order.services for check in service.checks)
    with opened(facts, mending=False) as store:
        found = reasons(store, [Asked(checks, one.span) for one in outages], size)
    said = {
        one.id: reason_words([failure for failure in why if failure.seen_by in one.seen_by])
        for one, why in zip(outages, found, strict=True)
    }
    return {outage: words for outage, words in said.items() if words}
