"""When a change was announced to an order, and what was said to it, by the facts of changes and their notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from makegood.model.change import ANNOUNCED
from makegood.model.facts import Facts, Item, ItemKind, Notice
from makegood.model.order import Order
from makegood.model.spans import Instant


@dataclass(frozen=True, slots=True)
class Announcement:
    """When the last of an order's contacts had it, or why that is not shown; `items` are the changes that tell of it.

    `day` takes the place of the instant where only a local date is known.
    """

    at: Instant | None = None
    why: str = ""
    facts: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    day: date | None = None

    @property
    def shown(self) -> bool:
        return self.at is not None or self.day is not None

    def said(self, event: str) -> tuple[Instant, str] | None:
        """The first time of another event of the change, such as its rejection, with the id of its fact."""
        times = [(at, item.id) for item in self.items for at in item.at(event)]
        return min(times) if times else None


def announcement(order: Order, facts: Facts, agreement: str, version: str) -> Announcement:
    """The announcement of a version to an order.

    Changes that name the order go before those that name none. Where notices of the change to single contacts are
    recorded, it is announced when the last contact's server had accepted one; else at the change's own event.
    """
    named = [
        item
        for item in facts.items
        if item.kind is ItemKind.CHANGE
        and (item.fact("agreement"), item.fact("version")) == (agreement, version)
        and item.order in ("", order.id)
    ]
    items = tuple(sorted(named, key=lambda item: (not item.order, item.id)))
    notices = [n for n in facts.notices if n.of in {i.id for i in items} and n.order in ("", order.id)]
    if notices:
        return _to_contacts(order, notices, items)
    told = next((i for i in items if i.at(ANNOUNCED)), None)
    if told is None:
        return Announcement(None, "no announcement of it to this order is recorded", tuple(i.id for i in items), items)
    return Announcement(told.at(ANNOUNCED)[0], "", (told.id,), items)


def _to_contacts(order: Order, notices: list[Notice], items: tuple[Item, ...]) -> Announcement:
    lasts: list[tuple[Instant, str]] = []
    for contact in order.contacts or sorted({n.to for n in notices}):
        mine = [n for n in notices if n.to == contact]
        accepted = [(n.accepted, n.id) for n in mine if n.accepted is not None]
        if not accepted:
            why = f"the notice to {contact} bounced" if mine else f"no notice of it to {contact} is recorded"
            return Announcement(None, why, tuple(n.id for n in mine) or tuple(n.id for n in notices), items)
        lasts.append(min(accepted))
    at, fact = max(lasts)
    return Announcement(at, "", (fact,), items)
