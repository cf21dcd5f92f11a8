"""How long certificates hold: told by agents, kept by location and check, looked at by rules and scraped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from makegood.agent.certificates import AGAIN, Certificates
from makegood.app.alerting import heard, tick
from makegood.app.alerts_in_force import Current, put_in_force
from makegood.app.certificates import BEHIND, KEPT, earliest, forget_gone, shown_now
from makegood.app.deployed import deployed
from makegood.app.enrolling import revoke
from makegood.app.hub import Hub
from makegood.app.lookout import BUDGETS, LOOK, Lookout
from makegood.engine.alerting.alert import Change, Turn
from makegood.model.checks import Check, HttpProbe, TlsProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, HOUR, MINUTE
from makegood.store.sql import alerts as kept
from makegood.store.sql.certificates import Shown, certificates
from makegood.store.sql.database import reading, writing
from tests.agent.test_telling import Sim, Way
from tests.app.receiving.agents import Asker, Held, hub_at

CHECKS = (
    Check("shop-tls", "shop", TlsProbe("shop.example"), HOUR),
    Check("shop-front", "shop", HttpProbe("https://shop.example/")),
    Check("only-fra", "mail", TlsProbe("mail.example"), HOUR, locations=("fra",)),
)
ALERTS = """\
channels:
  - {channel: room, webhook: "https://hooks.example/x", secret: "{secret.HOOK}"}
escalations:
  - escalation: all
    steps: [{tell: room}]
rules:
  - {rule: certificates, when: certificate, is: below 14 days, tell: all, wait: 0 s}
  - {rule: silence, when: silent location, is: more than 5 min, tell: all, wait: 0 s}
  - {rule: budget, when: budget, gone: below 3 days, tell: all}
