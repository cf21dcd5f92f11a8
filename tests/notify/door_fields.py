"""The fields of channels that take an address, for the matrix of `tests.door.fields`.

The library's chats connect in a process of their own, which is confined by a hook (`tests/notify/test_chat.py`); here
its hook is asked about the very addresses that a name or a spelling leads to.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from makegood.app.dead_man import ask
from makegood.app.watchdog import answers
from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy
from makegood.model.alerts import Alertmanager, AlertmanagerForm, Channel, DeadMan, Encryption, Mail, Way, Webhook
from makegood.model.messages import Accepted, Failed
from makegood.model.results import Reason
from makegood.model.spans import SECOND
from makegood.notify.sending import send
from tests.door.fields import SKIPPED, TIMEOUT, Field
from tests.door.spellings import Spelling
from tests.notify.servers import context, message

WORDS = {reason.word for reason in Reason}


async def _sent(way: Way, policy: Policy) -> str:
    channel = Channel("c", way, timeout=int(TIMEOUT) * SECOND)
    outcome = await send(channel, message(), context(policy))
    if isinstance(outcome, Accepted):
        return "ok"
    assert isinstance(outcome, Failed)
    return _word(outcome.why)


def _word(why: str) -> str:
    """The word of the reason that a person reads; a refusal is told by its address."""
    word = why.partition(":")[0]
    return word if word in WORDS else "forbidden"


async def by_webhook(place: Spelling, port: int, policy: Policy) -> str:
    return await _sent(Webhook(place.url(port), "{secret.HOOK}"), policy)


async def by_alertmanager(place: Spelling, port: int, policy: Policy) -> str:
    return await _sent(Alertmanager(place.url(port), AlertmanagerForm.WEBHOOK), policy)


async def by_alertmanagers_api(place: Spelling, port: int, policy: Policy) -> str:
    return await _sent(Alertmanager(place.url(port), AlertmanagerForm.API), policy)


async def by_mail(place: Spelling, port: int, policy: Policy) -> str:
    if not place.host:
        return SKIPPED
    return await _sent(Mail(place.bare, port, "a@example.com", Encryption.NONE), policy)


async def by_dead_man(place: Spelling, port: int, policy: Policy) -> str:
    why = await ask(DeadMan(place.url(port)), context(policy))
    return _word(why) if why else "ok"


async def by_watchdog(place: Spelling, port: int, policy: Policy) -> str:
    return "ok" if await answers(place.url(port), policy) else "forbidden"


async def by_chat(place: Spelling, port: int, policy: Policy) -> str:
    """What the system makes of a spelling is what the library connects to; padded parts are other addresses to it."""
    if not place.host or place.form == "padded decimal parts":
        return SKIPPED
    try:
        found = socket.getaddrinfo(place.bare, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return "dns"
    said = "forbidden"
    for family, kind, protocol, _, where in found:
        try:
            policy.check(str(where[0]))
        except Forbidden:
            continue
        with socket.socket(family, kind, protocol) as opened, suppress(OSError, TimeoutError):
            opened.setblocking(False)
            async with asyncio.timeout(TIMEOUT):
                await asyncio.get_running_loop().sock_connect(opened, where)
            said = "ok"
    return said


FIELDS: dict[str, Field] = {
    "webhook": by_webhook,
    "alertmanager": by_alertmanager,
    "alertmanager's API": by_alertmanagers_api,
    "e-mail": by_mail,
    "dead man's switch": by_dead_man,
    "the hub of a watchdog": by_watchdog,
    "chat": by_chat,
}
