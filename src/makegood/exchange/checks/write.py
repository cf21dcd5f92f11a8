"""Checks as a file again: what is read of it are the same checks, and only what differs from a default is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

from makegood.contract.numbers import decimal
from makegood.exchange.checks import http
from makegood.exchange.checks.json_paths import comparison_words, path_words
from makegood.model.checks import (
    Capture,
    Check,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    JsonAssertion,
    PingProbe,
    SignalProbe,
    Step,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)
from makegood.model.figures import COUNTS
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration

Written: TypeAlias = str | Sequence["Written"] | Mapping[str, "Written"]
"""A value as a file says it: a text, a list or a mapping."""

WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./:%@?&=+ -]*")
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_. -]*")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LEAST: Final = Check("", "", HeartbeatProbe())


def checks_text(checks: Sequence[Check], remark: Sequence[str] = ()) -> str:
    """A file of these checks, below some lines of remark."""
    head = "".join(f"# {line}".rstrip() + "\n" for line in remark)
    if not checks:
        return f"{head}checks: []\n"
    return f"{head}checks:\n" + "".join("\n".join(_item(check_written(check), 2)) + "\n" for check in checks)


def check_written(check: Check) -> dict[str, Written]:
    """A check as its file says it, key by key."""
    found: dict[str, Written] = {"check": check.name, "service": check.service}
    if check.title:
        found["title"] = check.title
    if check.every != _LEAST.every:
        found["every"] = length(check.every)
    if check.timeout != min(_LEAST.timeout, check.every) and not isinstance(check.probe, HeartbeatProbe):
        found["timeout"] = length(check.timeout)
    if check.locations:
        found["locations"] = check.locations
    if check.labels:
        found["labels"] = dict(check.labels)
    return found | _probe(check)


def length(duration: Duration) -> str:
    """A length of time as it is written, exactly: `1 h 30 min`."""
    if not duration:
        return "0 s"
    parts = list[str]()
    for unit, word in ((HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        count, duration = divmod(duration, unit)
        parts += [f"{count} {word}"] if count else []
    return " ".join([*parts, *([f"{decimal(Fraction(duration, 1000))} ms"] if duration else [])])


def _lasting(duration: Duration) -> str:
    days, rest = divmod(duration, DAY)
    return f"at least {length(duration)}" if rest or not days else f"at least {days} day{'s' if days > 1 else ''}"


def _probe(check: Check) -> dict[str, Written]:
    match check.probe:
        case HttpProbe() as probe:
            return {"http": _http(probe)}
        case TcpProbe(host, port, send, contains):
            return {"tcp": _short(f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                                  {"host": host, "port": str(port)}, {"send": send, "contains": contains})}  # fmt: skip
        case DnsProbe():
            return {"dns": _dns(check.probe)}
        case TlsProbe():
            return {"tls": _tls(check.probe)}
        case PingProbe(host, requests, replies, interval):
            more = {
                "requests": str(requests) if requests != 1 else "",
                "replies": f"at least {replies}" if replies != 1 else "",
                "interval": length(interval) if interval != PingProbe("").interval else "",
            }
            return {"ping": _short(host, {"host": host}, more)}
        case WorkflowProbe(steps):
            return {"workflow": [_step(step) for step in steps]}
        case HeartbeatProbe(grace):
            return {"heartbeat": {"grace": length(grace)} if grace else {}}
        case SignalProbe():
            return {"signal": _signal(check.probe)}


def _short(text: str, must: Mapping[str, Written], more: Mapping[str, Written]) -> Written:
    """The one text that says it, or a mapping where more than that is said."""
    said = {key: value for key, value in more.items() if value}
    return {**must, **said} if said else text


def _http(probe: HttpProbe) -> Written:
    default = http.DEFAULT
    codes = [str(a) if a == b else f"{a}-{b}" for a, b in probe.status]
    more: dict[str, Written] = {
        "method": probe.method if probe.method != default.method else "",
        "headers": dict(probe.headers),
        "body": probe.body,
        "status": _one(codes) if probe.status != default.status else "",
        "contains": _one(probe.contains),
        "lacks": _one(probe.lacks),
        "json": _json(probe.json),
        "redirects": str(probe.redirects) if probe.redirects != default.redirects else "",
        "verify": "" if probe.verify else "no",
        "certificate": _lasting(probe.remaining) if probe.remaining else "",
        "reads": _size(probe.cap) if probe.cap != default.cap else "",
    }
    return _short(probe.url, {"url": probe.url}, more)


def _one(values: Sequence[str]) -> Written:
    return values[0] if len(values) == 1 else list(values)


def _size(count: int) -> str:
    unit = next(word for word, size in reversed(http.SIZES.items()) if count % size == 0)
    return f"at most {count // http.SIZES[unit]} {unit}"


def _json(assertions: Sequence[JsonAssertion]) -> dict[str, Written]:
    by_path: dict[str, list[str]] = {}
    for one in assertions:
        by_path.setdefault(path_words(one.path), []).append(comparison_words(one.compares, one.value))
    return {path: _one(words) for path, words in by_path.items()}


def _dns(probe: DnsProbe) -> Written:
    more: dict[str, Written] = {
        "type": probe.type if probe.type != DnsProbe("").type else "",
        "server": probe.server,
        "answers": _one(probe.answers),
        "code": probe.code if probe.code != DnsProbe("").code else "",
    }
    return _short(probe.name, {"name": probe.name}, more)


def _tls(probe: TlsProbe) -> Written:
    default = TlsProbe("")
    port = str(probe.port) if probe.port != default.port else ""
    more: dict[str, Written] = {
        "name": probe.server_name,
        "verify": "" if probe.verify else "no",
        "certificate": _lasting(probe.remaining) if probe.remaining != default.remaining else "",
    }
    host = f"[{probe.host}]" if ":" in probe.host else probe.host
    must: dict[str, Written] = {"host": probe.host, **({"port": port} if port else {})}
    return _short(f"{host}:{port}" if port else host, must, more)


def _step(step: Step) -> dict[str, Written]:
    captures: dict[str, Written] = {capture.name: _capture(capture) for capture in step.captures}
    return {"step": step.name, "http": _http(step.http), **({"captures": captures} if captures else {})}


def _capture(capture: Capture) -> dict[str, Written]:
    if capture.path:
        return {"json": path_words(capture.path)}
    return {"header": capture.header} if capture.header else {"between": list(capture.between)}


def _signal(probe: SignalProbe) -> dict[str, Written]:
    default = SignalProbe("")
    more: dict[str, Written] = {
        "query": probe.query,
        "up when": comparison_words(probe.compares, probe.value)
        if (probe.compares, probe.value) != (default.compares, default.value)
        else "",
        "metric": probe.metric,
        **{word: query for word, query in probe.quantities if word in COUNTS},
        "quantities": {word: query for word, query in probe.quantities if word not in COUNTS},
        "headers": dict(probe.headers),
    }
    return {"prometheus": probe.url, **{key: value for key, value in more.items() if value}}


def _item(mapping: Mapping[str, Written], indent: int) -> Iterator[str]:
    """The lines of a mapping as an item of a list."""
    lines = _lines(mapping, indent + 2)
    yield f"{' ' * indent}- {next(lines).lstrip()}"
    yield from lines


def _lines(mapping: Mapping[str, Written], indent: int) -> Iterator[str]:
    margin = " " * indent
    for key, value in mapping.items():
        short = f"{margin}{_word(key, _KEY)}: {flow(value)}"
        deep = isinstance(value, Mapping) and any(not isinstance(v, str) for v in value.values())
        many = isinstance(value, Sequence) and any(isinstance(v, Mapping) for v in value)
        if isinstance(value, str) or not value or (len(short) <= WIDTH and not deep and not many):
            yield short
        elif isinstance(value, Mapping):
            yield f"{margin}{_word(key, _KEY)}:"
            yield from _lines(value, indent + 2)
        else:
            yield f"{margin}{_word(key, _KEY)}:"
            for item in value:
                yield from _item(item, indent + 2) if isinstance(item, Mapping) else (f"{margin}  - {flow(item)}",)


def flow(value: Written) -> str:
    """A value on one line, in the way that it may stand in braces."""
    if isinstance(value, str):
        return _word(value, _PLAIN)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_word(key, _KEY)}: {flow(item)}' for key, item in value.items())}}}"
    return f"[{', '.join(map(flow, value))}]"


def _word(text: str, plain: re.Pattern[str]) -> str:
    """A text as a scalar: as it is where that can only be read as itself, else in quotation marks."""
    if plain.fullmatch(text) and not text.endswith((" ", ":")) and ": " not in text and text.lower() != "null":
        return text
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _code(c)) for c in text) + '"'


def _code(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02X}" if point < 0x100 else f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"
