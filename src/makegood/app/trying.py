"""Use case: try a channel with one message, at once and without a store."""

from __future__ import annotations

from secrets import token_hex

from makegood.model.alerts import Alerts, Channel
from makegood.model.messages import Message, MessageKind, Outcome
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.notify.context import Context
from makegood.notify.sending import send

SUBJECT = "Test: Makegood can reach you here"
TEXT = "This is a test of a channel. Nothing is wrong, and nothing is to be done.\n"


async def try_channel(alerts: Alerts, name: str, to: str, context: Context, now: Instant) -> Outcome:
    """Send a test by a channel, to a person or an address of it. Raises Refused for what the file does not have."""
    channel, address = found(alerts, name, to)
    message = Message(token_hex(16), name, to or name, address, SUBJECT, TEXT, now, MessageKind.TEST, over=True)
    return await send(channel, message, context)


def found(alerts: Alerts, name: str, to: str) -> tuple[Channel, str]:
    """A channel and the address that is meant. Raises Refused."""
    channel = alerts.channel(name)
    if channel is None:
        known = ", ".join(f"`{c.name}`" for c in alerts.channels)
        raise Refused(
            [error("unknown-channel", Place("--test"), f"there is no channel `{name}`", "", f"there is {known}")]
        )
    if not channel.personal:
        return channel, ""
    person = alerts.person(to)
    address = next((r.address for r in person.reach if r.channel == name), "") if person is not None else to
    if not address:
        able = ", ".join(f"`{p.name}`" for p in alerts.people if any(r.channel == name for r in p.reach))
        what = f"`{name}` needs somebody's address" if not to else f"`{to}` has no address for `{name}`"
        raise Refused([error("no-address", Place("--to"), what, "", f"name one of {able}, or an address")])
    return channel, address
