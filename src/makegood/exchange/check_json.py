"""Checks as JSON, as a hub gives them to its locations: every field by its name, a probe with its `kind`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from makegood.evidence.canonical import Json
from makegood.model.checks import (
    Check,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    PingProbe,
    Probe,
    SignalProbe,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)

KINDS: Mapping[str, type] = {
    "http": HttpProbe, "tcp": TcpProbe, "dns": DnsProbe, "tls": TlsProbe, "ping": PingProbe, "workflow": WorkflowProbe,
    "heartbeat": HeartbeatProbe, "signal": SignalProbe,
}  # fmt: skip
_WORDS = {kind: word for word, kind in KINDS.items()}


class NotAsWritten(ValueError):
    """JSON that is no check as this version writes them; says where, in one line."""


def check_to_json(check: Check) -> dict[str, Json]:
    """A check, every field of it."""
    written = _written(check)
    assert isinstance(written, dict)
    return written


def check_from_json(value: Any) -> Check:
    """The check that JSON stands for. Raises NotAsWritten for anything that `check_to_json` would not give."""
    found = _read(Check, value, "check")
    assert isinstance(found, Check)
    return found


def checks_from_json(values: Any) -> tuple[Check, ...]:
    """The checks of a list. Raises NotAsWritten as above, and where one name is there twice."""
    if not isinstance(values, list):
        raise NotAsWritten("checks are a list")
    found = tuple(check_from_json(value) for value in values)
    if len({check.name for check in found}) < len(found):
        raise NotAsWritten("two checks have one name")
    return found


def _written(value: Any) -> Json:
    if is_dataclass(value) and not isinstance(value, type):
        said: dict[str, Json] = {one.name: _written(getattr(value, one.name)) for one in fields(value)}
        word = _WORDS.get(type(value))
        return {"kind": word, **said} if word else said
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return {str(name): _written(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_written(one) for one in value]
    assert isinstance(value, str | int | bool)
    return value


def _read(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if kind == Probe or kind in _WORDS:
        return _read_probe(kind, value, where)
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_fields(kind, value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if origin is Mapping or origin is dict:
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise NotAsWritten(f"{where} is no object of texts")
        return MappingProxyType(dict(value))
    if origin in (Union, UnionType):
        if type(value) not in get_args(kind):
            raise NotAsWritten(f"{where} is of another type")
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise NotAsWritten(f"{where} is none of the words that are known") from None
    if type(value) is not kind:
        raise NotAsWritten(f"{where} is of another type")
    return value


def _read_probe(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict) or str(value.get("kind")) not in KINDS:
        raise NotAsWritten(f"{where} is of no kind that this version knows")
    if kind != Probe and KINDS[str(value["kind"])] is not kind:
        raise NotAsWritten(f"{where} is of another kind")
    said = {name: one for name, one in value.items() if name != "kind"}
    return _read_fields(KINDS[str(value["kind"])], said, where)


def _read_fields(kind: type, value: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind)]
    if not isinstance(value, dict) or set(value) != set(names):
        raise NotAsWritten(f"{where} is an object with {', '.join(names)}, and nothing else")
    return kind(**{name: _read(hints[name], value[name], f"{where}.{name}") for name in names})


def _read_tuple(of: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise NotAsWritten(f"{where} is no list")
    kinds = [of[0]] * len(value) if len(of) == 2 and of[1] is Ellipsis else list(of)
    if len(kinds) != len(value):
        raise NotAsWritten(f"{where} is a list of {len(kinds)}")
    return tuple(_read(kind, one, f"{where}[{n}]") for n, (kind, one) in enumerate(zip(kinds, value, strict=True)))
