"""JSON Schema of orders, facts and checks, from the tables that read them; every scalar is a text as written."""

from __future__ import annotations

from typing import Any, Final

from makegood.contract.shape import object_schema
from makegood.exchange.checks.read import FILE_TABLE
from makegood.exchange.checks.read import KINDS as PROBES
from makegood.exchange.checks.read import TABLE as CHECK_TABLE
from makegood.exchange.fact_kinds import KINDS
from makegood.exchange.orders import ORDER_KEYS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def order_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of an order file, `NAME.order.yaml`."""
    return {
        "$schema": _DIALECT,
        "title": "an order",
        "description": "who took which agreement: plan, services, term, fees and contacts",
        **object_schema(ORDER_KEYS),
    }


def facts_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of facts, `NAME.facts.yaml`: a list, each led by its kind and id."""
    kinds = [{"title": kind.says, **object_schema(kind.every_key)} for kind in KINDS.values()]
    return {
        "$schema": _DIALECT,
        "title": "facts",
        "description": "what happened and what was said, each fact with when it became known and who recorded it",
        "type": "array",
        "items": {"anyOf": kinds},
    }


def checks_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of checks, `NAME.checks.yaml`."""
    schema = object_schema(FILE_TABLE)
    one = {**object_schema(CHECK_TABLE), "oneOf": [{"required": [kind]} for kind in PROBES]}
    schema["properties"]["checks"] = {**schema["properties"]["checks"], "items": one}
    return {
        "$schema": _DIALECT,
        "title": "checks",
        "description": "what is watched: how often, how, and from where",
        **schema,
    }
