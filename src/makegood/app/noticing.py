"""Use case: announce planned work to the contacts of orders, so that each acceptance becomes a fact (DESIGN §3.7).

A notice goes through the outbox like an alert does. When the contact's server takes it, its instant is recorded as a
fact of kind notice in the same transaction; where it comes back, that it bounced is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from secrets import token_hex

from sqlalchemy import Connection

from makegood.exchange.alerts.values import is_mail_address
from makegood.model.alerts import Channel, Mail
from makegood.model.facts import Maintenance
from makegood.model.messages import Message, MessageKind
from makegood.model.order import Order
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.render.lengths import duration
from makegood.render.moments import stretch
from makegood.store.sql import outbox


def announce(
    connection: Connection, work: Maintenance, orders: Iterable[Order], channel: Channel, now: Instant, text: str = ""
) -> list[Message]:
    """Put a notice of a maintenance to each contact of the orders that it concerns into the outbox, in a transaction.

    That is the one in which the maintenance is recorded. `text` is said beside. Doing it again adds nothing. Raises
    Refused for a channel that is no e-mail, and for contacts that are no addresses.
    """
    concerned = [order for order in orders if {s.name for s in order.services} & set(work.services)]
    if problems := unfit(channel, concerned):
        raise Refused(problems)
    put = []
    for order in concerned:
        for contact in order.contacts:
            message = notice(work, order, contact, channel, now, text)
            cause = f"notice/{work.id}/{order.id}/{contact}"
            if outbox.put(connection, message, cause, now + channel.give_up):
                put.append(message)
    return put


def notice(work: Maintenance, order: Order, contact: str, channel: Channel, now: Instant, text: str = "") -> Message:
    """One notice: what is announced, for which services of the order, in the order's local time."""
    services = [s.title for s in order.services if s.name in work.services]
    when = stretch(work.announced, order.zone)
    kind = f"{work.kind} maintenance" if work.kind else "maintenance"
    lines: Sequence[str] = (
        f"{order.provider} announces {kind} of {', '.join(services)}.",
        f"When: {when}, {duration(work.announced.length)}",
        *((f"What for: {work.purpose}",) if work.purpose else ()),
        *(("", text.strip(), "") if text.strip() else ()),
        f"Order: {order.id}. Announcement: {work.id}.",
    )
    subject = " ".join(f"Maintenance of {', '.join(services)}: {when}".split())
    return Message(
        token_hex(16), channel.name, contact, contact, subject, "\n".join(lines) + "\n", now, MessageKind.NOTICE,
        work.id, order=order.id,
    )  # fmt: skip


def unfit(channel: Channel, orders: Iterable[Order]) -> list[Problem]:
    """Why notices cannot be sent by a channel, or not to the contacts of some orders."""
    return [*_unfit(channel), *(p for order in orders for p in _unreachable(order))]


def _unfit(channel: Channel) -> Iterable[Problem]:
    if not isinstance(channel.way, Mail):
        what = f"a notice cannot be sent by `{channel.name}`"
        why = "a notice counts from the instant at which the contact's mail server accepts it"
        yield error("notice-channel", Place("channel"), what, why, "name a channel of e-mail")


def _unreachable(order: Order) -> Iterable[Problem]:
    for contact in order.contacts:
        if not is_mail_address(contact):
            what = f"the contact `{contact}` of the order `{order.id}` is no address of e-mail"
            yield error("notice-contact", Place(order.id), what, "", "write the address alone in the order")
    if not order.contacts:
        what = f"the order `{order.id}` has no contacts"
        yield error("notice-contact", Place(order.id), what, "nobody would be told", "write `contacts` in the order")
