"""The HTTP probe of a check: one request, and what its answer must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from makegood.contract import numbers
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.patterns import DURATION, SPACE
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, list_of, object_schema
from makegood.contract.values import YES_NO
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.addresses import URL
from makegood.exchange.checks.json_paths import ASSERTIONS
from makegood.exchange.checks.texts import (
    MOST_OF_A_BODY,
    as_written,
    counted,
    errors,
    key_text,
    place_text,
    sent,
    too_many,
)
from makegood.exchange.columns import shown
from makegood.model.checks import Codes, HttpProbe
from makegood.model.spans import DAY, Duration

T = TypeVar("T")

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_REDIRECTS: Final = 20
MOST_READ: Final = 16 << 20
LONGEST_LASTING: Final = 3_660 * DAY
SIZES: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS: Final = {
    "accept-encoding": "what is compared are the bytes as they are sent, so no coding is asked for",
    "connection": "each probe has a connection of its own",
    "content-length": "it follows from the body",
    "transfer-encoding": "it follows from the body",
}
DEFAULT: Final = HttpProbe("")


def short(
    says: str,
    example: str,
    table: Sequence[Key[Any]],
    mapping: Callable[[Keyed, Report], T | None],
    text: Callable[[Text, Report], T | None],
) -> Shape[T]:
    """A shape for a mapping in whose place one text may stand that says the most needed."""

    def read(node: Node, report: Report) -> T | None:
        if isinstance(node, Text):
            return text(node, report)
        if isinstance(node, Many):
            report.error("wrong-shape", node.place, f"expected {says}, found a list", "", f"write `{example}`")
            return None
        return mapping(node, report)

    return Shape(says, example, read, {"anyOf": [{"type": "string"}, object_schema(table)]})


def _method(text: str) -> str | Wrong:
    if text in METHODS:
        return text
    hint = f"write `{text.upper()}`" if text.upper() in METHODS else "known are " + ", ".join(METHODS)
    return Wrong(f"`{shown(text)}` is no method of a request", "", hint)


METHOD_SHAPE: Final = from_words("a method of HTTP", "POST", _method, schema={"enum": list(METHODS)})


def _codes(text: str) -> tuple[int, int] | Wrong:
    found = re.fullmatch(r"([0-9]{3})(?:-([0-9]{3}))?", text)
    if found is None:
        hint = f"write {text[0]}00-{text[0]}99" if re.fullmatch(r"[1-5][xX]{2}", text) else "write 200 or 200-299"
        return Wrong(f"`{text[:80]}` is no status code, and no range of them", "", hint)
    first, last = int(found[1]), int(found[2] or found[1])
    if first < 100 or last > 599:
        return Wrong(f"`{text}` is no range of status codes", "they are 100 to 599", "write as in 200-299")
    return (first, last) if first <= last else Wrong(f"the range {text} is reversed", "", f"write {last}-{first}")


def size(text: str) -> int | Wrong:
    """`at most 1 MiB`, in bytes."""
    found = re.fullmatch(rf"at most{SPACE}([0-9]{{1,9}}){SPACE}(B|KiB|MiB)", text)
    if found is None:
        return Wrong(f"`{text[:80]}` is no number of bytes with its side", "", "write as in `at most 64 KiB`")
    count = int(found[1]) * SIZES[found[2]]
    if not 1 <= count <= MOST_READ:
        return Wrong(
            f"`{text}` cannot be", f"from 1 B to {MOST_READ >> 20} MiB are read", "write as in `at most 64 KiB`"
        )
    return count


def lasting(text: str) -> Duration | Wrong:
    """`at least 14 days`: how long a certificate must still hold, a day being 24 hours; in microseconds."""
    if not text.startswith("at least "):
        good = not isinstance(lasting(f"at least {text}"), Wrong)
        hint = f"write `at least {text}`" if good else "write as in `at least 14 days`"
        return Wrong(f"`{text[:80]}` is no length of time with its side", "", hint)
    words = text.removeprefix("at least ").strip()
    days = re.fullmatch(r"([0-9]{1,4}) days?", words)
    length = int(days[1]) * DAY if days else numbers.duration(words)
    if isinstance(length, int) and length > LONGEST_LASTING:
        return Wrong(f"`{text[:80]}` is longer than ten years", "no certificate holds so long", "write fewer days")
    return length


def _header_value(text: str) -> str | Wrong:
    found = sent(lines=False)(text)
    if isinstance(found, str) and found != found.strip():
        return Wrong(f"`{found[:80]}` begins or ends with a space", "which is not sent", "take it away")
    if isinstance(found, str) and not found.isascii():
        return Wrong(f"`{found[:80]}` is not in ASCII", "headers have no other letters", "write it in ASCII")
    return found


HEADER_VALUE: Final = as_written("the value of a header", "application/json", _header_value)


def _headers(node: Node, report: Report) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(node, Keyed):
        what, hint = "expected headers with their values", "write `{Accept: application/json}`"
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    found, names = list[tuple[str, str]](), dict[str, str]()
    for name, value in node.entries:
        lower = name.text.lower()
        if not _TOKEN.fullmatch(name.text):
            why = "it has letters, digits and hyphens, and no colon or space"
            what = f"`{shown(name.text)}` is no name of a header"
            report.error("wrong-value", name.place, what, why, "write as in `Accept`")
        elif lower in _OURS:
            report.error(
                "wrong-value", name.place, f"the header `{name.text}` cannot be set", _OURS[lower], "take it away"
            )
        elif lower in names:
            what = f"the header `{name.text}` is written twice, as `{names[lower]}` before"
            report.error("duplicate-name", name.place, what, "names of headers have no case", "keep one")
        names.setdefault(lower, name.text)
        words = HEADER_VALUE.read(value, report)
        found += [(name.text, words)] if words is not None else []
    return None if too_many(node, len(found), "headers", report) else tuple(found)


TEXT: Final = as_written("text", "ready", sent(secrets=False))
HEADERS_SHAPE: Final[Shape[tuple[tuple[str, str], ...]]] = Shape(
    "headers with their values",
    "{Accept: application/json}",
    _headers,
    {"type": "object", "additionalProperties": HEADER_VALUE.schema},
)
LASTING: Final[Shape[Duration]] = from_words(
    "a length of time with its side", "at least 14 days", lasting, rf"^at least (?:[0-9]+ days?|{DURATION})$"
)
CODES: Final[Shape[Codes]] = list_of(
    from_words(
        "status codes or ranges of them",
        "200-299",
        _codes,
        schema={"type": ["string", "integer"], "pattern": "^[1-5][0-9]{2}(?:-[1-5][0-9]{2})?$"},
    )
)

URL_KEY: Final = Key("url", URL, "what is asked for; no user or password stands in it")
METHOD: Final = Key("method", METHOD_SHAPE, "the method of the request: " + ", ".join(METHODS), DEFAULT.method)
HEADERS: Final = Key("headers", HEADERS_SHAPE, "what is sent as headers", DEFAULT.headers)
BODY: Final = Key(
    "body", as_written("a text", "name=probe", sent(MOST_OF_A_BODY)), "what is sent as body, as it is", DEFAULT.body
)
STATUS: Final = Key("status", CODES, "the status codes that are good", DEFAULT.status, like="200-299")
CONTAINS: Final = Key("contains", list_of(TEXT), "texts that must all be in the body", DEFAULT.contains, like="ready")
LACKS: Final = Key("lacks", list_of(TEXT), "texts of which none may be in the body", DEFAULT.lacks, like="maintenance")
JSON: Final = Key("json", ASSERTIONS, "what the JSON of the body must say; all of it must hold", DEFAULT.json)
REDIRECTS: Final = Key(
    "redirects",
    counted("a number of redirects", "10", 0, MOST_REDIRECTS),
    "how many redirects are followed; with 0 the answer that redirects is judged",
    DEFAULT.redirects,
)
VERIFY: Final = Key("verify", YES_NO, "whether the certificate must be trusted and for this host", DEFAULT.verify)
CERTIFICATE: Final = Key(
    "certificate", LASTING, "how long the certificate must still hold, a day being 24 hours", DEFAULT.remaining
)
READS: Final = Key(
    "reads",
    from_words(
        "a number of bytes with its side", "at most 1 MiB", size, rf"^at most{SPACE}[0-9]+{SPACE}(?:B|KiB|MiB)$"
    ),
    "how much of the body is read",
    DEFAULT.cap,
)
TABLE: Final[Sequence[Key[Any]]] = (
    URL_KEY, METHOD, HEADERS, BODY, STATUS, CONTAINS, LACKS, JSON, REDIRECTS, VERIFY, CERTIFICATE, READS,
)  # fmt: skip


def _read(node: Keyed, report: Report) -> HttpProbe | None:
    before = errors(report)
    fields = Fields(node, TABLE, report, "an HTTP probe")
    probe = HttpProbe(
        fields.get(URL_KEY), fields.get(METHOD), fields.get(HEADERS), fields.get(BODY), fields.get(STATUS),
        fields.get(CONTAINS), fields.get(LACKS), fields.get(JSON), fields.get(REDIRECTS), fields.get(VERIFY),
        fields.get(CERTIFICATE), fields.get(READS),
    )  # fmt: skip
    if errors(report) > before:
        return None
    _fits(node, probe, report)
    return None if errors(report) > before else probe


def _fits(node: Keyed, probe: HttpProbe, report: Report) -> None:
    for key in ("contains", "lacks", "json") if probe.method == "HEAD" else ():
        if node.get(key) is not None:
            why, hint = "the answer to HEAD has no body", "write `method: GET`"
            report.error("no-body", key_text(node, key).place, f"`{key}` asks something of the body", why, hint)
    for key, values in (("status", probe.status), ("contains", probe.contains), ("lacks", probe.lacks)):
        if node.get(key) is not None and not values:
            report.error("missing-key", place_text(node, key).place, f"`{key}` lists nothing", "", "take it away")
        too_many(place_text(node, key), len(values), "values", report)
    for text in sorted(set(probe.contains) & set(probe.lacks)):
        what = f"`{text[:80]}` must be in the body and must not be"
        report.error("never-up", place_text(node, "lacks").place, what, "such a check is never up", "take one away")
    if probe.url.startswith("http:") and not probe.redirects:
        for key in ("certificate", "verify"):
            if node.get(key) is not None:
                what = f"`{key}` asks something of a certificate, and there is none"
                why = "the URL is of http, and no redirect is followed"
                report.error("no-certificate", key_text(node, key).place, what, why, "take it away, or write https")


def _short(text: Text, report: Report) -> HttpProbe | None:
    url = URL.read(text, report)
    return replace(DEFAULT, url=url) if url is not None else None


HTTP: Final[Shape[HttpProbe]] = short("an HTTP probe, or its URL", "https://shop.example/health", TABLE, _read, _short)
