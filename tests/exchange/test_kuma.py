import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from makegood.exchange import kuma
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.formats import told
from makegood.exchange.moments import written
from makegood.exchange.table import Unreadable
from makegood.model.facts import Maintenance
from tests.exchange.foreign import NOW, said

MONITOR = "create table monitor (id integer primary key, name varchar, type varchar, interval int, retry_interval int);"
HEARTBEAT = (
    "create table heartbeat (id integer primary key, monitor_id int, status int, msg text, time datetime, ping int);"
)
WORK = """
create table maintenance (id integer primary key, title varchar, strategy varchar, active boolean,
                          start_date datetime, end_date datetime, timezone varchar);
create table monitor_maintenance (id integer primary key, monitor_id int, maintenance_id int);
create table setting (id integer primary key, key varchar, value text);
insert into setting (key, value) values ('jwtSecret', 'never read'), ('serverTimezone', '"Europe/Berlin"');
"""
SUMS = "create table stat_hourly (id integer primary key, monitor_id int, timestamp int, up int, down int);"
SHOP = (1, "Shop front", "http", 60, 60)
Beat = tuple[int, int, str, str, int | None]
"""Monitor, status, message, time, ping in milliseconds."""
BEATS: list[Beat] = [
    (1, 1, "200 - OK", "2026-02-08 07:00:00.123", 33),
    (1, 2, "connect\n timeout", "2026-02-08 07:01:00.001", None),
    (1, 0, "timeout", "2026-02-08 07:02:00", None),
    (1, 3, "Monitor under maintenance", "2026-02-08 07:03:00.000", None),
    (1, 1, "200 - OK", "2026-02-08 07:04:00.500", 7),
]


def database(
    folder: Path, beats: Sequence[Beat] = BEATS, monitors: Sequence[tuple[object, ...]] = (SHOP,), more: str = ""
) -> Path:
    path = folder / "kuma.db"
    db = sqlite3.connect(path)
    db.executescript(MONITOR + HEARTBEAT + more)
    db.executemany("insert into monitor values (?, ?, ?, ?, ?)", monitors)
    db.executemany("insert into heartbeat (monitor_id, status, msg, time, ping) values (?, ?, ?, ?, ?)", beats)
    db.commit()
    db.close()
    return path


def read(path: Path, services: Mapping[str, tuple[str, ...]] | None = None, **names: str) -> Brought:
    file = Foreign(path, NOW, "anna", "", {k.replace("_", " "): v for k, v in names.items()}, {}, services or {})
    (found,) = told(file)
    assert found.name == "kuma"
    return found.read(file)


def results(brought: Brought) -> list[tuple[str, str, int, str, int]]:
    assert said(brought) == []
    o = brought.observations
    assert o is not None
    columns = zip(
        o.check.tolist(), o.begun.tolist(), o.outcome.tolist(), o.reason.tolist(), o.latency.tolist(), strict=True
    )
    return [(o.checks[c], written(b)[11:-1], outcome, o.reasons[r], latency) for c, b, outcome, r, latency in columns]


def test_heartbeats_become_observations_with_pending_down_and_maintenance_unknown(tmp_path: Path) -> None:
    brought = read(database(tmp_path), Shop_front="shop-http")
    assert results(brought) == [
        ("shop-http", "07:00:00.123000", 0, "", 33_000),
        ("shop-http", "07:01:00.001000", 1, "connect timeout", -1),
        ("shop-http", "07:02:00", 1, "timeout", -1),
        ("shop-http", "07:03:00", 2, "Monitor under maintenance", -1),
        ("shop-http", "07:04:00.500000", 0, "", 7_000),
    ]
    assert brought.observations is not None
    assert brought.observations.locations == ("uptime-kuma",)


def test_nothing_is_written_into_the_database_or_beside_it(tmp_path: Path) -> None:
    path = database(tmp_path)
    db = sqlite3.connect(path)
    db.execute("pragma journal_mode = wal")
    db.close()
    before, names = path.read_bytes(), sorted(p.name for p in tmp_path.iterdir())
    path.chmod(0o444)
    read(path)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == names


def test_a_database_with_later_writes_beside_it_is_not_read(tmp_path: Path) -> None:
    path = database(tmp_path)
    db = sqlite3.connect(path)
    db.execute("pragma journal_mode = wal")
    db.execute("insert into heartbeat (monitor_id, status, time) values (1, 0, '2026-02-08 07:05:00')")
    db.commit()
    try:
        with pytest.raises(Unreadable, match=r"kuma.db-wal lies beside it with [0-9,]+ bytes .* stop the program"):
            read(path)
    finally:
        db.close()
    assert len(results(read(path))) == 6


def test_which_layout_was_found_is_told(tmp_path: Path) -> None:
    assert "layout of version 1: there are no tables of sums" in read(database(tmp_path)).notes
    (tmp_path / "two").mkdir()
    two = read(database(tmp_path / "two", more=SUMS + "insert into stat_hourly values (1, 1, 1770530400, 59, 1);"))
    assert any(note.startswith("layout of version 2: its sums (1 in stat_hourly) were left out") for note in two.notes)


def test_how_often_a_monitor_probes_and_how_far_its_results_reach_is_told(tmp_path: Path) -> None:
    notes = read(database(tmp_path, monitors=[(1, "Shop front", "http", 60, 20)])).notes
    reach = "2026-02-08T07:00:00.123000Z to 2026-02-08T07:04:00.500000Z"
    said_of = f"`Shop front`: 5 results, {reach}, every 60 s, every 20 s while failing"
    assert any(note.startswith(said_of) for note in notes)


