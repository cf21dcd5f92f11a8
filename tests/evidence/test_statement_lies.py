"""A statement that says something else than its own trace, signed by the log's key: both verifiers see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from makegood.evidence import bundle as form
from makegood.evidence.archive import read_archive, write_archive
from makegood.evidence.head import SignedHead
from tests.evidence.both import sound, why
from tests.evidence.making import STRANGER, fact, real

Lie = Callable[[dict[str, Any]], object]
W = real()


def told(lie: Lie) -> bytes:
    """A bundle whose statement was changed before it was signed."""
    whole = json.loads(W.statement)
    lie(whole["statements"][0])
    return replace(W, statement=json.dumps(whole).encode()).bundle()


def step(statement: dict[str, Any], op: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in statement["trace"] if one["op"] == op)
    return found


def line(statement: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = statement["figures"][0]["lines"][0]
    return found


def from_head(head: SignedHead) -> Lie:
    return lambda s: s["pins"].update(head=head.to_bytes().decode())


LIES: dict[str, Lie] = {
    "another verdict": lambda s: s.update(verdict="met"),
    "insufficient where one run says": lambda s: s.update(verdict="insufficient data"),
    "another verdict of the run": lambda s: (s.update(verdict="met"), s["figures"][0].update(verdict="met")),
    "a verdict with its label": lambda s: (
        s.update(verdict="met"),
        s["figures"][0].update(verdict="met"),
        s["trace"][s["figures"][0]["step"]].update(label="met"),
    ),
    "only recorded": lambda s: (s.update(verdict="recorded"), s["figures"][0].update(verdict="recorded")),
    "no runs": lambda s: s.update(figures=[]),
    "a run twice": lambda s: s.update(figures=s["figures"] * 2),
    "runs that differ and are one": lambda s: s.update(exact=False),
    "another amount of the line": lambda s: line(s)["money"].update(minor=1),
    "another amount owed": lambda s: s["credit"]["least"].update(minor=1),
    "another most owed": lambda s: s["credit"]["most"].update(minor=10**6),
    "another currency owed": lambda s: s["credit"]["most"].update(currency="USD"),
    "nothing owed": lambda s: s["credit"].update(least=None, most=None),
    "the line left out": lambda s: s["figures"][0].update(lines=[]),
    "the line withheld": lambda s: line(s).update(withheld="the customer is late"),
    "another step of the line": lambda s: line(s).update(step=0),
    "a step counted from the end": lambda s: line(s).update(step=line(s)["step"] - len(s["trace"])),
    "a step that is not there": lambda s: line(s).update(step=10**6),
    "a step before the first": lambda s: s["figures"][0].update(step=-1),
    "a ratio": lambda s: step(s, "divided by").update(number="1"),
    "a test": lambda s: step(s, "is at least").update(truth=True),
    "a total": lambda s: step(s, "total time").update(number="5"),
    "spans that overlap": lambda s: s["trace"][0].update(
        spans_us=[[0, 9], [5, 12]], number=None, truth=None, label=None
    ),
    "spans that touch": lambda s: s["trace"][0].update(spans_us=[[0, 5], [5, 12]], number=None, truth=None, label=None),
    "a span turned round": lambda s: s["trace"][0].update(spans_us=[[9, 5]], number=None, truth=None, label=None),
    "a span beyond time": lambda s: s["trace"][0].update(
        spans_us=[[0, 2**62 + 1]], number=None, truth=None, label=None
    ),
    "two values": lambda s: step(s, "divided by").update(truth=True),
    "an operand after its step": lambda s: step(s, "divided by").update(operands=[10**4, 0]),
    "an operand before the first": lambda s: step(s, "divided by").update(operands=[-1, -2]),
    "no operands": lambda s: step(s, "divided by").update(operands=[]),
    "a division by nothing": lambda s: step(s, "divided by").update(operands=[0, 0]),
    "an unknown operation": lambda s: step(s, "divided by").update(op="guessed"),
    "an unknown rounding": lambda s: step(s, "rounded").update(argument="sideways"),
    "a step by another number": lambda s: s["trace"][3].update(id=99),
    "a step left out": lambda s: s["trace"].pop(0),
    "no steps": lambda s: s.update(trace=[]),
    "a number that is none": lambda s: step(s, "divided by").update(number="NaN"),
    "a number beyond all": lambda s: step(s, "divided by").update(number="9" * 401),
    "more up than there was": lambda s: s["classes"]["up"].update(total_us=s["classes"]["up"]["total_us"] + 1),
    "down time left out": lambda s: s["classes"]["down"].update(total_us=0, spans=[]),
    "down time in two classes": lambda s: s["classes"].update(excused=s["classes"]["down"]),
    "up time in two classes": lambda s: s["classes"].update(unknown=s["classes"]["up"]),
    "a longer span": lambda s: s["classes"]["up"]["spans"][0].update(length_us=1),
    "a brief outage that was down": lambda s: s["classes"].update(brief=s["classes"]["down"]),
    "spans out of order": lambda s: s["classes"]["up"]["spans"].reverse(),
    "a date that is none": lambda s: s["classes"]["up"]["spans"][0].update(start="2026-02-30T00:00:00Z"),
    "another agreement": lambda s: s["pins"].update(agreement="0" * 64),
    "another order": lambda s: s["pins"].update(order="0" * 64),
    "a head that nothing extends": from_head(W.head(3)),
    "a head after the bundle's": from_head(replace(W, entries=[*W.entries, fact("more")]).head()),
    "a head of a fork": from_head(replace(W, entries=[fact("instead"), *W.entries[1:]]).head(4)),
    "a head of a fork as long": from_head(replace(W, entries=[fact("instead"), *W.entries[1:]]).head()),
    "a head of another log": from_head(W.head(log=STRANGER.public.log)),
    "a head signed by a stranger": from_head(W.head(key=STRANGER)),
    "a head with another signature": from_head(replace(W.head(), signature=bytes(64))),
    "no head but words": lambda s: s["pins"].update(head="9 entries"),
    "half a letter for a head": lambda s: s["pins"].update(head="\ud800"),
    "a number for a head": lambda s: s["pins"].update(head=9),
    "no pins": lambda s: s.pop("pins"),
    "no classes": lambda s: s.update(classes=None),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_seen(lie: str) -> None:
    assert why(told(LIES[lie]))


def test_the_truth_is_told_the_same_way_and_sound() -> None:
    assert sound(told(lambda _: None))


@pytest.mark.parametrize("size", [4, 9])
def test_a_statement_names_a_head_that_the_bundles_extends(size: int) -> None:
    assert sound(told(from_head(W.head(size))))


def test_changing_any_value_that_others_use_is_seen() -> None:
    statement = json.loads(W.statement)["statements"][0]
    used = {o for one in statement["trace"] if one["op"] != "finding" for o in one["operands"]}
    trace = statement["trace"]
    changed = [at for at in sorted(used) if trace[at]["number"] is not None and trace[at]["op"] != "rule"]
    assert len(changed) > 5
    for at in changed:
        number = str(Fraction(statement["trace"][at]["number"]) + 1)
        assert not sound(told(lambda s, at=at, number=number: s["trace"][at].update(number=number)))  # type: ignore[misc]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"format":"makegood.statement/1"}',
        b'{"format":"makegood.statements/1"}',
        b'{"format":"makegood.statements/1","not_applicable":[],"statements":null}',
        b'{"format":"makegood.statements/1","not_applicable":[],"statements":[null]}',
        b'{"format":"makegood.statements/1","not_applicable":[],"statements":[{}]}',
        b'{"format":"makegood.statements/1","not_applicable":[],"statements":[],"more":1}',
        b"\xff",
        b"1e5",
        b"9" * 5000,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_no_statement_is_refused(raw: bytes) -> None:
    assert not sound(replace(W, statement=raw).bundle())


def test_a_bundle_without_its_statement_is_refused() -> None:
    files = read_archive(W.bundle())
    for part in (form.STATEMENT, form.HEAD, form.MANIFEST, form.SIGNATURE):
        left = {name: content for name, content in files.items() if name != part}
        assert f"{part} is missing" in why(write_archive(left))


def test_a_statement_from_before_a_field_was_added_is_as_sound_as_it_was() -> None:
    def older(statement: dict[str, Any]) -> None:
        del statement["coverage"]["locations"]
        del statement["pins"]["gone"]

    assert sound(told(older))
