"""Chat and text messages through the library Apprise, in a process of its own that the guard confines.

The library connects by itself, so each message is sent by a child process whose every connection is checked at connect
(`makegood.notify.chat_process`); it is killed when its time is over, and so holds up nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import quote

from makegood.model.alerts import Channel, Chat
from makegood.model.messages import Accepted, Failed, Message, Outcome
from makegood.model.spans import SECOND
from makegood.model.substitution import SECRET, filled, secrets_in
from makegood.notify.context import Context

LONGEST = 60_000
"""Bytes of what the child says that are read."""


async def send(channel: Channel, message: Message, context: Context) -> Outcome:
    """Let the child send a message. Raises what goes wrong with the child itself."""
    way = channel.way
    assert isinstance(way, Chat)
    asked = {
        "url": _url(way, message, context),
        "title": message.subject,
        "body": context.text_of(message),
        "allowed": [str(network) for network in context.policy.allowed],
        "refused": [str(network) for network in context.policy.refused],
        "timeout": max(1, channel.timeout // SECOND - 1),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", "-m", "makegood.notify.chat_process",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    try:
        said, _ = await child.communicate(json.dumps(asked).encode())
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    try:
        answer = json.loads(said[:LONGEST])
        taken, why = bool(answer["taken"]), str(answer["said"])
    except (ValueError, KeyError, TypeError):
        return Failed(context.clock(), f"the sending process ended with {child.returncode}")
    return Accepted(context.clock(), why) if taken else Failed(context.clock(), why or "it was not taken")


def _url(way: Chat, message: Message, context: Context) -> str:
    """The library's URL: what is put in is quoted, so that it stays within its part of the URL."""
    values = {f"{SECRET}{name}": context.revealed(f"{{{SECRET}{name}}}") for name in secrets_in(way.url)}
    return filled(way.url, values | {"to": quote(message.address, safe="+@")})
