"""The outbox on both databases: won once, tried again later and later, given up in sight, and never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest

from makegood.engine.alerting.alert import Acknowledged, Alert, Condition, Note
from makegood.engine.alerting.retrying import LONGEST, next_attempt
from makegood.model.alerts import Mute
from makegood.model.messages import Accepted, Failed, Kept, Message, MessageKind, Told
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Span
from makegood.store.opened import Store
from makegood.store.sql import alerts, outbox
from makegood.store.sql.database import reading, writing

NOW = 1_770_000_000_000_000
CONDITION = Condition("web", NOW, NOW, ("acme",), ("acme", "northwind"), "connect timeout", None, None, False, 3)


def message(key: str = "m1", channel: str = "mail") -> Message:
    told = (Told("web", NOW, NOW + 1, ("acme",), "connect timeout", True),)
    return Message(key, channel, "ada", "ada@example.com", "subject", "text – ü", NOW, MessageKind.ALERT, "a1", 1,
                   "outages", "opened", True, told, "https://x", "https://x/ack/", "acme", "https://u")  # fmt: skip


def put(store: Store, *messages: Message, until: int = NOW + DAY) -> list[bool]:
    with writing(store.engine) as connection:
        return [outbox.put(connection, one, f"cause/{one.id}", until) for one in messages]


def lease(store: Store, now: int = NOW, channel: str = "mail", most: int = 10) -> list[outbox.Leased]:
    return outbox.lease(store.engine, channel, now, MINUTE, most)


def settle(store: Store, leased: outbox.Leased, outcome: Accepted | Failed) -> bool:
    with writing(store.engine) as connection:
        return outbox.settle(connection, leased, outcome)


def kept(store: Store, *states: str) -> list[Kept]:
    with reading(store.engine) as connection:
        return outbox.kept(connection, *states)


def test_a_message_comes_back_as_it_was_put_and_is_there_once_for_its_cause(store: Store) -> None:
    assert put(store, message()) == [True]
    with writing(store.engine) as connection:
        assert not outbox.put(connection, message("m2"), "cause/m1", NOW + DAY)
    (leased,) = lease(store)
    assert leased.message == message()
    assert (leased.attempt, leased.epoch) == (1, 1)


def test_what_undoes_its_cause_undoes_the_message(store: Store) -> None:
    with suppress(RuntimeError), writing(store.engine) as connection:
        outbox.put(connection, message(), "cause", NOW + DAY)
        raise RuntimeError
    assert kept(store) == []


def test_a_lease_keeps_others_away_until_it_runs_out_and_then_only_the_latest_settles(store: Store) -> None:
    put(store, message())
    (first,) = lease(store)
    assert lease(store, NOW + MINUTE - 1) == []
    (second,) = lease(store, NOW + MINUTE)
    assert (second.attempt, second.epoch) == (2, 2)
    assert not settle(store, first, Accepted(NOW + MINUTE, "late"))
    assert settle(store, second, Accepted(NOW + MINUTE, "taken"))
    assert not settle(store, second, Failed(NOW + MINUTE, "again"))
    (only,) = kept(store)
    assert (only.state, only.said, only.settled) == (outbox.SENT, "taken", NOW + MINUTE)
    assert lease(store, NOW + DAY) == []


def test_many_who_ask_at_once_win_each_message_once(store: Store) -> None:
    put(store, *(message(f"m{n}") for n in range(40)))

    def work(_: int) -> list[str]:
        found: list[str] = []
        while won := lease(store, most=3):
            found += [one.message.id for one in won]
        return found

    with ThreadPoolExecutor(6) as pool:
        won = [key for keys in pool.map(work, range(6)) for key in keys]
    assert sorted(won) == sorted(f"m{n}" for n in range(40))


def test_what_was_not_taken_is_tried_later_and_later_until_it_is_given_up(store: Store) -> None:
    put(store, message(), until=NOW + HOUR)
    times, now = [NOW], NOW
    while kept(store, outbox.WAITING):
        (leased,) = lease(store, now)
        settle(store, leased, Failed(now, "no answer"))
        now = kept(store)[0].due
        times.append(now)
    (dead,) = kept(store, outbox.DEAD)
    assert (dead.said, dead.attempts) == ("no answer", 8)
    gaps = [b - a for a, b in pairwise(times[:-1])]
    assert all(15 * SECOND << n <= gap < (18 * SECOND << n) for n, gap in enumerate(gaps))


def test_what_is_refused_for_good_is_dead_at_once_and_may_be_tried_once_more(store: Store) -> None:
    put(store, message())
    (leased,) = lease(store)
    assert leased.ends(Failed(NOW, "550", for_good=True))
    settle(store, leased, Failed(NOW, "550", for_good=True))
    assert lease(store, NOW + DAY) == []
    with writing(store.engine) as connection:
        assert outbox.again(connection, ["m1", "unknown"], NOW + DAY, NOW + 2 * DAY) == 1
    assert [one.attempt for one in lease(store, NOW + DAY)] == [1]


def test_channels_are_apart(store: Store) -> None:
    put(store, message("m1", "mail"), message("m2", "hook"))
    assert [one.message.id for one in lease(store, channel="hook")] == ["m2"]
    with reading(store.engine) as connection:
        assert outbox.counts(connection) == {("mail", "waiting"): 1, ("hook", "waiting"): 1}


def test_what_waits_for_a_channel_that_is_gone_is_given_up_when_its_time_is_over(store: Store) -> None:
    put(store, message("m1", "mail"), message("m2", "gone"), until=NOW + HOUR)
    assert outbox.give_up(store.engine, ["mail"], NOW + HOUR) == 0
    assert outbox.give_up(store.engine, ["mail"], NOW + HOUR + 1) == 1
    assert [one.message.id for one in kept(store, outbox.DEAD)] == ["m2"]
    assert [one.message.id for one in lease(store, NOW + DAY)] == ["m1"], "it is tried, however late"


def test_one_address_gets_what_belongs_together_in_order(store: Store) -> None:
    """An end is not told before its begin; but a begin that is tried again later does not hold the end up."""
    first, last, other = message("z1"), replace(message("a2"), made=NOW + 1), replace(message("b"), thread="a2")
    put(store, first, last, other)
    won = lease(store, NOW + 1)
    assert {one.message.id for one in won} == {"z1", "b"}
    assert lease(store, NOW + 1) == []
    settle(store, next(one for one in won if one.message.id == "z1"), Failed(NOW + 1, "no answer"))
    assert [one.message.id for one in lease(store, NOW + 2)] == ["a2"]


def test_what_was_sent_is_forgotten_after_a_while_and_what_waits_is_not(store: Store) -> None:
    put(store, message("m1"), message("m2"))
    for leased in lease(store, most=1):
        settle(store, leased, Accepted(NOW))
    with writing(store.engine) as connection:
        assert outbox.forget(connection, NOW) == 0
        assert outbox.forget(connection, NOW + 1) == 1
    assert [one.message.id for one in kept(store)] == ["m2"]


def test_waits_grow_to_an_hour_and_differ_between_messages() -> None:
    assert next_attempt("m", 200, NOW) - NOW < LONGEST * 6 // 5
    assert len({next_attempt(f"m{n}", 5, NOW) for n in range(50)}) == 50


def test_an_alert_and_its_notes_come_back_as_they_were(store: Store) -> None:
    alert = Alert("a1", "outages", NOW, (CONDITION,), 2, NOW, NOW, ("ada",), ("web",), True,
                  Acknowledged("ada", NOW), 5, "muted", None)  # fmt: skip
    with writing(store.engine) as connection:
        alerts.save(connection, alerts.Held(alert), alert, NOW + 5)
        alerts.note(connection, "a1", [Note(NOW, "web began", "why")])
        alerts.note(connection, "a1", [Note(NOW + 1, "told ada")])
    with reading(store.engine) as connection:
        assert alerts.due(connection, NOW + 4) == []
        assert alerts.due(connection, NOW + 5) == [alerts.Held(alert, 1)]
        assert alerts.notes(connection, "a1") == [Note(NOW, "web began", "why"), Note(NOW + 1, "told ada")]


def test_an_alert_that_somebody_else_wrote_meanwhile_is_not_written_over(store: Store) -> None:
    alert = Alert("a1", "outages", NOW, (CONDITION,))
    with writing(store.engine) as connection:
        alerts.save(connection, alerts.Held(alert), alert, NOW)
        alerts.save(connection, alerts.Held(alert, 1), alert, NOW)
    with pytest.raises(alerts.Overtaken), writing(store.engine) as connection:
        alerts.save(connection, alerts.Held(alert, 1), alert, NOW)


def test_a_mute_comes_back_as_it_was_and_stays_when_it_is_released(store: Store) -> None:
    made = Mute("x", Span(NOW, NOW + HOUR), "ada", "moving racks", ("web",), ("outages",))
    with writing(store.engine) as connection:
        alerts.add_mute(connection, made, NOW)
        assert alerts.mutes(connection) == [made]
        assert alerts.release_mute(connection, "x", NOW + 1, "grace")
        assert not alerts.release_mute(connection, "x", NOW + 2, "eve")
        (released,) = alerts.mutes(connection)
    assert (released.released, released.released_by, released.until) == (NOW + 1, "grace", NOW + 1)
