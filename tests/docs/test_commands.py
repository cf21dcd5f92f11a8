"""Every command and every option has documentation, and documents name none that does not exist."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from makegood.cli.main import app
from makegood.contract.rules import classing, gate, scale
from makegood.contract.written import HEADER_TABLE, PRIMITIVES
from makegood.exchange.alerts.channels import SHARED, WAYS
from makegood.exchange.alerts.people import (
    ESCALATION_KEYS,
    LAYER_KEYS,
    OVERRIDE_KEYS,
    PERSON_KEYS,
    ROTATION_KEYS,
    STEP_KEYS,
)
from makegood.exchange.alerts.reading import ALERTS_KEYS, DEAD_MAN_KEYS
from makegood.exchange.alerts.rules import OWN
from makegood.exchange.alerts.rules import SHARED as RULE_KEYS
from makegood.exchange.checks import read, reference, workflow
from makegood.exchange.fact_kinds import KINDS
from makegood.exchange.orders import ORDER_KEYS, SERVICE_KEYS
from tests.docs.test_docs import ROOT

TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
CHECKS = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
FACTS = (ROOT / "docs" / "facts.md").read_text(encoding="utf-8")
ALERTS = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
COMMANDS = sorted(name for name in app if not name.startswith("-"))
SECTIONS: Mapping[str, str] = dict(re.findall(r"^## makegood (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def names(command: str) -> list[str]:
    """Every name of every option of a command; an argument without an option has none."""
    arguments = app[command].assemble_argument_collection(default_parameter=app.default_parameter)
    return [name for argument in arguments for name in argument.names if name.startswith("-")]


def is_said(key: str, text: str) -> bool:
    """Whether a key stands in a text as code: `key`, or `key:` with a value."""
    return f"`{key}`" in text or re.search(rf"(?<![\w-]){re.escape(key)}:", text) is not None


def keys(table: Sequence[Any]) -> list[str]:
    return [key.name for key in table]


def test_every_command_has_a_section() -> None:
    assert sorted(SECTIONS) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented_and_exists(command: str) -> None:
    said = set(re.findall(r"`(-[-a-z]+)`", SECTIONS[command]))
    assert said == set(names(command))


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_every_key_of_a_rule_is_in_the_guide(primitive: str) -> None:
    table = list(PRIMITIVES[primitive].TABLE)
    assert [key for key in [primitive, *keys(table)] if not is_said(key, LANGUAGE)] == []


@pytest.mark.parametrize(
    "found",
    [
        keys(HEADER_TABLE),
        [*gate.GATE_NAMES, *gate.CLIP_NAMES],
        [*keys(scale.ROW_TABLE), *keys(classing.ROW_TABLE)],
        ["among", "chosen", "because", "clauses"],
        ["applies to", "exception to", "by"],
    ],
)
def test_what_else_a_rule_may_say_is_in_the_guide(found: list[str]) -> None:
    assert [key for key in found if not is_said(key, LANGUAGE)] == []


def test_every_key_of_a_file_of_alerts_is_documented() -> None:
    tables = [ALERTS_KEYS, DEAD_MAN_KEYS, SHARED, *(keys for keys, _ in WAYS.values()), RULE_KEYS, *OWN.values()]
    tables += [PERSON_KEYS, ROTATION_KEYS, LAYER_KEYS, OVERRIDE_KEYS, ESCALATION_KEYS, STEP_KEYS]
    assert [key for table in tables for key in keys(table) if not is_said(key, ALERTS)] == []


def test_every_key_of_an_order_and_a_fact_is_documented() -> None:
    found = [*keys(ORDER_KEYS), *keys(SERVICE_KEYS), *(key for k in KINDS.values() for key in keys(k.every_key))]
    assert [key for key in found if not is_said(key, FACTS)] == []


def test_every_key_of_a_check_is_in_the_guide() -> None:
    tables = (read.TABLE, *reference.TABLES.values(), workflow.STEP_TABLE, workflow.CAPTURE_TABLE)
    assert [key for table in tables for key in keys(table) if not is_said(key, CHECKS)] == []
