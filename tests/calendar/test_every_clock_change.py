"""Every clock change of every zone, 1990-2037, against a clock that is watched minute by minute."""

import os
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from makegood.calendar.zone import Showing, Zone, known_zones
from makegood.model.spans import Span
from makegood.model.when import ClockTime
from tests.calendar import oracle

TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
ZONES = sorted(known_zones())
SAMPLE = {Zone.named(name).tzif: name for name in ZONES}.values() if TORTURE else random.Random(1990).sample(ZONES, 30)
ODD = [
    "Africa/Casablanca",
    "America/Nuuk",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
]
ODD += ["Asia/Gaza", "Asia/Pyongyang", "Australia/Lord_Howe", "Europe/Dublin", "Pacific/Apia", "Pacific/Kwajalein"]
WATCH = timedelta(hours=26)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize("name", sorted({*SAMPLE, *ODD}))
def test_around_each_change_local_times_and_dates_are_what_a_watched_clock_shows(name: str) -> None:
    zone = Zone.named(name)
    seen = [micros(at) for at in oracle.changes(name, 1990, 2037)]
    assert (
        list(zone.changes(Span(micros(datetime(1990, 1, 1, tzinfo=UTC)), micros(datetime(2038, 1, 1, tzinfo=UTC)))))
        == seen
    )
    watched = seen if TORTURE else random.Random(name).sample(seen, min(len(seen), 8 if name in ODD else 3))
    for change in watched:
        watch(name, zone, EPOCH + timedelta(microseconds=change))


def watch(name: str, zone: Zone, change: datetime) -> None:
    """Watch the clock from 26 hours before a change to 26 after, note when each minute was first shown, and compare."""
    info = oracle.zone_of(name)
    begin = change - WATCH
    first: dict[datetime, datetime] = {}
    times: dict[datetime, int] = {}
    latest = oracle.shown(info, begin - oracle.MINUTE)
    jumps: list[tuple[datetime, datetime]] = []
    for minute in range(2 * WATCH // oracle.MINUTE):
        at = begin + timedelta(minutes=minute)
        wall = oracle.shown(info, at)
        times[wall] = times.get(wall, 0) + 1
        if wall > latest:
            for skipped in minutes_between(latest, wall):
                first[skipped] = at
            first[wall] = at
            latest = wall
        jumps.append((at, latest))
    for wall, at in first.items():
        if not asked(at, change):
            continue
        seconds = wall.hour * 3600 + wall.minute * 60
        assert zone.instant(wall.date(), ClockTime(seconds)) == micros(at), (name, wall)
        showing = {0: Showing.SKIPPED, 1: Showing.ONCE}.get(times.get(wall, 0), Showing.REPEATED)
        if change - timedelta(hours=24) < at <= change:  # what is repeated comes again while we watch
            assert zone.showing(wall.date(), ClockTime(seconds))[0] is showing, (name, wall)
        if not seconds:
            assert zone.instant(wall.date() - timedelta(days=1), ClockTime(86_400)) == micros(at), (name, wall)
            assert zone.day(wall.date()).start == micros(at)
    for at, reached in jumps:
        if asked(at, change):
            assert zone.date_of(micros(at)) == reached.date(), (name, at)


def asked(at: datetime, change: datetime) -> bool:
    """Every minute for an hour before and after the change, some a day earlier and later, else one an hour."""
    apart = abs(at - change)
    return apart <= timedelta(minutes=61) or abs(apart - timedelta(days=1)) <= timedelta(minutes=2) or at.minute == 0


def minutes_between(earlier: datetime, later: datetime) -> list[datetime]:
    return [earlier + timedelta(minutes=n) for n in range(1, (later - earlier) // timedelta(minutes=1))]


@pytest.mark.parametrize("name", ["America/New_York", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"])
def test_on_random_dates_local_times_are_what_a_watched_clock_shows(name: str) -> None:
    chance = random.Random(name)
    zone = Zone.named(name)
    for _ in range(40):
        day, time = date(1990, 1, 1) + timedelta(days=chance.randrange(17_000)), ClockTime(60 * chance.randrange(1_441))
        assert zone.instant(day, time) == oracle.first_instant(name, day, time), (day, time)
