"""Heartbeats: the URLs that jobs have already work unchanged, and nobody is charged while the hub was away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from makegood.app.hearing import make_address
from makegood.app.heartbeats import heard
from makegood.app.roles import Role
from makegood.app.telling import LEASE, judge_heartbeats, take_in
from makegood.evidence.batch import signed_bytes
from makegood.evidence.signing import PublicKey
from makegood.model.checks import HUB, Check, HeartbeatProbe
from makegood.model.results import Reason
from makegood.model.spans import HOUR, MINUTE, SECOND, Span, Spans
from makegood.store.attendance import Attendance, present
from makegood.store.folder import read_folder
from makegood.store.leases import Leases, Lost
from makegood.store.pings import Ping, PingKind, pings
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import ping, told
from makegood.store.sql.tables import batch
from tests.web.asking import NOON, Desk

UUID = "5a1c7e2e-7a1f-4f3c-9d5e-0b7f6d2c8a91"
EVER = Spans([Span(0, 2**61)])
BACKUP = Check("nightly backup", "backup", HeartbeatProbe(grace=MINUTE), every=HOUR)
SLOT = NOON // HOUR


def at(minutes: float, kind: PingKind = PingKind.SUCCESS) -> Ping:
    return Ping(BACKUP.name, NOON + int(minutes * MINUTE), kind)


@pytest.mark.parametrize(
    ("told", "away", "reason"),
    [
        ([at(0)], [], Reason.OK),
        ([at(59.9)], [], Reason.OK),
        ([at(60.9)], [], Reason.OK),  # within the grace after it
        ([at(61)], [], Reason.MISSED),
        ([at(-0.1)], [], Reason.MISSED),
        ([], [], Reason.MISSED),
        ([at(10, PingKind.START), at(11, PingKind.LOG)], [], Reason.MISSED),
        ([at(10, PingKind.FAIL)], [], Reason.TOLD),
        ([at(10), at(20, PingKind.FAIL), at(30)], [], Reason.TOLD),
        ([at(60.5, PingKind.FAIL)], [], Reason.MISSED),  # a failure counts in its own slot alone
        ([], [(0, 1)], Reason.AWAY),
        ([], [(60.5, 60.6)], Reason.AWAY),  # the grace is time in which it might have been told
        ([], [(61, 90)], Reason.MISSED),
        ([at(5)], [(6, 60)], Reason.OK),
        ([at(5, PingKind.FAIL)], [(6, 60)], Reason.TOLD),
    ],
)
def test_a_slot_is_what_was_told_in_it_and_unknown_where_the_hub_was_away(
    told: Sequence[Ping], away: Sequence[tuple[float, float]], reason: Reason
) -> None:
    there = EVER - Spans([Span(NOON + int(a * MINUTE), NOON + int(b * MINUTE)) for a, b in away])
    (found,) = heard(BACKUP, range(SLOT, SLOT + 1), told, there)
    assert (found.begun, found.reason) == (NOON, reason)


@given(
    st.lists(st.tuples(st.integers(-10, 400), st.sampled_from(PingKind)), max_size=12),
    st.lists(st.tuples(st.integers(-10, 400), st.integers(0, 90)), max_size=4),
)
def test_all_slots_at_once_are_as_each_slot_alone_by_a_plain_reading(
    told: list[tuple[int, PingKind]], away: list[tuple[int, int]]
) -> None:
    some = sorted((at(minute, kind) for minute, kind in told), key=lambda one: one.at)
    gone = [(NOON + a * MINUTE, NOON + (a + long) * MINUTE) for a, long in away]
    slots = range(SLOT, SLOT + 6)
    found = heard(BACKUP, slots, some, EVER - Spans(gone))
    for slot, one in zip(slots, found, strict=True):
        start, end = slot * HOUR, slot * HOUR + HOUR
        inside = [p.kind for p in some if start <= p.at < end]
        late = [p.kind for p in some if start <= p.at < end + MINUTE]
        absent = any(a < end + MINUTE and start < b for a, b in gone if a < b)
        plain = (
            Reason.TOLD if PingKind.FAIL in inside
            else Reason.OK if PingKind.SUCCESS in late
            else Reason.AWAY if absent
            else Reason.MISSED
        )  # fmt: skip
        assert one.reason is plain


@pytest.fixture
def backup(hub: Desk) -> Desk:
    hub.checks.append(BACKUP)
    make_address(hub.store, BACKUP.name, by="test", now=NOON, secret=UUID)
    return hub


def told_to(hub: Desk) -> list[tuple[str, int | None, str]]:
    with reading(hub.store.engine) as connection:
        found = pings(connection, BACKUP.name, Span(0, 2**62))
    return [(one.kind.value, one.code, one.run) for one in found]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("", "success", None), ("/start", "start", None), ("/fail", "fail", None), ("/log", "log", None),
        ("/0", "success", 0), ("/1", "fail", 1), ("/255", "fail", 255),
        ("/", "success", None), ("/start/", "start", None), ("/fail/", "fail", None), ("/3/", "fail", 3),
    ],
)  # fmt: skip
def test_the_urls_of_healthchecks_work_unchanged(
    backup: Desk, method: str, path: str, kind: str, code: int | None
) -> None:
    rid = "00000000-0000-4000-8000-00000000000a"
    answer = backup.ask(method, f"/ping/{UUID.upper()}{path}?rid={rid}", body=b"output" if method == "POST" else None)
    assert answer.status == 200
    assert answer.text == ("" if method == "HEAD" else "OK")
    assert told_to(backup) == [(kind, code, rid)]


def test_a_ping_key_names_checks_by_their_slugs(backup: Desk) -> None:
    backup.checks.append(Check("other", "backup", HeartbeatProbe()))
    make_address(backup.store, "", by="test", now=NOON, secret="kEy_0f-all-checks-22")
    for path in ("nightly-backup", "nightly-backup/start", "nightly-backup/3/"):
        assert backup.ask("POST", f"/ping/kEy_0f-all-checks-22/{path}").status == 200
    assert sorted(kind for kind, _, _ in told_to(backup)) == ["fail", "start", "success"]
    for path in ("nothing", "nightly-backup/nonsense", ""):
        assert backup.ask("GET", f"/ping/kEy_0f-all-checks-22/{path}").status in (400, 404)
    backup.checks.append(Check("nightly_backup", "backup", HeartbeatProbe()))
    backup.checks.append(Check("Nightly Backup", "backup", HeartbeatProbe()))
    assert backup.ask("GET", "/ping/kEy_0f-all-checks-22/nightly-backup").status == 409


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/ping/{UUID}/256", 400), (f"/ping/{UUID}/1x", 400), (f"/ping/{UUID}?rid=7", 400),
        (f"/ping/{UUID}/start/x", 404), (f"/ping/{UUID}//", 404), ("/ping/", 404), ("/api/push/", 404),
        ("/ping/00000000-0000-4000-8000-000000000000", 404), ("/ping/nonsense", 404), ("/api/push/nonsense", 404),
    ],
)  # fmt: skip
def test_what_is_no_ping_is_refused_and_nothing_is_kept(backup: Desk, path: str, status: int) -> None:
    assert backup.ask("GET", path).status == status
    assert told_to(backup) == []


def test_the_push_url_of_uptime_kuma_works_unchanged(hub: Desk) -> None:
    hub.checks.append(BACKUP)
    make_address(hub.store, BACKUP.name, by="test", now=NOON, secret="Zm9vYmFyYmF6cXV4enp5enk1234567")
    up = hub.ask("GET", "/api/push/Zm9vYmFyYmF6cXV4enp5enk1234567?status=up&msg=OK&ping=12.5")
    assert (up.status, up.json) == (200, {"ok": True})
    hub.clock.now += 1
    assert hub.ask("POST", "/api/push/Zm9vYmFyYmF6cXV4enp5enk1234567?status=down&msg=no&ping=").status == 200
    hub.clock.now += 1
    assert hub.ask("GET", "/api/push/Zm9vYmFyYmF6cXV4enp5enk1234567?ping=nonsense").status == 200
    with reading(hub.store.engine) as connection:
        rows = connection.execute(select(ping.c.kind, ping.c.took, ping.c.body).order_by(ping.c.at)).all()
    assert [(k, t, bytes(b)) for k, t, b in rows] == [
        ("success", 12_500, b"OK"),
        ("fail", None, b"no"),
        ("success", None, b""),
    ]


@pytest.mark.parametrize(
    ("query", "kind"),
    [("", "success"), ("status=up", "success"), ("status=", "success"), ("status=up&status=up", "fail"),
     *((f"status={word}", "fail") for word in ("down", "DOWN", "Down", "UP", "fail", "0", "1", "wat", "%20up")),
     ("status=down&status=up", "fail"), ("status=up&status=down", "fail")],
)  # fmt: skip
def test_a_push_of_any_status_but_up_is_a_failure_as_uptime_kuma_has_it(backup: Desk, query: str, kind: str) -> None:
    for slash in ("", "/"):
        backup.clock.now += 1
        assert backup.ask("GET", f"/api/push/{UUID}{slash}?{query}").json == {"ok": True}
    assert [told for told, _, _ in told_to(backup)] == [kind, kind]


def test_the_body_of_a_ping_is_kept_up_to_its_cap(backup: Desk) -> None:
    answer = backup.ask("POST", f"/ping/{UUID}", body=b"x" * 200_000)
    assert answer.headers["ping-body-limit"] == "100000"
    with reading(backup.store.engine) as connection:
        assert len(bytes(connection.execute(select(ping.c.body)).scalar_one())) == 100_000


def test_addresses_are_made_shown_once_and_revoked(backup: Desk) -> None:
    token = backup.token(Role.PROVIDER)
    made = backup.ask("POST", "/api/v1/heartbeats", token, {"check": BACKUP.name}).json
    assert made["ping"] == f"https://hub.example/ping/{made['secret']}"
    assert backup.ask("GET", made["ping"].removeprefix("https://hub.example")).status == 200
    listed = backup.ask("GET", "/api/v1/heartbeats", token)
    assert made["secret"] not in listed.text
    assert UUID not in listed.text
    assert backup.ask("DELETE", f"/api/v1/heartbeats/{made['id']}", token).status == 204
    assert backup.ask("GET", made["ping"].removeprefix("https://hub.example")).status == 404
    assert backup.ask("POST", "/api/v1/heartbeats", token, {"check": "no such"}).status == 404
    assert backup.ask("POST", "/api/v1/heartbeats", token, {"secret": "aaaaaaaaaaaaaaaaaaaa"}).status == 422
    assert backup.ask("POST", "/api/v1/heartbeats", token, {"secret": UUID}).status == 409


def attended(hub: Desk, process: Attendance, until: int) -> None:
    while hub.clock.now < until:
        process.say()
        hub.clock.now = min(until, hub.clock.now + 4 * SECOND)
    process.say()


def outcomes(hub: Desk, check: str) -> list[int]:
    facts, problems = read_folder(hub.store.folder)
    assert problems == []
    found = facts.results.get(check)
    return [] if found is None else found.outcome.tolist()


def test_what_was_told_becomes_signed_batches_of_the_hub_once_each(hub_of_either: Desk) -> None:
    hub = hub_of_either
    minutely = Check("minutely", "web", HeartbeatProbe(grace=5 * SECOND), every=MINUTE)
    hub.checks.append(minutely)
    _, secret = make_address(hub.store, minutely.name, by="test", now=NOON)
    process = Attendance(hub.store.engine, "one", hub.clock)
    leases = Leases(hub.store.engine, "one", hub.clock)
    hub.ask("GET", f"/ping/{secret}")
    attended(hub, process, NOON + 2 * MINUTE + 20 * SECOND)  # minute 0 told, minute 1 not
    hub.ask("GET", f"/ping/{secret}/7")  # minute 2 a failure
    attended(hub, process, NOON + 3 * MINUTE + 20 * SECOND)
    lease = leases.take(LEASE, MINUTE)
    assert lease is not None
    assert judge_heartbeats(hub.hub.core, lease) == 1
    assert judge_heartbeats(hub.hub.core, lease) == 0
    assert outcomes(hub, minutely.name) == [0, 1, 1]
    hub.clock.now = NOON + 6 * MINUTE + 20 * SECOND  # killed for three minutes: nobody was there
    attended(hub, process, NOON + 7 * MINUTE + 20 * SECOND)
    lease = leases.take(LEASE, MINUTE)
    assert lease is not None
    judge_heartbeats(hub.hub.core, lease)
    assert outcomes(hub, minutely.name) == [0, 1, 1, 2, 2, 2, 2]  # of the last one its beginning was not seen
    with reading(hub.store.engine) as connection:
        rows = connection.execute(select(batch).where(batch.c.location == HUB).order_by(batch.c.sequence)).all()
    assert [row.sequence for row in rows] == [1, 2]
    for row in rows:
        assert PublicKey(bytes(row.agent)).verifies(signed_bytes(bytes(row.sha256)), bytes(row.signature))
    assert bytes(row.agent) == hub.store.key.public.raw


def test_a_batch_that_was_decided_is_taken_in_by_whoever_comes_next_as_it_was(
    hub: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.checks.append(BACKUP)
    _, secret = make_address(hub.store, BACKUP.name, by="test", now=NOON)
    hub.ask("GET", f"/ping/{secret}")
    hub.clock.now = NOON + 2 * HOUR
    leases = Leases(hub.store.engine, "one", hub.clock)
    lease = leases.take(LEASE, MINUTE)
    assert lease is not None

    def killed(_: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("makegood.app.telling.take_in", killed)
        with pytest.raises(RuntimeError):
            judge_heartbeats(hub.hub.core, lease)
    assert outcomes(hub, BACKUP.name) == []
    assert take_in(hub.hub.core) == 1
    with writing(hub.store.engine) as connection:  # killed again before it could note that it is done
        body = connection.execute(select(batch.c.body)).scalar_one()
        connection.execute(update(told).values(body=body))
    assert take_in(hub.hub.core) == 1
    assert outcomes(hub, BACKUP.name) == [0]


def test_a_process_whose_lease_was_taken_judges_nothing(hub_of_either: Desk) -> None:
    hub = hub_of_either
    hub.checks.append(BACKUP)
    _, secret = make_address(hub.store, BACKUP.name, by="test", now=NOON)
    hub.ask("GET", f"/ping/{secret}")
    hub.clock.now = NOON + 2 * HOUR
    paused = Leases(hub.store.engine, "paused", hub.clock).take(LEASE, SECOND)
    assert paused is not None
    hub.clock.now += 2 * SECOND
    other = Leases(hub.store.engine, "other", hub.clock).take(LEASE, MINUTE)
    assert other is not None
    with pytest.raises(Lost):
        judge_heartbeats(hub.hub.core, paused)
    assert outcomes(hub, BACKUP.name) == []
    assert judge_heartbeats(hub.hub.core, other) == 1


def test_a_process_that_was_silent_too_long_was_away_meanwhile(hub: Desk) -> None:
    process = Attendance(hub.store.engine, "one", hub.clock)
    for seconds in (0, 4, 8, 30, 34):
        hub.clock.now = NOON + seconds * SECOND
        process.say()
    with reading(hub.store.engine) as connection:
        there = present(connection, Span(NOON - MINUTE, NOON + MINUTE))
    assert there == Spans([Span(NOON, NOON + 8 * SECOND), Span(NOON + 30 * SECOND, NOON + 34 * SECOND)])
