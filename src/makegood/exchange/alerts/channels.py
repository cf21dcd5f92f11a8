"""The channels of a file of alerts: a table of keys for each way, led by the key that says which way it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, Shape, either, mapping_of, object_schema, one_of
from makegood.exchange.alerts.values import (
    CHAT_URL,
    COUNT,
    HEADERS,
    MAIL_ADDRESS,
    SECRETIVE,
    SERVER,
    SOME_LENGTH,
    TEXT_URL,
    URL,
)
from makegood.exchange.documents import ID, like
from makegood.model.alerts import (
    Alertmanager,
    AlertmanagerForm,
    Channel,
    Chat,
    Encryption,
    Mail,
    Way,
    Webhook,
)
from makegood.model.spans import DAY, SECOND

CHANNEL = Key("channel", like(ID, "mail"), "a short name for a way to reach people")
TIMEOUT = Key("timeout", SOME_LENGTH, "how long one attempt may take", 30 * SECOND)
AT_ONCE = Key("at once", COUNT, "how many messages are sent at a time", 4)
GIVE_UP = Key("give up", SOME_LENGTH, "how long it is tried before a message is dead", DAY)
SHARED: Sequence[Key[Any]] = (CHANNEL, TIMEOUT, AT_ONCE, GIVE_UP)

MAIL = Key("e-mail", SERVER, "the mail server and its port")
SENDER = Key("from", MAIL_ADDRESS, "the address that messages come from")
ENCRYPTION = Key(
    "encryption", one_of(*(e.value for e in Encryption)),
    "`starttls`, `tls` from the first byte (port 465), or `none` for a server in one's own network", "starttls",
)  # fmt: skip
USER = Key("user", SECRETIVE, "the user to log in as, where the server asks for one", "")
PASSWORD = Key("password", SECRETIVE, "their password, as a secret", "")

WEBHOOK = Key("webhook", URL, "the URL that gets a signed POST of JSON")
SECRET = Key("secret", SECRETIVE, "the secret that signs, at least 16 characters")
HEADERS_KEY = Key("headers", HEADERS, "headers that are sent too", ())

CHAT = Key("chat", CHAT_URL, "a chat, as Apprise writes it; `{to}` in it is a person's address")
TEXT_MESSAGE = Key("text message", TEXT_URL, "a provider of text messages, as Apprise writes it; `{to}` is the number")

ALERTMANAGER = Key("alertmanager", URL, "an Alertmanager, or with `sends: webhook` whoever understands its webhook")
SENDS = Key("sends", one_of(*(f.value for f in AlertmanagerForm)), "`api`, to an Alertmanager, or `webhook`", "api")


def _mail(fields: Fields) -> Way:
    server, port = cast("tuple[str, int] | None", fields.get(MAIL)) or ("", 0)
    encryption = Encryption(fields.get(ENCRYPTION) or "starttls")
    user, password = fields.get(USER), fields.get(PASSWORD)
    if bool(user) != bool(password):
        what = f"this says `{'user' if user else 'password'}` alone"
        fields.report.error("missing-key", fields.node.place, what, "a server asks for both", "write the other one too")
    if password and encryption is Encryption.NONE:
        what, why = "a password is sent without encryption", "everybody on the way could read it"
        fields.report.error("wrong-value", fields.node.place, what, why, "write `encryption: starttls`")
    return Mail(server, port, fields.get(SENDER), encryption, user, password)


def _webhook(fields: Fields) -> Way:
    secret = fields.get(SECRET)
    if "{" not in (secret or "{"):
        place = (fields.node.get("secret") or fields.node).place
        what, why = "this secret stands in the file", "whoever reads the file could sign"
        fields.report.error("wrong-value", place, what, why, 'write `secret: "{secret.HOOK}"`')
    return Webhook(fields.get(WEBHOOK), secret, fields.get(HEADERS_KEY) or ())


def _chat(fields: Fields) -> Way:
    return Chat(fields.get(CHAT))


def _text_message(fields: Fields) -> Way:
    return Chat(fields.get(TEXT_MESSAGE))


def _alertmanager(fields: Fields) -> Way:
    form = AlertmanagerForm(fields.get(SENDS) or "api")
    return Alertmanager((fields.get(ALERTMANAGER) or "").rstrip("/"), form, fields.get(HEADERS_KEY) or ())


WAYS: Mapping[str, tuple[Sequence[Key[Any]], Callable[[Fields], Way]]] = {
    "e-mail": ((MAIL, SENDER, ENCRYPTION, USER, PASSWORD), _mail),
    "webhook": ((WEBHOOK, SECRET, HEADERS_KEY), _webhook),
    "chat": ((CHAT,), _chat),
    "text message": ((TEXT_MESSAGE,), _text_message),
    "alertmanager": ((ALERTMANAGER, SENDS, HEADERS_KEY), _alertmanager),
}
"""The ways by the key that says which it is, each with its keys."""


def keys_of(way: str) -> tuple[Key[Any], ...]:
    """Every key of a channel of one way."""
    return (*SHARED, *WAYS[way][0])


def _read(node: Keyed, report: Report) -> Channel | None:
    before = len(report.problems)
    chosen = [key.text for key, _ in node.entries if key.text in WAYS]
    if len(chosen) != 1:
        says = f"this channel says both `{chosen[0]}` and `{chosen[1]}`" if chosen else "this channel does not say how"
        hint = f"write one of {either([f'`{way}`' for way in WAYS])}"
        report.error("missing-key" if not chosen else "two-ways", node.place, says, "a channel is one way", hint)
        return None
    own, make = WAYS[chosen[0]]
    fields = Fields(node, (*SHARED, *own), report, f"a channel of `{chosen[0]}`")
    channel = Channel(fields.get(CHANNEL), make(fields), fields.get(TIMEOUT), fields.get(AT_ONCE), fields.get(GIVE_UP))
    return channel if len(report.problems) == before else None


def _channels() -> Shape[Channel]:
    shape = mapping_of("a channel", "{channel: mail, e-mail: smtp.example.com:587, from: alerts@example.com}", _read)
    return Shape(shape.says, shape.example, shape.read, {"anyOf": [object_schema(keys_of(way)) for way in WAYS]})


CHANNEL_SHAPE = _channels()
