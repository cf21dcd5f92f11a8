"""One message by one channel: the table of ways, a deadline over all of it, and failures in words without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from makegood.door.forbidden import Forbidden
from makegood.model.alerts import Alertmanager, Channel, Chat, Mail, Way, Webhook
from makegood.model.messages import Failed, Message, Outcome
from makegood.model.spans import SECOND
from makegood.notify import alertmanager, chat, mail, webhook
from makegood.notify.context import Context, MissingSecret

Sender: TypeAlias = Callable[[Channel, Message, Context], Awaitable[Outcome]]

SENDERS: Mapping[type[Way], Sender] = {
    Mail: mail.send,
    Webhook: webhook.send,
    Chat: chat.send,
    Alertmanager: alertmanager.send,
}


async def send(channel: Channel, message: Message, context: Context) -> Outcome:
    """Send a message within the channel's timeout. It raises nothing: what goes wrong is an outcome."""
    try:
        async with asyncio.timeout(channel.timeout / SECOND):
            return await SENDERS[type(channel.way)](channel, message, context)
    except TimeoutError:
        return Failed(context.clock(), f"no answer within {channel.timeout / SECOND:g} s")
    except MissingSecret as missing:
        return Failed(context.clock(), f"the secret {missing} is not known here: set MAKEGOOD_SECRET_{missing}")
    except mail.Injected as injected:
        return Failed(context.clock(), str(injected), for_good=True)
    except Forbidden as forbidden:
        return Failed(context.clock(), context.hidden(f"this may not be connected to: {forbidden}", _texts(channel)))
    except Exception as failure:  # noqa: BLE001 -- whatever a server or a library does, the message is tried again
        said = str(failure) or type(failure).__name__
        return Failed(context.clock(), context.hidden(said, _texts(channel)))


def _texts(channel: Channel) -> tuple[str, ...]:
    """The texts of a channel that may name secrets."""
    way = channel.way
    match way:
        case Mail():
            return way.user, way.password
        case Webhook():
            return way.url, way.secret, *(value for _, value in way.headers)
        case Chat():
            return (way.url,)
        case Alertmanager():
            return way.url, *(value for _, value in way.headers)
