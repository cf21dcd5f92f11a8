"""The hashes of facts are worked out once for all that is judged by them, and anew for other facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from makegood.engine import pins
from makegood.engine.judge.case import World
from makegood.model.facts import Facts
from tests.engine import building as make


def pinned(known: Facts, order: str) -> dict[str, str]:
    (statement,) = make.judged(make.terms(), known, of=make.order(make.service(), id=order))
    return dict(statement.pins.facts)


def test_orders_that_are_judged_by_the_same_facts_share_one_hash_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Facts]()

    def counted(facts: Facts, real: object = pins._records) -> str:
        asked.append(facts)
        return real(facts)  # type: ignore[operator,no-any-return]

    monkeypatch.setattr(pins, "_records", counted)
    work = make.work("M", make.span("2026-02-08", "2026-02-09"), "web")
    known = make.known(work)
    assert pinned(known, "one") == pinned(known, "other")
    assert len(asked) == 1
    other = replace(known, maintenances=(replace(work, purpose="another"),))
    assert pinned(other, "one") != pinned(known, "one")
    assert len(asked) == 2


def test_the_statements_of_an_order_are_hashed_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = list[World](), pins._digests

    def counted(world: World) -> Iterator[tuple[str, str]]:
        asked.append(world)
        return real(world)

    monkeypatch.setattr(pins, "_digests", counted)
    order = make.order(make.service("web"), make.service("mail"))
    known = make.known(make.work("M", make.span("2026-02-08", "2026-02-09"), "web"))
    statements = make.judged(make.terms(), known, of=order)
    assert len(statements) == 2
    assert len(asked) == 1
