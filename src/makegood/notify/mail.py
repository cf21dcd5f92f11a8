"""E-mail: one message to one address through the server of the channel (RFC 5321, 5322), over TLS.

The instant of acceptance is when the server answered the end of the data. What refuses the receiver or the message with
a code of 500 is final, as a bounce is; all else is tried again, under the same Message-ID.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING

from makegood.door.connect import open_socket
from makegood.door.resolve import resolve
from makegood.exchange.alerts.values import is_mail_address
from makegood.exchange.moments import EPOCH
from makegood.model.alerts import Channel, Encryption, Mail
from makegood.model.messages import Accepted, Failed, Message, Outcome
from makegood.model.spans import SECOND
from makegood.notify.context import Context

if TYPE_CHECKING:
    from aiosmtplib import SMTPResponseException


class Injected(ValueError):
    """A header that would be more than one line, or an address that is more than an address."""


async def send(channel: Channel, message: Message, context: Context) -> Outcome:
    """Hand a message to the server. Raises what goes wrong on the way to it."""
    import aiosmtplib

    way = channel.way
    assert isinstance(way, Mail)
    raw = letter(way, message, context.text_of(message))
    user, password = context.revealed(way.user), context.revealed(way.password)
    timeout = channel.timeout / SECOND
    socket, _ = await open_socket(await resolve(way.server, way.port, context.policy, timeout), context.policy, timeout)
    trust = ssl.create_default_context()
    at_once = way.encryption is Encryption.TLS
    client = aiosmtplib.SMTP(
        hostname=way.server if at_once else None, sock=socket, use_tls=at_once, start_tls=False, timeout=timeout,
        local_hostname=_domain(way.sender), tls_context=trust if at_once else None,
    )  # fmt: skip
    try:
        await client.connect()
        if way.encryption is Encryption.STARTTLS:
            await client.starttls(server_hostname=way.server, tls_context=trust)
        if user:
            await client.login(user, password)
        _, said = await client.sendmail(way.sender, [message.address], raw)
        return Accepted(context.clock(), said)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _refused(refused.recipients[0], context)
    except aiosmtplib.SMTPDataError as refused:
        return _refused(refused, context)
    except aiosmtplib.SMTPException as failure:
        said = str(failure.__cause__ or failure) or type(failure).__name__
        return Failed(context.clock(), context.hidden(f"{way.server}:{way.port}: {said}", (way.user, way.password)))
    finally:
        client.close()


def _refused(refused: SMTPResponseException, context: Context) -> Failed:
    """A receiver or a message that the server does not take: for good, where its code says so."""
    return Failed(context.clock(), f"refused: {refused.code} {refused.message}", for_good=refused.code >= 500)


def letter(way: Mail, message: Message, text: str) -> bytes:
    """The bytes of a letter. Raises Injected where an address or a header is none.

    The subject is cut to one line of 200 characters; a control character in it is refused, never dropped.
    """
    if not is_mail_address(message.address):
        raise Injected(f"`{message.address!a}` is no address of e-mail")
    made = EmailMessage(policy=SMTP)
    domain = _domain(way.sender)
    headers = {
        "From": formataddr(("Makegood", way.sender)),
        "To": message.address,
        "Subject": message.subject[:200],
        "Date": format_datetime(EPOCH + timedelta(seconds=message.made // SECOND)),
        "Message-ID": f"<{message.id}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    if message.thread:
        headers["References"] = f"<{message.thread}@{domain}>"
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for name, value in headers.items():
        made[name] = _one_line(name, value)
    made.set_content(_plain(text), charset="utf-8", cte="quoted-printable")
    return made.as_bytes()


def _one_line(name: str, value: str) -> str:
    odd = next((c for c in value if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029"), None)
    if odd is not None:
        raise Injected(f"{name} holds the control character {odd!a}")
    return value


def _plain(text: str) -> str:
    """A body without control characters, which some readers of e-mail act on."""
    kept: Iterable[str] = (
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or not (ord(c) < 32 or 127 <= ord(c) < 160)
    )
    return "".join(kept)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