"""


@pytest.fixture
def clock() -> Held:
    return Held()


@pytest.fixture
def hub(tmp_path: Path, clock: Held) -> Iterator[Hub]:
    with hub_at(tmp_path / "store", clock, CHECKS) as made:
        yield made


@pytest.fixture
def places(hub: Hub, clock: Held) -> tuple[Asker, Asker]:
    made = Asker(hub, clock, "fra"), Asker(hub, clock, "iad")
    for one in made:
        one.enrol()
    return made


def held(hub: Hub) -> list[Shown]:
    with reading(hub.store.engine) as connection:
        return certificates(connection)


def counts(hub: Hub, now: int) -> list[tuple[str, str, int]]:
    with reading(hub.store.engine) as connection:
        return [(one.check, one.location, one.ends) for one in shown_now(connection, CHECKS, now)[0]]


def test_an_agent_tells_what_is_new_once_and_again_when_it_was_seen_for_long() -> None:
    some = Certificates()
    some.see("a", Result(0, Reason.OK, expires=10 * DAY))
    some.see("b", Result(0, Reason.OK))
    assert some.news() == {"a": 10 * DAY}
    some.told(some.news(), MINUTE)
    some.see("a", Result(2 * MINUTE, Reason.OK, expires=10 * DAY))
    assert some.news() == {}
    some.see("a", Result(3 * MINUTE, Reason.OK, expires=90 * DAY))
    assert some.news() == {"a": 90 * DAY}
    some.told(some.news(), 4 * MINUTE)
    some.see("a", Result(4 * MINUTE + AGAIN, Reason.OK, expires=90 * DAY))
    assert some.news() == {"a": 90 * DAY}
    some.told(some.news(), 5 * MINUTE + AGAIN)
    some.tell_again()
    assert some.news() == {"a": 90 * DAY}
    some.keep(["b"])
    assert some.news() == {}


def test_what_came_while_it_was_told_is_told_next() -> None:
    some = Certificates()
    some.see("a", Result(0, Reason.OK, expires=10 * DAY))
    under_way = some.news()
    some.see("a", Result(1, Reason.OK, expires=90 * DAY))
    some.told(under_way, 2)
    assert some.news() == {"a": 90 * DAY}


def test_a_handshake_that_fails_because_it_has_ended_tells_that_it_has() -> None:
    some = Certificates()
    some.see("a", Result(5 * DAY, Reason.CERTIFICATE_EXPIRED))
    some.see("b", Result(0, Reason.OK, expires=3 * DAY))
    for begun in (5 * DAY, 6 * DAY):
        some.see("a", Result(begun, Reason.CERTIFICATE_EXPIRED))
        some.see("b", Result(begun, Reason.CERTIFICATE_EXPIRED))
    some.see("c", Result(5 * DAY, Reason.TIMEOUT))
    assert some.news() == {"a": 5 * DAY, "b": 3 * DAY}
    some.see("b", Result(7 * DAY, Reason.OK, expires=90 * DAY))
    some.see("b", Result(8 * DAY, Reason.CERTIFICATE_EXPIRED))
    assert some.news() == {"a": 5 * DAY, "b": 8 * DAY}


def test_of_very_many_some_are_told_at_once_and_the_others_next() -> None:
    some = Certificates()
    for number in range(25):
        some.see(f"c{number}", Result(0, Reason.OK, expires=DAY))
    found = []
    while news := some.news(10):
        found.append(len(news))
        some.told(news, 1)
    assert found == [10, 10, 5]


def test_they_come_to_the_hub_with_the_request_for_work_and_again_where_its_answer_was_lost(
    hub: Hub, clock: Held, tmp_path: Path
) -> None:
    way = Way(hub)
    sim = Sim(tmp_path / "agent", way, clock)
    sim.enrol()
    sim.telling.certificates.see("shop-tls", Result(clock(), Reason.OK, expires=clock() + DAY))
    way.lost = ["request"]
    assert not sim.once()
    assert held(hub) == []
    way.lost = ["answer"]
    assert not sim.once()
    assert [one.check for one in held(hub)] == ["shop-tls"]
    assert sim.once()
    asked = [json.loads(body)["told"]["certificates"] for _, path, _, body in way.sent if path.endswith("/work")]
    assert sim.once()
    last = [json.loads(body)["told"]["certificates"] for _, path, _, body in way.sent if path.endswith("/work")]
    assert asked[-1] == {"shop-tls": clock() + DAY}
    assert last[-1] == {}


@pytest.mark.parametrize(
    "said",
    [
        None, [], "x", {"shop-tls": "soon"}, {"shop-tls": True}, {"shop-tls": -1}, {"shop-tls": 0},
        {"shop-tls": 2**62}, {"shop-tls": 1.5}, {"nobody": DAY}, {"only-fra": DAY}, {7: DAY},
    ],
)  # fmt: skip
def test_nothing_is_believed_of_checks_that_a_location_does_not_run_or_that_cannot_be(
    hub: Hub, places: tuple[Asker, Asker], said: object
) -> None:
    places[1].work(told={"certificates": said})
    assert held(hub) == []


def test_the_one_that_ends_first_over_the_locations_counts(hub: Hub, places: tuple[Asker, Asker], clock: Held) -> None:
    fra, iad = places
    now = clock()
    fra.work(told={"certificates": {"shop-tls": now + 20 * DAY, "only-fra": now + 5 * DAY}})
    iad.work(told={"certificates": {"shop-tls": now + 9 * DAY, "shop-front": now + 30 * DAY}})
    with reading(hub.store.engine) as connection:
        found = earliest(shown_now(connection, CHECKS, now)[0], CHECKS)
    assert [(one.check, one.service, one.expires - now) for one in found] == [
        ("only-fra", "mail", 5 * DAY), ("shop-tls", "shop", 9 * DAY), ("shop-front", "shop", 30 * DAY),
    ]  # fmt: skip
    iad.work(told={"certificates": {"shop-tls": now + 90 * DAY}})
    assert counts(hub, now)[-1] == ("shop-tls", "iad", now + 90 * DAY)


def test_what_a_location_saw_long_before_another_one_counts_no_more(
    hub: Hub, places: tuple[Asker, Asker], clock: Held
) -> None:
    fra, iad = places
    begun = clock()
    fra.work(told={"certificates": {"shop-tls": begun + DAY}})
    clock.move(BEHIND)
    iad.work(told={"certificates": {"shop-tls": begun + 90 * DAY}})
    assert len(counts(hub, clock())) == 2
    clock.move(1)
    iad.work(told={"certificates": {"shop-tls": begun + 90 * DAY}})
    assert counts(hub, clock()) == [("shop-tls", "iad", begun + 90 * DAY)]


def test_what_is_gone_or_was_not_seen_for_long_is_forgotten(hub: Hub, places: tuple[Asker, Asker], clock: Held) -> None:
    fra, iad = places
    fra.work(told={"certificates": {"shop-tls": clock() + DAY, "only-fra": clock() + DAY}})
    iad.work(told={"certificates": {"shop-tls": clock() + DAY, "shop-front": clock() + DAY}})
    assert forget_gone(hub.store, CHECKS, clock()) == 0
    elsewhere = (CHECKS[0], replace(CHECKS[1], locations=("fra",)), CHECKS[2])
    assert forget_gone(hub.store, elsewhere, clock()) == 1
    revoke(hub.store, "iad", "sold")
    assert forget_gone(hub.store, CHECKS, clock()) == 1
    assert [(one.location, one.check) for one in held(hub)] == [("fra", "only-fra"), ("fra", "shop-tls")]
    assert forget_gone(hub.store, CHECKS[:1], clock()) == 1
    assert forget_gone(hub.store, CHECKS, clock() + KEPT) == 0
    seldom = (replace(CHECKS[0], every=20 * DAY),)
    assert forget_gone(hub.store, seldom, clock() + 60 * DAY) == 0
    assert forget_gone(hub.store, CHECKS, clock() + KEPT + 1) == 1


def test_one_that_ends_soon_is_told_and_its_renewal_too_and_other_rules_are_not_touched(
    hub: Hub, places: tuple[Asker, Asker], clock: Held, tmp_path: Path
) -> None:
    file = tmp_path / "ops.alerts.yaml"
    file.write_text(ALERTS)
    put_in_force(hub.store, file, "ops", clock())
    alerts, now = Current(hub.store), replace(deployed(hub.store), checks=CHECKS)
    lookout = Lookout(hub.store, alerts, lambda: now)
    lookout.look(clock())
    clock.move(BUDGETS // 2)
    with writing(hub.store.engine) as connection:
        burns = Change("budget", "acme: web, monthly", Turn.BEGAN, clock(), clock(), says="it burns")
        heard(connection, alerts(), [burns], clock())
    for one in places:
        one.work(told={"certificates": {"shop-tls": clock() + 9 * DAY}})
    lookout.look(clock())
    tick(hub.store.engine, alerts(), clock())
    with reading(hub.store.engine) as connection:
        found = {one.rule: one.conditions[0] for one in kept.open_alerts(connection)}
    assert found["certificates"].subject == "shop"
    assert found["certificates"].says.startswith("the certificate that shop-tls was shown holds until ")
    assert "budget" in found, "what is not looked at yet has not ended"
    for one in places:
        one.work(told={"certificates": {"shop-tls": clock() + 90 * DAY}})
    clock.move(LOOK)
    lookout.look(clock())
    clock.move(10 * MINUTE)
    tick(hub.store.engine, alerts(), clock())
    with reading(hub.store.engine) as connection:
        assert {one.rule for one in kept.open_alerts(connection)} == {"budget"}