def test_monitors_that_probe_nothing_are_left_out(tmp_path: Path) -> None:
    beats = [*BEATS, (2, 1, "", "2026-02-08 07:00:00", None)]
    brought = read(database(tmp_path, beats, [SHOP, (2, "All of it", "group", 60, 0)]))
    assert {row[0] for row in results(brought)} == {"Shop front"}
    assert "left out: 1 monitor without probes of its own, `All of it`" in brought.notes


def test_monitors_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    beats = [*BEATS, (2, 1, "", "2026-02-08 07:00:00", None)]
    path = database(tmp_path, beats, [SHOP, (2, "Shop front", "http", 60, 0)])
    assert {row[0] for row in results(read(path))} == {"Shop front (1)", "Shop front (2)"}
    file = Foreign(path, NOW, "anna", "", {"2": "web"})
    assert {row[0] for row in results(kuma.read(file))} == {"web"}


def test_two_monitors_cannot_become_one_check(tmp_path: Path) -> None:
    path = database(tmp_path, monitors=[SHOP, (2, "Other", "http", 60, 0)])
    assert said(read(path, Shop_front="web", Other="web")) == [
        "the monitors 1 and 2, `Other`, would become one check, `web` → give each a name of its own"
    ]


def test_of_two_results_at_one_instant_a_failure_is_kept(tmp_path: Path) -> None:
    twice = [(1, 1, "", "2026-02-08 07:00:00.000", 3), (1, 0, "no", "2026-02-08 07:00:00", None)]
    brought = read(database(tmp_path, twice))
    assert [row[2] for row in results(brought)] == [1]
    assert any("1 heartbeat at the instant of another" in note for note in brought.notes)


@pytest.mark.parametrize(
    ("beat", "says"),
    [
        (
            (1, 7, "", "2026-02-08 07:00:00", None),
            "heartbeat 1 has the status `7` (0 is down, 1 up, 2 pending, 3 maint",
        ),
        ((1, 1, "", "yesterday", None), "heartbeat 1 has no time that can be read"),
        ((1, 1, "", "2027-02-08 07:00:00", None), "heartbeat 1 lies in the future"),
        ((1, 1, "", 1770530400, None), "heartbeat 1 has no time that can be read"),
    ],
)
def test_a_heartbeat_that_cannot_be_right_is_told(tmp_path: Path, beat: Beat, says: str) -> None:
    (found,) = said(read(database(tmp_path, [beat])))
    assert found.startswith(says)


ONCE = "insert into maintenance values (1, 'Upgrade', 'single', 1, '2026-02-08 02:00:00', '2026-02-08T04:00', {zone});"
TOUCHES = "insert into monitor_maintenance (monitor_id, maintenance_id) values (1, 1);"
SERVICES = {"Shop front": ("shop",)}


@pytest.mark.parametrize(
    ("zone", "start"),
    [("'SAME_AS_SERVER'", "01:00"), ("null", "01:00"), ("'America/New_York'", "07:00"), ("'UTC'", "02:00")],
)
def test_a_single_maintenance_is_on_the_clock_of_its_zone(tmp_path: Path, zone: str, start: str) -> None:
    path = database(tmp_path, more=WORK + ONCE.format(zone=zone) + TOUCHES)
    (work,) = read(path, SERVICES).facts
    assert isinstance(work, Maintenance)
    assert (work.id, work.purpose, work.services) == ("kuma-1", "Upgrade", ("shop",))
    assert written(work.announced.start) == f"2026-02-08T{start}:00Z"


@pytest.mark.parametrize(
    ("rows", "services", "why"),
    [
        (ONCE.format(zone="'UTC'") + TOUCHES, {}, "the order says which services a monitor is about: give --order"),
        (ONCE.format(zone="'UTC'"), SERVICES, "none of the monitors that are taken is in them"),
        (ONCE.format(zone="'UTC'").replace("1, '2026", "0, '2026") + TOUCHES, SERVICES, "they are switched off"),
        (
            ONCE.format(zone="'UTC'").replace("single", "recurring-weekday") + TOUCHES,
            SERVICES,
            "they recur or are set by",
        ),
        (ONCE.format(zone="'Mars'") + TOUCHES, SERVICES, "their dates, or the zone of their dates, cannot be read"),
        (ONCE.format(zone="'UTC'").replace("T04:00", "T01:00") + TOUCHES, SERVICES, "their dates, or the zone"),
    ],
)
def test_a_maintenance_that_is_not_taken_is_told(
    tmp_path: Path, rows: str, services: dict[str, tuple[str, ...]], why: str
) -> None:
    brought = read(database(tmp_path, more=WORK + rows), services)
    assert brought.facts == ()
    assert any(note.startswith(f"left out: 1 maintenance, because {why}") for note in brought.notes)


def test_another_database_is_none_of_kuma(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.executescript("create table a (b int);")
    db.close()
    assert told(Foreign(path, NOW, "anna")) == []
    with pytest.raises(Unreadable, match="it has no table heartbeat and no table monitor"):
        kuma.read(Foreign(path, NOW, "anna"))


def test_a_layout_that_is_not_known_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kuma.db"
    db = sqlite3.connect(path)
    db.executescript(MONITOR + "create table heartbeat (id int, monitor int);")
    db.close()
    with pytest.raises(Unreadable, match="its table heartbeat has no column monitor_id: this layout is not known"):
        read(path)


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = database(tmp_path, BEATS * 400)
    raw = bytearray(path.read_bytes())
    raw[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match="the database cannot be read"):
        read(path)
