"""Checks as JSON are read back as they were, and nothing else is read as one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from makegood.evidence.canonical import canonical
from makegood.exchange.check_json import KINDS, NotAsWritten, check_from_json, check_to_json, checks_from_json
from makegood.model.checks import (
    Capture,
    Check,
    Compares,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    JsonAssertion,
    PingProbe,
    Probe,
    SignalProbe,
    Step,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)

HTTP = HttpProbe(
    "https://x/", "POST", (("A", "b"),), "{}", ((200, 299), (404, 404)), ("a",), ("b",),
    (JsonAssertion(("items", 0, "n"), Compares.AT_LEAST, "3"),), 0, False, 5, 9,
)  # fmt: skip
STEPS = (Step("in", HTTP, (Capture("t", ("a", 1)), Capture("u", header="X"), Capture("v", between=("<", ">")))),)
PROBES: tuple[Probe, ...] = (
    HTTP, TcpProbe("h", 1, "a", "b"), DnsProbe("x", "AAAA", "ns:53", ("::1",), "NXDOMAIN"),
    TlsProbe("h", 2, "n", False, 3), PingProbe("h", 3, 2, 1), WorkflowProbe(STEPS), HeartbeatProbe(4),
    SignalProbe("u", "q", Compares.BELOW, "1.5", "m", (("good", "g"), ("p95", "v"))),
)  # fmt: skip
CHECKS = [Check(f"c{n}", "web", one, 7, 8, ("fra",), "T", {"a": "b"}) for n, one in enumerate(PROBES)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: type(check.probe).__name__)
def test_a_check_of_each_kind_is_read_back_as_it_was(check: Check) -> None:
    raw = canonical(check_to_json(check))
    found = check_from_json(json.loads(raw))
    assert (found.name, found.probe, found.every, found.timeout) == (
        check.name,
        check.probe,
        check.every,
        check.timeout,
    )
    assert canonical(check_to_json(found)) == raw
    assert dict(found.labels) == {"a": "b"}
    assert found.locations == ("fra",)


def test_every_kind_is_among_them() -> None:
    assert {type(one) for one in PROBES} == set(KINDS.values())


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a value, itself first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [at, *(place for name, one in inner for place in places(one, (*at, name)))]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: type(check.probe).__name__)
def test_what_is_of_another_type_missing_or_more_is_refused_wherever_it_stands(check: Check) -> None:
    for place in places(check_to_json(check)):
        for wrong in (None, 1.5, {"x": "y"}):
            value: Any = json.loads(canonical(check_to_json(check)))
            at: Any = value
            if not place:
                value = wrong
            else:
                for step in place[:-1]:
                    at = at[step]
                if at[place[-1]] == wrong or place[-1] == "labels":
                    continue
                at[place[-1]] = wrong
            with pytest.raises(NotAsWritten):
                check_from_json(value)
    for name in check_to_json(check):
        short = {key: one for key, one in check_to_json(check).items() if key != name}
        with pytest.raises(NotAsWritten):
            check_from_json(short)
    with pytest.raises(NotAsWritten):
        check_from_json({**check_to_json(check), "more": 1})


def test_names_are_there_once() -> None:
    said = json.loads(canonical([check_to_json(CHECKS[0])] * 2))
    with pytest.raises(NotAsWritten, match="one name"):
        checks_from_json(said)
    with pytest.raises(NotAsWritten, match="a list"):
        checks_from_json({})
