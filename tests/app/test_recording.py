"""What recording a fact looks at: as much as it concerns, and the same is said as if everything were looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from makegood.app.business import concerns, foreign
from makegood.app.recording import _read, record_in
from makegood.app.roles import Role
from makegood.app.tokens import Caller, Token
from makegood.exchange.facts import read_facts
from makegood.model.problem import Refused
from makegood.store.opened import Store, create
from makegood.store.sql.database import reading
from makegood.store.sql.relating import EXAMPLES, related
from makegood.store.sql.store import Appended
from tests.engine.worlds import examples

NOW = 1_780_000_000_000_000
IDS = [f"F-{n}" for n in range(8)]


def maintenance(named: str, service: str = "web", recorded: int = 1, supersedes: str = "") -> str:
    return (
        f"- maintenance: {named}\n  services: [{service}]\n"
        "  announced: 2026-02-08 02:00 to 2026-02-08 04:00 America/New_York\n"
        f"{again(supersedes)}{noted(recorded)}"
    )


def notice(named: str, of: str, recorded: int = 1, supersedes: str = "") -> str:
    return (
        f"- notice: {named}\n  of: {of}\n  to: ops@acme.example\n  via: email\n  accepted: 2025-12-02T00:00:00Z\n"
        f"  order: acme\n{again(supersedes)}{noted(recorded)}"
    )


def retraction(named: str, of: str, recorded: int = 1) -> str:
    return f"- retraction: {named}\n  supersedes: {of}\n  because: it was wrong\n{noted(recorded)}"


def again(supersedes: str) -> str:
    return f"  supersedes: {supersedes}\n" if supersedes else ""


def noted(recorded: int) -> str:
    return f"  recorded: 2026-01-{recorded:02}T00:00:00Z\n  by: ops@harbour.example\n"


named, day = st.sampled_from(IDS), st.integers(1, 4)
FACTS = st.one_of(
    st.builds(maintenance, named, st.sampled_from(["web", "mail"]), day, st.sampled_from(["", *IDS])),
    st.builds(notice, named, named, day, st.sampled_from(["", "", *IDS])),
    st.builds(retraction, named, named, day),
)
FILES = st.lists(st.lists(FACTS, min_size=1, max_size=4).map("".join), min_size=2, max_size=10)


def told(store: Store, raw: bytes, everything: bool, who: Caller) -> tuple[object, ...]:
    alone = read_facts(raw, "new")[0]
    with reading(store.engine) as connection:
        there = store.facts() if everything else related(connection, alone)
    by_id = {one.id: one for one in there}
    facts, problems = _read(raw, "new", {one.id for one in alone}, by_id, "")
    others = by_id | {one.id: one for one in facts}
    mine = [concerns(who, one, others) for one in facts]
    return facts, [(p.code, p.where) for p in problems], foreign(who, facts, by_id, True), mine


@given(FILES)
@examples(20)
def test_it_says_the_same_as_if_it_looked_at_all_that_is_recorded(files: list[str]) -> None:
    who = Caller(Token("t", Role.PROVIDER, "acme", "a", "test", 0), frozenset({"web"}), frozenset())
    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "store")
        for text in files:
            raw = text.encode()
            assert told(store, raw, False, who) == told(store, raw, True, who)
            try:
                record_in(store, raw, "new", now=NOW, by="me")
            except Refused:
                continue
        store.engine.dispose()


@pytest.fixture
def many(tmp_path: Path) -> Store:
    store = create(tmp_path / "store")
    facts = read_facts("".join(maintenance(f"M-{n}") for n in range(600)).encode(), "x")[0]
    store.append(Appended("me", facts), NOW)
    return store


def test_it_reads_what_it_concerns_and_no_more(many: Store, tmp_path: Path) -> None:
    few = create(tmp_path / "few")
    few.append(Appended("me", read_facts(maintenance("M-7").encode(), "x")[0]), NOW)
    raw = (maintenance("N-1", supersedes="M-7") + notice("N-2", "N-1")).encode()
    for store in (few, many):
        with reading(store.engine) as connection:
            assert [one.id for one in related(connection, read_facts(raw, "new")[0])] == ["M-7"]
        asked = list[str]()
        event.listen(store.engine, "before_cursor_execute", lambda *said: asked.append(str(said[2])))  # noqa: B023
        assert record_in(store, raw, "new", now=NOW, by="me").new == 2
        conditions = [one.partition("WHERE")[2] for one in asked if "FROM fact" in one]
        assert conditions
        assert all("fact.id" in one or "fact.supersedes" in one for one in conditions)
        store.engine.dispose()


def test_what_is_not_there_is_told_of_with_examples_of_what_is(many: Store) -> None:
    with reading(many.engine) as connection:
        assert len(related(connection, read_facts(notice("N-1", "M-601").encode(), "new")[0])) == EXAMPLES
    with pytest.raises(Refused) as refused:
        record_in(many, notice("N-1", "M-4x").encode(), "new", now=NOW, by="me")
    (problem,) = refused.value.problems
    assert problem.code == "unknown-id"
    assert "M-4" in problem.hint
    many.engine.dispose()


def test_more_than_one_question_can_hold_is_asked_in_several(many: Store) -> None:
    def ids(some: Sequence[str]) -> list[str]:
        facts = read_facts("".join(retraction(f"R-{one}", one) for one in some).encode(), "new")[0]
        with reading(many.engine) as connection:
            return [one.id for one in related(connection, facts)]

    assert ids([f"M-{n}" for n in range(600)]) == [f"M-{n}" for n in range(600)]
    many.engine.dispose()
