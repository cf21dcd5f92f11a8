"""Messages and alerts as JSON, in which a store keeps them until they are sent, or over."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from makegood.engine.alerting.alert import Acknowledged, Alert, Condition
from makegood.evidence.canonical import canonical
from makegood.model.messages import Message, MessageKind, Told


def message_bytes(message: Message) -> bytes:
    """A message as canonical JSON."""
    return canonical(asdict(message))


def message_from(raw: bytes) -> Message:
    """The message of such JSON."""
    said: dict[str, Any] = json.loads(raw)
    conditions = tuple(Told(**_tuples(one)) for one in said.pop("conditions"))
    return Message(**{**said, "kind": MessageKind(said["kind"])}, conditions=conditions)


def alert_bytes(alert: Alert) -> bytes:
    """An alert as canonical JSON."""
    return canonical(asdict(alert))


def alert_from(raw: bytes) -> Alert:
    """The alert of such JSON."""
    said: dict[str, Any] = json.loads(raw)
    conditions = tuple(Condition(**_tuples(one)) for one in said.pop("conditions"))
    by = said.pop("acknowledged")
    acknowledged = None if by is None else Acknowledged(**by)
    return Alert(**_tuples(said), conditions=conditions, acknowledged=acknowledged)


def _tuples(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
