"""E-mail to a real server on loopback: what it takes, when it counts as accepted, and what can never be in a header."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from makegood.door.policy import Policy
from makegood.model.alerts import Channel, Encryption, Mail
from makegood.model.messages import Accepted, Failed, Message, Outcome
from makegood.model.spans import SECOND
from makegood.notify.context import Context
from makegood.notify.mail import Injected, letter
from makegood.notify.sending import send
from tests.notify.servers import NOW, certificate, context, message, post

PLAIN = Mail("127.0.0.1", 0, "alerts@example.com", Encryption.NONE)
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""The library's server leaves sockets of handshakes that failed to the collector."""
CONTROLS = [*range(32), 127, *range(128, 160), 0x2028, 0x2029]


def read_letter(raw: object) -> EmailMessage:
    """A letter as its reader sees it."""
    assert isinstance(raw, bytes)
    read = message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def sent(way: Mail, what: Message | None = None, within: Context | None = None, timeout: int = 10) -> Outcome:
    channel = Channel("mail", way, timeout=timeout * SECOND)
    return asyncio.run(send(channel, what or message(), within or context()))


def test_a_server_takes_a_letter_and_its_instant_is_the_acceptance() -> None:
    with post() as server:
        assert sent(replace(PLAIN, port=server.port)) == Accepted(NOW, "taken as 4711")
    (envelope,) = server.took
    assert (envelope.mail_from, envelope.rcpt_tos) == ("alerts@example.com", ["ada@example.com"])
    read = read_letter(envelope.content)
    assert read["Subject"] == "NEW: web is down"
    assert read["Message-ID"] == "<0123456789abcdef0123456789abcdef@example.com>"
    assert read["References"] == "<a1@example.com>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"] == "Mon, 02 Feb 2026 02:40:00 +0000"
    assert read["List-Unsubscribe"] is None
    assert read.get_content() == "web: down since 02:10\n"


def test_words_of_any_language_arrive_whole() -> None:
    words = "Störung: 東京 ist aus — Grüße " * 5
    text = words + "\n" + "x" * 2_000 + "\n.\n"
    with post() as server:
        sent(
            replace(PLAIN, port=server.port), message(subject=words.strip(), text=words + "\n" + "x" * 2_000 + "\n.\n")
        )
    read = read_letter(server.took[0].content)
    assert read["Subject"] == words.strip()
    assert read.get_content() == text


@pytest.mark.parametrize("at_once", [False, True])
def test_a_password_goes_over_tls_to_a_server_whose_certificate_is_good(
    at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = certificate(tmp_path, "localhost")
    way = Mail(
        "127.0.0.1", 0, "alerts@example.com", Encryption.TLS if at_once else Encryption.STARTTLS, "alerts",
        "{secret.PASSWORD}",
    )  # fmt: skip
    with post(tls, at_once, asks=True) as server:
        way = replace(way, port=server.port)
        refused = sent(way)
        assert isinstance(refused, Failed)
        assert "certificate" in refused.why.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert isinstance(sent(way), Accepted)
        assert server.users == [(b"alerts", "wörd & more".encode())]
        wrong = sent(way, within=context(PASSWORD="other"))
    assert isinstance(wrong, Failed)
    assert not wrong.for_good
    assert "other" not in wrong.why
    assert len(server.took) == 1


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    with post() as server:
        assert isinstance(sent(replace(PLAIN, port=server.port, encryption=Encryption.STARTTLS)), Failed)
    assert server.took == []


@pytest.mark.parametrize(
    ("to_receiver", "to_message", "for_good"),
    [("550 no such user", "", True), ("450 later", "", False), ("", "554 refused", True), ("", "451 later", False)],
)
def test_what_a_server_refuses_for_good_is_a_bounce_and_else_it_is_tried_again(
    to_receiver: str, to_message: str, for_good: bool
) -> None:
    with post() as server:
        server.refuses = {"ada@example.com": to_receiver} if to_receiver else {}
        server.answer = to_message or server.answer
        outcome = sent(replace(PLAIN, port=server.port))
    assert isinstance(outcome, Failed)
    assert outcome.for_good is for_good
    assert (to_receiver or to_message)[4:] in outcome.why


def test_a_server_that_is_not_there_is_tried_again() -> None:
    outcome = sent(replace(PLAIN, port=1))
    assert isinstance(outcome, Failed)
    assert not outcome.for_good


def test_the_guard_keeps_mail_from_addresses_that_are_not_public() -> None:
    with post() as server:
        outcome = sent(replace(PLAIN, port=server.port), within=context(Policy()))
    assert isinstance(outcome, Failed)
    assert "may not be connected to" in outcome.why
    assert server.took == []


@pytest.mark.parametrize("code", CONTROLS)
@pytest.mark.parametrize("where", ["subject", "thread", "id", "unsubscribe"])
def test_no_control_character_reaches_a_header(where: str, code: int) -> None:
    with pytest.raises(Injected):
        letter(PLAIN, message(**{where: f"x{chr(code)}Bcc: eve@example.com"}), "text")


@pytest.mark.parametrize(
    "address",
    ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com,eve@example.com", "<ada@example.com>", "ada", "",
     "ada@example.com>\r\nDATA", "a b@example.com", "ada@exa mple.com", "ada@example.com\x00", "@example.com",
     "ad\u0430@example.com"],
)  # fmt: skip
def test_an_address_is_one_address(address: str) -> None:
    outcome = sent(replace(PLAIN, port=1), message(address=address))
    assert isinstance(outcome, Failed)
    assert outcome.for_good


def test_a_text_cannot_begin_another_part_or_header() -> None:
    raw = letter(PLAIN, message(), "one\r\n\r\nBcc: eve@example.com\x00\x1b[31m\n.\n")
    read = read_letter(raw)
    assert read["Bcc"] is None
    assert read.get_content() == "one\n\nBcc: eve@example.com[31m\n.\n"


def test_one_click_headers_are_there_where_a_message_can_be_unsubscribed_from() -> None:
    """RFC 8058: both headers, and the one that says that posting acts."""
    raw = letter(PLAIN, message(unsubscribe="https://status.example.com/unsubscribe/x"), "text")
    read = read_letter(raw)
    assert read["List-Unsubscribe"] == "<https://status.example.com/unsubscribe/x>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_link_by_which_one_acknowledges_is_in_the_text() -> None:
    with post() as server:
        sent(
            replace(PLAIN, port=server.port), message(acknowledge="https://status.example.com/acknowledge/"),
            context(link="token"),
        )  # fmt: skip
    read = read_letter(server.took[0].content)
    assert "Acknowledge: https://status.example.com/acknowledge/token" in read.get_content()
