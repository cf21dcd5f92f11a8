"""What goes wrong, as problem details (RFC 9457): one shape, and one table from error to status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from makegood.model.problem import Place, Problem, Refused, error

MEDIA = "application/problem+json"
UNPROCESSABLE = 422
STATUS: Mapping[str, int] = {
    "malformed": 400,
    "unauthorised": 401,
    "set-up": 401,
    "forbidden": 403,
    "not-found": 404,
    "no-token": 404,
    "no-tenant": 404,
    "no-heartbeat": 404,
    "no-statement": 404,
    "no-head": 404,
    "no-check": 404,
    "unknown-alert": 404,
    "no-mute": 404,
    "method-not-allowed": 405,
    "too-slow": 408,
    "fact-exists": 409,
    "id-taken": 409,
    "key-used": 409,
    "last-administrator": 409,
    "heartbeat-exists": 409,
    "batch-exists": 409,
    "fact-erased": 410,
    "too-large": 413,
    "unsupported-media": 415,
    "too-many-failures": 429,
    "too-much": 429,
    "batch-damaged": 400,
    "agent-unknown": 401,
    "agent-date": 401,
    "enrolment-refused": 401,
    "agent-revoked": 403,
    "agent-suspended": 403,
    "batch-foreign": 403,
    "agent-again": 409,
    "agent-request": 400,
    "batch-ahead": 409,
    "list-unknown": 409,
    "location-name": 409,
    "fault": 500,
    "unwritable": 503,
    "hub-clock": 503,
    "store-database": 503,
    "key": 503,
}
"""The status of an error by its code; of every other one UNPROCESSABLE."""

_TEXT = {"type": "string"}
_ONE = {"code": _TEXT, "where": _TEXT, "hint": _TEXT}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request", "problems"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:makegood:error:"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        **_ONE,
        "request": _TEXT,
        "problems": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "what"],
                "properties": {
                    "what": _TEXT, "why": _TEXT, **_ONE, "line": {"type": "integer"}, "column": {"type": "integer"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}  # fmt: skip
"""What every such answer looks like, as JSON Schema."""

CODES: Mapping[int, str] = {
    400: "malformed",
    401: "unauthorised",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    415: "unsupported-media",
    429: "too-many-failures",
    500: "fault",
}
"""The code of an error that the framework raised with a status alone."""


def status_of(problems: Sequence[Problem]) -> int:
    """The status of an answer that tells of problems: that of the first."""
    return STATUS.get(problems[0].code, UNPROCESSABLE) if problems else UNPROCESSABLE


def problem_json(problems: Sequence[Problem], status: int, request_id: str) -> bytes:
    """The body of such an answer. `problems` lists all of them, the first of which is told at the top."""
    listed = [_told(one) for one in problems]
    body = {"type": f"urn:makegood:error:{problems[0].code}", "title": problems[0].what, "status": status}
    if problems[0].why:
        body["detail"] = problems[0].why
    body |= {name: listed[0][name] for name in ("code", "where", "hint") if name in listed[0]}
    return json.dumps({**body, "request": request_id, "problems": listed}, ensure_ascii=False).encode("utf-8")


def _told(one: Problem) -> dict[str, Any]:
    told: dict[str, Any] = {"code": one.code, "what": one.what, "why": one.why, "where": str(one.where)}
    if one.where.line:
        told |= {"line": one.where.line, "column": one.where.column}
    return {name: value for name, value in {**told, "hint": one.hint}.items() if value != ""}


def refused(code: str, where: str, what: str, why: str = "", hint: str = "") -> Refused:
    """A refusal of one problem."""
    return Refused([error(code, Place(where), what, why, hint)])


FAULT = refused("fault", "request", "this is a fault of the hub itself", hint="try again; its log says where it was")
"""What is said of a fault of the program."""
