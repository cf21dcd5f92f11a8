"""The values of a file of alerts: addresses, servers, lengths, thresholds, texts with names in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlsplit

from makegood.contract import numbers, patterns
from makegood.contract.nodes import Keyed
from makegood.contract.patterns import sided, whole
from makegood.contract.shape import Report, Shape, from_words, mapping_of
from makegood.contract.wrong import Wrong
from makegood.exchange.documents import WORDS
from makegood.model.spans import DAY, Duration
from makegood.model.substitution import MESSAGE, SECRET, names_in
from makegood.model.threshold import Threshold

CHATS: Final = (
    "discord", "gchat", "gotify", "gotifys", "lark", "line", "mastodon", "mastodons", "matrix", "matrixs", "mmost",
    "mmosts", "nctalk", "nctalks", "ntfy", "ntfys", "opsgenie", "pagerduty", "pover", "revolt", "rocket", "rockets",
    "signal", "signals", "signl4", "slack", "splunk", "squadcast", "tgram", "victorops", "webex", "workflow",
    "workflows", "wxteams", "zulip",
)  # fmt: skip
TEXTS: Final = (
    "46elks", "bulksms", "burstsms", "clickatell", "clicksend", "d7sms", "exotel", "httpsms", "infobip", "kavenegar",
    "msg91", "msgbird", "nexmo", "octopush", "plivo", "seven", "sfr", "sinch", "smseagle", "smseagles", "smsmgr", "sns",
    "telnyx", "threema", "twilio", "voipms", "vonage", "whatsapp",
)  # fmt: skip
"""The ways of the library Apprise that only ask for a URL over HTTP. What reads files, starts programs, speaks to this
machine or loads code is not among them."""

_PER: Final = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = re.compile(r"([1-9][0-9]{0,3}) days?")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?):([1-9][0-9]{0,4})")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = ("content-length", "content-type", "host", "transfer-encoding")


def is_mail_address(text: str) -> bool:
    """Whether a text is one address of e-mail, without a name beside it and without anything that ends a line."""
    return _MAIL.fullmatch(text) is not None and ".." not in text


def unknown_names(text: str, known: tuple[str, ...]) -> Wrong | None:
    """What is wrong with the names in a text: secrets may always stand there, and those that are known."""
    for name in names_in(text):
        if name.startswith(SECRET):
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name.removeprefix(SECRET)):
                return Wrong(f"`{{{name}}}` names no secret", "", "write it as in `{secret.SMTP_PASSWORD}`")
        elif name not in known:
            may = ", ".join(f"`{{{one}}}`" for one in known) or "only secrets, as in `{secret.NAME}`"
            return Wrong(f"no value is known for `{{{name}}}`", "names in braces are replaced", f"there is: {may}")
    return None


def _texted(known: tuple[str, ...], secrets: bool) -> Callable[[str], str | Wrong]:
    def convert(text: str) -> str | Wrong:
        if not text.strip():
            return Wrong("nothing is written here", "", "write the text, or leave the key out")
        if not secrets and any(name.startswith(SECRET) for name in names_in(text)):
            return Wrong("a secret cannot stand here", "everybody who is told could read it", "take it away")
        return unknown_names(text, known) or text

    return convert


def _subject(text: str) -> str | Wrong:
    if "\n" in text:
        return Wrong("a subject has one line", "", "write it in one line")
    return _texted(MESSAGE, False)(text)


def _url(text: str, named: tuple[str, ...] = ()) -> str | Wrong:
    wrong = unknown_names(text, named)
    if wrong is not None:
        return wrong
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = None
    if not good or any(c.isspace() or not c.isprintable() for c in text):
        return Wrong(f"`{text}` is no URL", "", "write it as in `https://alerts.example.com/hook`")
    if "@" in parts.netloc:
        why = "a name and password in a URL end up in logs"
        return Wrong("this URL has a name before its host", why, "write a header with `{secret.NAME}`")
    return text


def _link(text: str) -> str | Wrong:
    found = _url(text)
    if isinstance(found, str) and names_in(found):
        return Wrong("a secret cannot stand here", "everybody who is told could read it", "take it away")
    return found if isinstance(found, Wrong) else found.rstrip("/")


def _library_url(schemes: tuple[str, ...], example: str) -> Callable[[str], str | Wrong]:
    def convert(text: str) -> str | Wrong:
        scheme, found, _ = text.partition("://")
        if not found or scheme not in schemes:
            known = ", ".join(schemes)
            return Wrong(f"`{scheme}` is no way that is known here", f"known are {known}", f"write as in `{example}`")
        if any(c.isspace() or not c.isprintable() for c in text):
            return Wrong("a URL has no spaces in it", "", f"write as in `{example}`")
        return unknown_names(text, ("to",)) or text

    return convert


def _server(text: str) -> tuple[str, int] | Wrong:
    found = _SERVER.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        return Wrong(f"`{text}` is no server and port", "", "write as in `smtp.example.com:587`")
    return found[1].strip("[]"), int(found[2])


def _address(text: str) -> str | Wrong:
    if is_mail_address(text):
        return text
    return Wrong(f"`{text}` is no address of e-mail", "", "write the address alone, as in `alerts@example.com`")


def _length(text: str) -> Duration | Wrong:
    """A length in which a day is 24 hours: an alert looks at elapsed time alone."""
    found = _DAYS.fullmatch(text)
    return int(found[1]) * DAY if found else numbers.duration(text)


def _throughput(text: str) -> Fraction | Wrong:
    number, per, unit = text.partition(" per ")
    if not per or unit not in _PER:
        return Wrong(f"`{text}` does not say per which time", "", "write as in `100 per minute`")
    found = numbers.number(number)
    return found if isinstance(found, Wrong) else found / _PER[unit]


def _as_fraction(text: str) -> Fraction | Wrong:
    found = _length(text)
    return found if isinstance(found, Wrong) else Fraction(found)


def _threshold(convert: Callable[[str], Fraction | Wrong]) -> Callable[[str], Threshold[Fraction] | Wrong]:
    return lambda text: numbers.threshold(text, convert)


def _soon(text: str) -> Threshold[Duration] | Wrong:
    return numbers.threshold(text, _length)


def _headers(node: Keyed, report: Report) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for key, value in node.entries:
        text = SECRETIVE.read(value, report)
        if not _HEADER.fullmatch(key.text) or key.text.lower() in _OWN_HEADERS:
            what = f"`{key.text}` is no header that can be given"
            report.error("wrong-value", key.place, what, "", "write a name such as `Authorization`")
        elif text is not None and ("\n" in text or not text.isprintable()):
            report.error("wrong-value", value.place, "a header has one line", "", "write it in one line")
        elif text is not None:
            found.append((key.text, text))
    return tuple(found)


SECRETIVE: Shape[str] = from_words("a text, with secrets by name", "{secret.TOKEN}", _texted((), True))
SUBJECT: Shape[str] = from_words("one line, with names in braces", "{state}: {subjects}", _subject)
TEXT: Shape[str] = from_words("a text, with names in braces", "{details}", _texted(MESSAGE, False))
URL: Shape[str] = from_words("a URL", "https://alerts.example.com/hook", _url, "^https?://")
LINK: Shape[str] = from_words("a URL", "https://status.example.com", _link, "^https?://")
CHAT_URL: Shape[str] = from_words(
    "a chat, as Apprise writes it", "slack://{secret.SLACK}/#ops", _library_url(CHATS, "slack://{secret.SLACK}/#ops"),
    f"^({'|'.join(CHATS)})://",
)  # fmt: skip
TEXT_URL: Shape[str] = from_words(
    "a way to send text messages, as Apprise writes it", "twilio://{secret.TWILIO}/{to}",
    _library_url(TEXTS, "twilio://{secret.TWILIO}/{to}"), f"^({'|'.join(TEXTS)})://",
)  # fmt: skip
SERVER: Shape[tuple[str, int]] = from_words("a server and its port", "smtp.example.com:587", _server, r"^.+:[0-9]+$")
MAIL_ADDRESS: Shape[str] = from_words("an address of e-mail", "alerts@example.com", _address, "^[^@ ]+@[^@ ]+$")
HEADERS: Shape[tuple[tuple[str, str], ...]] = mapping_of(
    "headers by their names", '{Authorization: "Bearer {secret.TOKEN}"}', _headers, values=WORDS.schema
)

_ANY_LENGTH = patterns.any_of(patterns.DURATION, "[1-9][0-9]{0,3} days?")
LENGTH: Shape[Duration] = from_words("a length of time", "5 min", _length, whole(_ANY_LENGTH))


def _some_length(text: str) -> Duration | Wrong:
    found = _length(text)
    return Wrong("a length of nothing cannot stand here", "", "write for example `1 min`") if found == 0 else found


SOME_LENGTH: Shape[Duration] = from_words("a length of time above zero", "5 min", _some_length, whole(_ANY_LENGTH))
LENGTH_OR_NEVER: Shape[Duration] = from_words(
    "a length of time above zero, or `never`", "12 h", lambda t: 0 if t == "never" else _some_length(t),
    whole(_ANY_LENGTH, "never"),
)  # fmt: skip
"""`never` is 0."""
SHARE_SIDED: Shape[Threshold[Fraction]] = from_words(
    "a share with its side", "more than 5 %", _threshold(numbers.percent), whole(sided(patterns.SHARE))
)
LENGTH_SIDED: Shape[Threshold[Fraction]] = from_words(
    "a length of time with its side", "more than 800 ms", _threshold(_as_fraction), whole(sided(_ANY_LENGTH))
)
THROUGHPUT_SIDED: Shape[Threshold[Fraction]] = from_words(
    "a number per second, minute or hour with its side", "below 100 per minute", _threshold(_throughput),
    whole(sided(f"{patterns.NUMBER} per {patterns.any_of(*_PER)}")),
)  # fmt: skip
SOON: Shape[Threshold[Duration]] = from_words(
    "a length of time with its side", "below 3 days", _soon, whole(sided(_ANY_LENGTH))
)
TIMES_SIDED: Shape[Threshold[Fraction]] = from_words(
    "a number with its side", "more than 2", _threshold(numbers.number), whole(sided(patterns.NUMBER))
)


def _quantile(text: str) -> Fraction | Wrong:
    found = numbers.number(text.removeprefix("p"))
    if isinstance(found, Wrong) or not text.startswith("p") or not 0 < found <= 100:
        return Wrong(f"`{text}` is no quantile", "", "write as in `p95`")
    return found / 100


QUANTILE: Shape[Fraction] = from_words("a quantile", "p95", _quantile, r"^p[0-9]{1,2}(\.[0-9]+)?$|^p100$")


def _count(text: str) -> int | Wrong:
    if re.fullmatch(r"[1-9][0-9]{0,5}", text):
        return int(text)
    return Wrong(f"`{text}` is no whole number above zero", "", "write for example `10`")


COUNT: Shape[int] = from_words("a whole number", "10", _count, schema={"type": ["string", "integer"]})


def _turn(text: str) -> int | Wrong:
    """How many days a turn has: `day`, `week`, `3 days`, `2 weeks`."""
    found = re.fullmatch(r"(?:([1-9][0-9]{0,2}) )?(day|week)s?", text)
    if found is None:
        return Wrong(f"`{text}` is no length of a turn", "turns have whole days", "write `week`, `day` or `2 weeks`")
    return int(found[1] or 1) * (7 if found[2] == "week" else 1)


TURN: Shape[int] = from_words("how long a turn is", "week", _turn, "^([1-9][0-9]{0,2} )?(day|week)s?$")


def _clock(text: str) -> Any:
    found = numbers.clock_time(text)
    if not isinstance(found, Wrong) and found.seconds == 86_400:
        return Wrong("24:00 is the end of its day", "", "write 00:00")
    return found


CLOCK: Shape[Any] = from_words("a local time", "09:00", _clock, whole(patterns.CLOCK))
