"""A copy of an agent that sends no batch is seen by its asking for work."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.app.lives import REMEMBERED, Lives, lives
from makegood.model.problem import Refused
from makegood.model.spans import SECOND
from makegood.store.alarms import AlarmKind, alarms
from tests.app.receiving.agents import Asker, Held, hub_at


def after(names: str) -> Lives:
    found = Lives()
    for name in names:
        found = lives(found.told, name)
    return found


@pytest.mark.parametrize(
    ("asked", "several"),
    [
        ("", False),
        ("aaaa", False),
        ("abcdefghijklm", False),  # it was started again and again
        ("aba", False),  # a request that was long on its way
        ("abab", True),
        ("abcabc", True),
        ("abacad", False),  # each time something new comes, an old request may still be on its way
        ("abacadab", True),
        ("aabbaabb", True),
        ("aba" + "cdef", False),
    ],
)
def test_starts_that_come_back_again_and_again_are_several_agents(asked: str, several: bool) -> None:
    assert after(asked).several is several


@given(st.integers(2, REMEMBERED), st.integers(0, 5))
def test_copies_that_take_turns_are_seen_in_their_second_round(copies: int, restarts: int) -> None:
    first = "".join(chr(65 + n) for n in range(restarts))
    names = "".join(chr(97 + n) for n in range(copies))
    assert not after(first + names).several
    assert after(first + names + names[:2]).several


def test_what_names_no_start_changes_nothing() -> None:
    known = after("ab")
    for life in (None, 7, "", "a b", "x" * 33):
        assert lives(known.told, life) == known
    assert lives({}, None) == Lives()
    assert len(after("abcdefghijklmnop").told["lives"].split()) == REMEMBERED  # type: ignore[union-attr]


def test_an_idle_copy_suspends_the_agent(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        asker = Asker(hub, clock)
        asker.enrol()
        for life in ("one", "one", "two"):
            asker.work(told={"life": life})
            clock.move(15 * SECOND)
        asker.work(told={"life": "one"})
        with pytest.raises(Refused, match="this agent is suspended: two starts of it take turns"):
            asker.work(told={"life": "two"})
        (alarm,) = alarms(hub.store)
        assert alarm.kind is AlarmKind.CLONED
        with pytest.raises(Refused, match="this agent is suspended"):
            asker.work(told={"life": "one"})


def test_a_request_of_an_earlier_start_that_comes_late_is_only_refused(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        asker = Asker(hub, clock)
        asker.enrol()
        for life in ("one", "two", "one"):
            asker.work(told={"life": life})
        asker.dates -= 1
        with pytest.raises(Refused, match="a later request for work came"):
            asker.work(told={"life": "two"})
        assert not alarms(hub.store)
