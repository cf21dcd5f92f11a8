"""The watchdog tells people when the hub is silent, and when it answers again; a kill loses no message."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from makegood.app.dead_man import ask, keep_asking
from makegood.app.watchdog import State, read_state, settled, step, watch, write_state
from makegood.exchange.alerts.reading import read_alerts
from makegood.model.alerts import Alerts, DeadMan
from makegood.model.messages import Accepted, Failed
from makegood.model.problem import Refused
from makegood.model.spans import DAY, MINUTE, SECOND
from makegood.notify.context import Context
from tests.app.telling.stage import FILE, NOW
from tests.notify.servers import context, web


def alerts(web_port: int = 1) -> Alerts:
    found, problems = read_alerts(FILE.format(mail=1, web=web_port).encode(), "x")
    assert found is not None
    assert problems == []
    only = [replace(e, steps=(replace(e.steps[0], tell=("hook",)),)) for e in found.escalations]
    return replace(found, escalations=tuple(only))


def played(minutes: list[bool], state: State | None = None) -> list[tuple[int, str]]:
    """What is told in which minute, given in which minutes the hub answers."""
    state, told = state or State(NOW), []
    for minute, answered in enumerate(minutes):
        now = NOW + minute * MINUTE
        state = step(state, alerts(), "hub.example", answered, now)
        told += [(minute, p.message.subject) for p in state.pending]
        state = settled(state, [(p.message.id, Accepted(now)) for p in state.pending])
    return told


def test_a_hub_that_is_silent_for_as_long_as_the_rule_says_is_told_and_its_return_too() -> None:
    assert played([True] * 3 + [False] * 10 + [True] * 10) == [
        (8, "NEW: hub: hub.example: not heard for 5 min, at least 5 min"),
        (18, "OVER: hub: hub.example, after 11 min"),
    ]


def test_a_hub_that_misses_now_and_then_is_not_told() -> None:
    assert played([True, False, False, False, True] * 10) == []


def test_no_link_to_a_silent_hub_is_told() -> None:
    state = State(NOW)
    for minute in range(8):
        state = step(state, alerts(), "hub", False, NOW + minute * MINUTE)
    (pending,) = state.pending
    assert (pending.message.link, pending.message.acknowledge) == ("", "")


def test_what_was_not_taken_is_kept_and_tried_again_until_it_is_given_up() -> None:
    state = State(NOW)
    for minute in range(8):
        state = step(state, alerts(), "hub", False, NOW + minute * MINUTE)
    key = state.pending[0].message.id
    again = settled(state, [(key, Failed(NOW, "no answer"))])
    assert (again.pending[0].attempts, again.pending[0].due >= NOW + 15 * SECOND) == (1, True)
    assert settled(state, [(key, Failed(NOW, "gone", for_good=True))]).pending == ()
    assert settled(state, [(key, Failed(NOW + 3 * DAY, "no answer"))]).pending == ()


def test_its_state_comes_back_as_it_was(tmp_path: Path) -> None:
    state = State(NOW)
    for minute in range(8):
        state = step(state, alerts(), "hub", False, NOW + minute * MINUTE)
    assert read_state(tmp_path / "w.json") is None
    write_state(tmp_path / "w.json", state)
    assert read_state(tmp_path / "w.json") == state


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"heard": 1}', '{"heard": 1, "number": 0, "alerts": [1], "pending": []}']
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "w.json").write_text(text, encoding="utf-8")
    with pytest.raises(Refused):
        read_state(tmp_path / "w.json")


def watched(hub: str, port: int, folder: Path, now: int, rounds: int = 1) -> list[str]:
    said: list[str] = []
    within = Context(context().policy, context().secret, lambda: now)
    file = folder / "w.json"
    asyncio.run(watch(hub, alerts(port), within, file, SECOND // 100, asyncio.Event(), said.append, rounds))
    return said


def test_it_asks_the_hub_and_tells_by_its_own_channel(tmp_path: Path) -> None:
    with web() as hub, web() as hook:
        assert watched(hub.url, hook.port, tmp_path, NOW) == []
        assert [path for _, path, _, _ in hub.got] == ["/readyz"]
        hub.status = 503
        watched(hub.url, hook.port, tmp_path, NOW + 5 * MINUTE)
        assert hook.got == []
        watched(hub.url, hook.port, tmp_path, NOW + 6 * MINUTE)
        assert len(hook.got) == 1
        watched(hub.url, hook.port, tmp_path, NOW + 7 * MINUTE)
        assert len(hook.got) == 1, "what was sent is not sent again"


def test_a_message_that_was_written_down_before_a_kill_is_sent_after_it(tmp_path: Path) -> None:
    state = State(NOW)
    for minute in range(8):
        state = step(state, alerts(), "127.0.0.1:9", False, NOW + minute * MINUTE)
    write_state(tmp_path / "w.json", state)
    with web() as hook:
        watched("http://127.0.0.1:9", hook.port, tmp_path, NOW + 8 * MINUTE)
        assert [headers["webhook-id"] for _, _, headers, _ in hook.got] == [state.pending[0].message.id]


def test_without_a_rule_on_the_hub_it_refuses_to_watch(tmp_path: Path) -> None:
    none = replace(alerts(), rules=alerts().rules[:1])
    with pytest.raises(Refused):
        asyncio.run(watch("http://x", none, context(), tmp_path / "w.json", SECOND, asyncio.Event(), print, 1))


def test_the_hub_asks_for_the_url_that_others_watch_only_while_it_works() -> None:
    with web() as other:
        switch = DeadMan(f"{other.url}/ping/{{secret.TOKEN}}", SECOND // 100)
        assert asyncio.run(ask(switch, context())) == ""
        assert [path for _, path, _, _ in other.got] == ["/ping/t-0-k-e-n"]
        other.status = 500
        assert asyncio.run(ask(switch, context())) == "status 500"
        answers, stop = iter([False, True, False, True]), asyncio.Event()
        count = len(other.got)

        def works() -> bool:
            found = next(answers, None)
            if found is None:
                stop.set()
            return bool(found)

        told: list[str] = []
        asyncio.run(keep_asking(switch, context(), works, stop, told.append))
        assert (len(other.got) - count, told) == (2, ["status 500", "status 500"])
    why = asyncio.run(ask(DeadMan("http://127.0.0.1:1/{secret.TOKEN}"), context()))
    assert why
    assert "t-0-k-e-n" not in why
    assert (
        asyncio.run(ask(DeadMan("http://127.0.0.1:1/{secret.NONE}"), context())) == "the secret NONE is not known here"
    )
