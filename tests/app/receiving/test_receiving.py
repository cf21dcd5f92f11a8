"""What the hub takes from agents, what it refuses, and what it takes without letting it count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, select, update

from makegood.app import receiving
from makegood.app.enrolling import Enrolment, all_agents, enrol, new_token, revoke
from makegood.app.hub import Hub
from makegood.app.receiving import WorkAsked, take_batch, take_list, work
from makegood.evidence.batch import signed_bytes
from makegood.evidence.canonical import read_canonical
from makegood.evidence.signing import SigningKey
from makegood.model.problem import Refused
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND
from makegood.store.alarms import alarms
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.ingest import Arrival
from makegood.store.sql.agents import Reached
from makegood.store.sql.batches import Sent, gaps
from makegood.store.sql.database import reading, writing
from makegood.store.sql.tables import batch, document
from tests.app.receiving.agents import Asker, Held, hub_at
from tests.store.batches import MIDNIGHT
from tests.store.faults.conftest import TORTURE


@pytest.fixture
def clock() -> Held:
    return Held()


@pytest.fixture
def hub(tmp_path: Path, clock: Held) -> Iterator[Hub]:
    with hub_at(tmp_path / "store", clock) as made:
        yield made


@pytest.fixture
def agent(hub: Hub, clock: Held) -> Asker:
    made = Asker(hub, clock)
    made.begin()
    return made


def refused(asking: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as found:
        asking()
    return [p.code for p in found.value.problems]


def raised(hub: Hub) -> list[tuple[str, str, int]]:
    return [(one.kind.value, one.location, one.sequence) for one in alarms(hub.store)]


def outcomes(hub: Hub) -> list[int]:
    results = read_folder(hub.store.folder)[0].results
    return results["api"].outcome.tolist() if "api" in results else []


def test_an_enrolment_is_a_document_of_the_log_and_the_token_is_nowhere(hub: Hub, clock: Held) -> None:
    token = new_token(hub.store, location="fra", operator="Acme", by="ops", now=clock())
    agent = Asker(hub, clock, "fra")
    found = agent.enrol(token)
    assert (found.location, found.operator, found.log, found.sequence) == ("fra", "Acme", hub.store.log, 0)
    with reading(hub.store.engine) as connection:
        (body,) = connection.execute(select(document.c.body).where(document.c.kind == "location")).scalars()
    assert read_canonical(bytes(body)) == {
        "at": str(clock()), "key": agent.key.public.raw.hex(), "location": "fra", "log": hub.store.log,
        "operator": "Acme", "v": 1,
    }  # fmt: skip
    files = [f.read_bytes() for f in hub.store.folder.rglob("*") if f.is_file()]
    assert not any(token.encode() in raw for raw in files)
    assert check(hub.store).problems == []


def test_a_token_enrols_one_agent_once_and_not_for_ever(hub: Hub, clock: Held) -> None:
    token = new_token(hub.store, location="fra", operator="", by="ops", now=clock())
    first, other = Asker(hub, clock, "fra"), Asker(hub, clock, "fra")
    answer = first.enrol(token)
    assert first.enrol(token).location == answer.location  # the answer was lost
    assert refused(lambda: other.enrol(token)) == ["enrolment-refused"]
    assert refused(lambda: other.enrol("mge_guess")) == ["enrolment-refused"]
    late = new_token(hub.store, location="iad", operator="", by="ops", now=clock())
    clock.move(DAY)
    assert refused(lambda: Asker(hub, clock, "iad").enrol(late)) == ["enrolment-refused"]


def test_a_key_is_enrolled_once(hub: Hub, agent: Asker, clock: Held) -> None:
    for location in ("iad", "fra"):
        token = new_token(hub.store, location=location, operator="", by="ops", now=clock())
        again = replace(agent, location=location)
        assert refused(lambda a=again, t=token: a.enrol(t)) == ["enrolment-refused"]  # type: ignore[misc]


def test_of_many_that_race_for_a_token_one_is_enrolled(hub: Hub, clock: Held) -> None:
    token = new_token(hub.store, location="", operator="", by="ops", now=clock())
    askers = [Asker(hub, clock, f"place-{n}") for n in range(8)]

    def ask(one: Asker) -> bool:
        try:
            one.enrol(token, one.location)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, askers)) == 1
    assert len(all_agents(hub.store)) == 1


@pytest.mark.usefixtures("agent")
def test_a_name_that_is_taken_or_cannot_be_is_refused(hub: Hub, clock: Held) -> None:
    for name in ("iad", "hub", "", "UPPER", "a/b", "x" * 64, "é"):
        token = new_token(hub.store, location="", operator="", by="ops", now=clock())
        assert refused(lambda t=token, n=name: Asker(hub, clock, n).enrol(t, n)) == ["location-name"]  # type: ignore[misc]
    token = new_token(hub.store, location="fra", operator="", by="ops", now=clock())
    assert refused(lambda: Asker(hub, clock, "lhr").enrol(token, "lhr")) == ["location-name"]


def test_who_enrols_must_have_the_key_that_is_named(hub: Hub, clock: Held) -> None:
    token = new_token(hub.store, location="fra", operator="", by="ops", now=clock())
    asker = Asker(hub, clock, "fra")
    other = Enrolment(token, "", SigningKey.make().public.raw, "1.0")
    assert refused(lambda: enrol(hub, asker.signed("/agent/v1/enrol"), other)) == ["agent-unknown"]
    small = Enrolment(token, "", bytes(32), "1.0")
    assert refused(lambda: enrol(hub, asker.signed("/agent/v1/enrol"), small)) == ["agent-unknown"]


def test_a_new_agent_goes_on_where_the_one_before_it_ended(hub: Hub, agent: Asker, clock: Held) -> None:
    agent.send(agent.minute(0))
    follower = Asker(hub, clock)
    assert follower.enrol().sequence == 1
    assert refused(lambda: agent.send(agent.minute(1))) == ["agent-revoked"]
    follower.work()
    assert follower.send(follower.minute(1)).taken == 2
    assert outcomes(hub) == [0, 0]


def test_work_is_the_checks_of_the_location_and_what_the_hub_has(agent: Asker) -> None:
    found = agent.work()
    assert found.checks is not None
    assert [one["name"] for one in found.checks] == ["api", "shop"]
    assert (found.latest, found.trusted) == (0, True)
    assert agent.work(have=found.etag).checks is None
    agent.send(agent.minute(0))
    again = agent.work()
    assert (again.latest, again.digest) == (1, agent.previous)
    assert again.head is not None
    assert again.head.verifies


def test_a_request_that_was_changed_overheard_or_signed_by_another_is_refused(
    hub: Hub, agent: Asker, clock: Held
) -> None:
    one = agent.minute(0)
    good, mine = agent.signed("/agent/v1/batches", one.body), agent.key.sign(signed_bytes(one.digest))
    for wrong in (
        replace(good, body=good.body + b"x"), replace(good, path="/agent/v1/lists"), replace(good, method="PUT"),
        replace(good, date=good.date + 1), replace(good, location="fra"), replace(good, signature=b""),
        replace(good, signature=SigningKey.make().sign(good.message)),
    ):  # fmt: skip
        assert refused(lambda w=wrong: take_batch(hub, w, mine)) == ["agent-unknown"]  # type: ignore[misc]
    assert refused(lambda: take_batch(hub, good, bytes(64))) == ["batch-damaged"]
    clock.move(hub.rules.window + SECOND)
    assert refused(lambda: take_batch(hub, good, mine)) == ["agent-date"]


def test_a_request_for_work_counts_once(agent: Asker) -> None:
    agent.work()
    agent.dates -= 2
    assert refused(agent.work) == ["agent-again"]
    assert refused(agent.work) == ["agent-again"]
    agent.work()


def test_an_old_request_for_work_that_is_sent_again_byte_for_byte_has_no_effect(
    hub: Hub, agent: Asker, clock: Held
) -> None:
    overheard = agent.signed("/agent/v1/work")
    asked = WorkAsked("", 0, 1_000, 1, 0, 0, "1.0", {})
    work(hub, overheard, asked)
    agent.send(agent.minute(0))
    clock.move(22 * SECOND)
    for _ in range(2):  # once before the agent asked again, which is a retry of a proxy, and once after
        assert refused(lambda: work(hub, overheard, asked)) == ["agent-again"]
        agent.work()
    assert raised(hub) == []
    assert agent.send(agent.minute(1)).taken == 2


def test_a_retry_that_was_under_way_when_the_first_was_answered_suspends_nobody(
    hub: Hub, agent: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = agent.signed("/agent/v1/work")
    asked = WorkAsked("", 0, 1_000, 1, 0, 0, "1.0", {})
    looked_up: Callable[[Connection, str], Reached] = vars(receiving)["reached"]

    def slowly(_: Connection, location: str) -> Reached:  # the first is answered, and a batch came meanwhile
        monkeypatch.undo()
        work(hub, twice, asked)
        agent.send(agent.minute(0))
        with reading(hub.store.engine) as other:
            return looked_up(other, location)

    monkeypatch.setattr(receiving, "reached", slowly)
    assert refused(lambda: work(hub, twice, asked)) == ["agent-again"]
    assert raised(hub) == []
    assert agent.work().latest == 1


def test_a_later_request_that_knows_of_fewer_batches_is_that_of_a_clone(agent: Asker, hub: Hub) -> None:
    agent.send(agent.minute(0))
    assert refused(lambda: agent.work(latest=0)) == ["agent-suspended"]
    assert raised(hub) == [("cloned", "iad", 0)]


def test_lists_and_batches_that_are_sent_again_add_nothing(hub: Hub, agent: Asker, clock: Held) -> None:
    one = agent.minute(0)
    listed = agent.signed("/agent/v1/lists", one.roster.body)
    sent, mine = agent.signed("/agent/v1/batches", one.body), agent.key.sign(signed_bytes(one.digest))
    take_list(hub, listed)
    take_batch(hub, sent, mine)
    agent.send(agent.minute(1))
    size = hub.store.size()
    clock.move(SECOND)
    take_list(hub, listed)
    assert take_batch(hub, sent, mine).duplicate
    assert hub.store.size() == size
    assert agent.send(agent.minute(2)).taken == 3
    assert raised(hub) == []


def test_a_batch_again_is_acknowledged_and_changes_nothing(hub: Hub, agent: Asker) -> None:
    one = agent.minute(0)
    first, size = agent.send(one), hub.store.size()
    again = agent.send(one)
    assert (first.taken, first.duplicate, again.taken, again.duplicate) == (1, False, 1, True)
    assert hub.store.size() == size
    assert raised(hub) == []


def test_who_signed_a_batch_can_be_proven(hub: Hub, agent: Asker) -> None:
    one = agent.minute(0)
    agent.send(one)
    with reading(hub.store.engine) as connection:
        (row,) = connection.execute(select(batch.c.agent, batch.c.signature, batch.c.sha256)).all()
    assert bytes(row.agent) == agent.key.public.raw
    assert agent.key.public.verifies(signed_bytes(bytes(row.sha256)), bytes(row.signature))


@pytest.mark.parametrize("column", ["agent", "signature", "previous"])
def test_a_batch_whose_signature_or_predecessor_was_changed_is_found(hub: Hub, agent: Asker, column: str) -> None:
    agent.send(agent.minute(0))
    agent.send(agent.minute(1))
    assert check(hub.store).problems == []
    other = {"agent": SigningKey.make().public.raw, "signature": bytes(64), "previous": bytes([1] * 32)}[column]
    with writing(hub.store.engine) as connection:
        connection.execute(update(batch).where(batch.c.sequence == 2).values({column: other}))
    (problem,) = check(hub.store).problems
    assert problem.where.source == "batch iad/2"
    assert check(hub.store, signatures=False).problems == []


def test_batches_come_in_their_order(hub: Hub, agent: Asker) -> None:
    first, second = agent.minute(0), agent.minute(1)
    assert refused(lambda: agent.send(second)) == ["batch-ahead"]
    agent.send(first)
    assert agent.send(second).taken == 2
    assert raised(hub) == []


def test_two_agents_with_one_key_are_both_put_out_and_neither_is_chosen(hub: Hub, agent: Asker) -> None:
    agent.send(agent.minute(0))
    clone = replace(agent)
    mine, theirs = agent.minute(1, 0), clone.minute(1, 1)
    agent.send(mine)
    assert refused(lambda: clone.send(theirs)) == ["agent-suspended"]
    assert refused(lambda: agent.send(agent.minute(2))) == ["agent-suspended"]
    assert refused(agent.work) == ["agent-suspended"]
    assert raised(hub) == [("cloned", "iad", 2)]
    with reading(hub.store.engine) as connection:
        beside = connection.execute(select(document.c.body).where(document.c.kind == "batch-refused")).scalars().all()
    assert [bytes(raw) for raw in beside] == [theirs.body]
    assert [p.code for p in read_folder(hub.store.folder)[1]] == ["location-alarm"]
    assert check(hub.store).problems == []


def test_a_clone_that_goes_on_from_another_batch_is_found(hub: Hub, agent: Asker) -> None:
    clone = replace(agent)
    agent.send(agent.minute(0, 0))
    clone.minute(0, 1)
    assert refused(lambda: clone.send(clone.minute(1))) == ["agent-suspended"]
    assert raised(hub) == [("cloned", "iad", 2)]


def test_an_agent_that_goes_on_from_an_old_copy_of_its_folder_is_found(hub: Hub, agent: Asker) -> None:
    agent.send(agent.minute(0))
    assert refused(lambda: agent.work(latest=0)) == ["agent-suspended"]
    assert raised(hub) == [("cloned", "iad", 0)]


def test_clones_that_race_are_both_put_out(hub: Hub, agent: Asker) -> None:
    clones = [replace(agent) for _ in range(6)]
    made = [one.minute(0, n % 2) for n, one in enumerate(clones)]

    def send(n: int) -> str:
        try:
            return "duplicate" if clones[n].send(made[n]).duplicate else "taken"
        except Refused as wrong:
            return wrong.problems[0].code

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(send, range(6)))
    assert found.count("taken") == 1
    assert "agent-suspended" in found
    assert raised(hub) == [("cloned", "iad", 1)]
    assert refused(lambda: agent.send(agent.minute(9))) == ["agent-suspended"]


def test_of_many_agents_that_send_at_once_only_the_cloned_one_is_put_out(hub: Hub, clock: Held) -> None:
    count, rounds = (50, 40) if TORTURE else (8, 6)
    agents = [Asker(hub, clock, f"place-{n}") for n in range(count)]
    for one in agents:
        one.begin()
    clone = replace(agents[3])
    clock.now = MIDNIGHT + rounds * MINUTE + 10 * SECOND

    def live(one: Asker, outcome: int) -> int:
        sent = 0
        for number in range(rounds):
            closed = MIDNIGHT + number * MINUTE + SECOND
            made = one.close([(number, "api", outcome), (number, "shop", 0)], closed=closed)
            try:
                sent += not one.send(made).duplicate
                one.send(made)  # the answer was lost
            except Refused as wrong:
                if wrong.problems[0].code != "agent-suspended":
                    raise
                break
        return sent

    with ThreadPoolExecutor(count + 1) as pool:
        sent = list(pool.map(live, [*agents, clone], [0] * count + [1]))
    assert {n for n in range(count) if sent[n] != rounds} <= {3}
    assert {(kind, place) for kind, place, _ in raised(hub)} == {("cloned", "place-3")}
    assert [one.location for one in all_agents(hub.store) if one.state != "active"] == ["place-3"]
    with reading(hub.store.engine) as connection:
        assert gaps(connection) == {}
    assert check(hub.store).problems == []


def test_a_batch_that_was_on_its_way_when_its_agent_was_put_out_is_not_taken(hub: Hub, agent: Asker) -> None:
    one = agent.minute(0)
    sent = Sent(agent.key.public.raw, agent.key.sign(signed_bytes(one.digest)))
    revoke(hub.store, "iad", "sold")
    assert refused(lambda: hub.ingest.take(Arrival(one, sent))) == ["agent-revoked"]
    assert hub.ingest.take(Arrival(replace(one, location="by hand"))).contradicts == 0


def test_a_batch_of_another_location_is_refused_and_told_of(hub: Hub, clock: Held) -> None:
    other = Asker(hub, clock, "fra")
    other.begin()
    stolen = replace(other.minute(0), location="iad")
    assert refused(lambda: other.send(stolen)) == ["batch-foreign"]
    assert raised(hub) == [("foreign", "fra", 0)]
    assert refused(lambda: other.send(other.minute(1))) == ["agent-suspended"]


def test_a_revoked_agent_tells_nothing_any_more(hub: Hub, agent: Asker) -> None:
    assert revoke(hub.store, "iad", "the machine was sold")
    assert refused(lambda: agent.send(agent.minute(0))) == ["agent-revoked"]
    assert not revoke(hub.store, "iad", "again")


@pytest.mark.parametrize(("back", "counts"), [(4 * MINUTE, True), (6 * MINUTE, False)])
def test_what_began_before_the_batch_before_was_closed_does_not_count(
    hub: Hub, agent: Asker, back: int, counts: bool
) -> None:
    agent.send(agent.minute(60))
    closed, late = agent.clock(), agent.minute(61)
    moved = replace(late, begun=late.begun + (closed - back - int(late.begun[0])))
    agent.previous = moved.digest
    assert (agent.send(moved).flag == "") is counts
    assert raised(hub) == ([] if counts else [("backdated", "iad", 2)])
    assert len(outcomes(hub)) == 1 + counts
    agent.send(agent.minute(62))  # a batch that is flagged does not stop those after it
    assert len(outcomes(hub)) == 2 + counts


def test_flags_that_follow_each_other_give_one_alarm(hub: Hub, agent: Asker) -> None:
    agent.send(agent.minute(60))
    for number in (1, 2, 3):
        assert agent.send(agent.close([(number, "api", 1)])).flag == "backdated"
    agent.send(agent.minute(61))
    assert agent.send(agent.close([(4, "api", 1)])).flag == "backdated"
    assert raised(hub) == [("backdated", "iad", 2), ("backdated", "iad", 6)]
    assert outcomes(hub) == [0, 0]


def test_what_began_before_the_agent_was_enrolled_does_not_count(agent: Asker) -> None:
    assert agent.send(agent.close([(-6, "api", 1)])).flag == "backdated"
    assert agent.send(agent.close([(-5, "api", 0)])).flag == ""


def test_a_spool_may_come_72_hours_late_and_no_later(agent: Asker, clock: Held) -> None:
    first, last = agent.minute(0), agent.minute(10)
    clock.now = MIDNIGHT + 72 * HOUR + 6 * MINUTE
    assert agent.send(first).flag == "backdated"
    assert agent.send(last).flag == ""


@pytest.mark.parametrize(("ahead", "flag"), [(SECOND, ""), (3 * SECOND, "skewed")])
def test_what_is_still_to_come_does_not_count(agent: Asker, clock: Held, ahead: int, flag: str) -> None:
    one = agent.minute(0)
    clock.now = one.closed - ahead
    assert agent.send(one).flag == flag


def test_a_check_that_was_never_given_does_not_count(hub: Hub, clock: Held) -> None:
    agent = Asker(hub, clock)
    agent.enrol()
    one = agent.minute(0)
    agent.list(one)
    assert agent.send(one).flag == "foreign"
    agent.work()
    assert agent.send(agent.minute(1)).flag == ""
    assert raised(hub) == [("foreign", "iad", 1)]


def test_a_list_of_checks_is_sent_before_what_names_it(hub: Hub, clock: Held) -> None:
    agent = Asker(hub, clock)
    agent.enrol()
    agent.work()
    one = agent.minute(0)
    assert refused(lambda: agent.send(one)) == ["list-unknown"]
    agent.list(one)
    agent.list(one)
    assert agent.send(one).taken == 1


def test_bytes_that_are_no_batch_are_refused(hub: Hub, agent: Asker) -> None:
    raw = agent.minute(0).body
    for wrong in (b"", raw[:-1], raw + b"x", raw[:20], np.random.default_rng(1).bytes(200)):
        request = agent.signed("/agent/v1/batches", wrong)
        from hashlib import sha256

        signature = agent.key.sign(signed_bytes(sha256(wrong).digest()))
        assert refused(lambda r=request, s=signature: take_batch(hub, r, s)) == ["batch-damaged"]  # type: ignore[misc]
    assert hub.store.size() == 2


def test_batches_that_a_location_dropped_are_told_of_and_those_after_them_taken(hub: Hub, agent: Asker) -> None:
    agent.send(agent.minute(0))
    for number in (1, 2):
        agent.minute(number)
    one = agent.minute(3)
    assert refused(lambda: agent.send(one)) == ["batch-ahead"]
    agent.work(oldest=4, acknowledged=1)
    assert agent.send(one).taken == 4
    assert agent.send(agent.minute(4)).taken == 5
    assert raised(hub) == [("lost", "iad", 4)]
    assert len(outcomes(hub)) == 3


def test_a_hub_that_was_restored_says_so_and_is_sent_again_what_it_lost(hub: Hub, agent: Asker) -> None:
    one = agent.minute(0)
    assert agent.work(acknowledged=1).latest == 0
    agent.work(acknowledged=1)
    assert raised(hub) == [("restored", "iad", 1)]
    assert agent.send(one).taken == 1
    agent.work()
    agent.work(latest=3, acknowledged=3)
    assert raised(hub) == [("restored", "iad", 1), ("restored", "iad", 2)]


def test_a_hub_whose_clock_was_ahead_and_went_back_is_asked_as_before(agent: Asker, clock: Held) -> None:
    clock.move(DAY)
    agent.work()
    clock.move(-DAY)
    agent.work()
    agent.dates -= 1
    assert refused(agent.work) == ["agent-again"]


def test_batches_that_a_wrong_clock_dated_do_not_count_and_those_of_before_do(hub: Hub, agent: Asker) -> None:
    one, two, three = (agent.minute(number) for number in range(3))
    assert not agent.work(offset=-HOUR, latest=3, acknowledged=0, told={"tied": 2}).trusted
    assert [agent.send(each).flag for each in (one, two, three)] == ["", "skewed", "skewed"]
    assert raised(hub) == [("skewed", "iad", 0), ("skewed", "iad", 2)]
    assert agent.work(latest=3, acknowledged=3, told={"tied": 4}).trusted
    assert agent.send(agent.minute(3)).flag == ""


def test_a_clock_that_the_others_are_against_is_not_trusted(hub: Hub, agent: Asker, clock: Held) -> None:
    second, third = Asker(hub, clock, "fra"), Asker(hub, clock, "lhr")
    for one in (second, third):
        one.begin()
    assert agent.work(offset=-SECOND).trusted
    assert not agent.work(offset=HOUR).trusted
    assert not agent.work(offset=HOUR).trusted
    assert second.work(offset=20).trusted
    assert agent.work(offset=0).trusted
    assert raised(hub) == [("skewed", "iad", 0)]


def test_a_clock_that_a_customer_runs_has_no_say_in_what_the_time_is(hub: Hub, agent: Asker, clock: Held) -> None:
    for location in ("theirs-1", "theirs-2"):
        one = Asker(hub, clock, location)
        one.enrol(operator="Acme")
        assert not one.work(offset=-HOUR).trusted
    assert agent.work(offset=0).trusted
    assert ("hub clock", "iad", 0) not in raised(hub)
    assert agent.send(agent.minute(0)).flag == ""


def test_what_an_agent_tells_of_itself_is_kept_in_bounds_and_numbers_that_cannot_be_are_refused(
    hub: Hub, agent: Asker
) -> None:
    agent.work(told={"full": "x" * 9_000, "n": 2**70, "list": [1], **{f"k{n}": n for n in range(99)}})
    (kept,) = all_agents(hub.store)
    assert len(kept.told["full"]) == 300
    assert len(kept.told) < 50
    for wrong in ({"latest": -1}, {"oldest": 2**64}, {"offset": -(2**63)}, {"trip": 2**62}):
        assert refused(lambda w=wrong: agent.work(**w)) == ["agent-request"]  # type: ignore[misc]


def test_where_the_locations_agree_the_hub_is_wrong(hub: Hub, agent: Asker, clock: Held) -> None:
    second = Asker(hub, clock, "fra")
    second.begin()
    second.work(offset=-HOUR)
    assert agent.work(offset=-HOUR + SECOND).trusted
    assert ("hub clock", "iad", 0) in raised(hub)
    ahead = replace(agent.minute(0), closed=clock() + HOUR)
    agent.previous = ahead.digest
    assert agent.send(ahead).flag == ""
