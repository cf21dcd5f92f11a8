import contextlib
import copy
import pickle
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from makegood.calendar.zone import TZDATA_VERSION, UnknownZone, Zone
from makegood.model.spans import DAY, END_OF_TIME, HOUR, MINUTE, Span
from makegood.model.when import ClockTime


def clock(text: str) -> ClockTime:
    hours, minutes = text.split(":")
    return ClockTime(int(hours) * 3600 + int(minutes) * 60)


@pytest.mark.parametrize(
    ("zone", "day", "time", "shown"),
    [
        # an ordinary day
        ("America/New_York", "2026-02-28", "14:30", "2026-02-28T14:30:00-05:00"),
        ("America/New_York", "2026-02-28", "24:00", "2026-03-01T00:00:00-05:00"),
        ("UTC", "2026-02-28", "14:30", "2026-02-28T14:30:00+00:00"),
        ("Asia/Kathmandu", "2026-02-28", "14:30", "2026-02-28T14:30:00+05:45"),
        # skipped: 01:59 EST is followed by 03:00 EDT
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T03:00:00-04:00"),
        ("America/New_York", "2026-03-08", "02:59", "2026-03-08T03:00:00-04:00"),
        ("America/New_York", "2026-03-08", "03:00", "2026-03-08T03:00:00-04:00"),
        # repeated: 01:59 EDT is followed by 01:00 EST; 02:00 is shown once
        ("America/New_York", "2026-11-01", "01:00", "2026-11-01T01:00:00-04:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"),
        ("America/New_York", "2026-11-01", "02:00", "2026-11-01T02:00:00-05:00"),
        # no midnight
        ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T01:00:00-02:00"),
        ("America/Sao_Paulo", "2018-11-03", "24:00", "2018-11-04T01:00:00-02:00"),
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-29T01:00:00+03:00"),
        # the last hour of a date twice: it ends after the second
        ("America/Sao_Paulo", "2018-02-17", "23:30", "2018-02-17T23:30:00-02:00"),
        ("America/Sao_Paulo", "2018-02-17", "24:00", "2018-02-18T00:00:00-03:00"),
        # midnight twice: the date begins at the first
        ("America/Havana", "2026-11-01", "00:00", "2026-11-01T00:00:00-04:00"),
        ("America/Havana", "2026-10-31", "24:00", "2026-11-01T00:00:00-04:00"),
        # a date that was skipped whole shows no time at all
        ("Pacific/Apia", "2011-12-30", "00:00", "2011-12-31T00:00:00+14:00"),
        ("Pacific/Apia", "2011-12-30", "17:00", "2011-12-31T00:00:00+14:00"),
        ("Pacific/Apia", "2011-12-29", "24:00", "2011-12-31T00:00:00+14:00"),
        ("Pacific/Kwajalein", "1993-08-21", "12:00", "1993-08-22T00:00:00+12:00"),
        # winter time as the exception, in the zone's own bookkeeping
        ("Europe/Dublin", "2026-03-29", "01:30", "2026-03-29T02:00:00+01:00"),
        ("Europe/Dublin", "2026-10-25", "01:30", "2026-10-25T01:30:00+01:00"),
        # half an hour
        ("Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-04T02:30:00+11:00"),
        ("Australia/Lord_Howe", "2026-04-05", "01:40", "2026-04-05T01:40:00+11:00"),
        # clocks put back over midnight, at 00:01: what is past does not come again
        ("America/St_Johns", "2006-10-28", "23:30", "2006-10-28T23:30:00-02:30"),
        ("America/St_Johns", "2006-10-29", "00:00", "2006-10-29T00:00:00-02:30"),
        ("America/St_Johns", "2006-10-29", "00:01", "2006-10-29T00:01:00-03:30"),
        # years that a zone's rule decides, after the changes that are listed
        ("America/New_York", "2055-03-14", "02:30", "2055-03-14T03:00:00-04:00"),
        ("America/New_York", "2826-03-08", "02:30", "2826-03-08T03:00:00-04:00"),
        ("America/New_York", "9998-12-31", "12:00", "9998-12-31T12:00:00-05:00"),
    ],
)
def test_a_local_time_is_the_first_instant_at_which_its_date_shows_it_or_later(
    zone: str, day: str, time: str, shown: str
) -> None:
    at = Zone.named(zone)
    assert at.shown(at.instant(date.fromisoformat(day), clock(time))) == datetime.fromisoformat(shown)


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("America/New_York", "2026-02-28", 24 * HOUR),
        ("America/New_York", "2026-03-08", 23 * HOUR),
        ("America/New_York", "2026-11-01", 25 * HOUR),
        ("Australia/Lord_Howe", "2026-04-05", 24 * HOUR + 30 * MINUTE),
        ("Australia/Lord_Howe", "2026-10-04", 23 * HOUR + 30 * MINUTE),
        ("Pacific/Apia", "2011-12-29", 24 * HOUR),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Apia", "2011-12-31", 24 * HOUR),
        ("America/St_Johns", "2006-10-28", 24 * HOUR),
        ("America/St_Johns", "2006-10-29", 25 * HOUR),
    ],
)
def test_a_date_lasts_until_the_next_begins(zone: str, day: str, length: int) -> None:
    assert Zone.named(zone).day(date.fromisoformat(day)).length == length


def test_every_instant_is_in_the_span_of_its_date_and_dates_follow_each_other() -> None:
    zone = Zone.named("America/St_Johns")
    first, last = date(2006, 10, 27), date(2006, 10, 30)
    over = zone.days(first, last)
    for instant in range(over.start, over.end, 7 * MINUTE):
        assert instant in zone.day(zone.date_of(instant))
    assert sum(zone.day(date(2006, 10, number)).length for number in range(27, 31)) == over.length


def test_put_back_over_midnight_an_instant_stays_in_the_date_that_has_begun() -> None:
    zone = Zone.named("America/St_Johns")
    again = zone.instant(date(2006, 10, 29), clock("00:00")) + 30 * MINUTE
    assert zone.shown(again).date() == date(2006, 10, 28)
    assert zone.date_of(again) == date(2006, 10, 29)


def test_consecutive_dates_have_both_ends_and_are_in_order() -> None:
    zone = Zone.named("Europe/Berlin")
    assert zone.days(date(2026, 3, 1), date(2026, 3, 31)).length == 31 * DAY - HOUR
    with pytest.raises(ValueError, match="before the first"):
        zone.days(date(2026, 3, 2), date(2026, 3, 1))


def test_clock_changes_are_those_of_the_distance_from_utc_and_belong_to_one_of_two_spans_that_touch() -> None:
    zone = Zone.named("Europe/Berlin")
    year = zone.days(date(2026, 1, 1), date(2026, 12, 31))
    spring, autumn = zone.changes(year)
    assert [zone.shown(at).isoformat() for at in (spring, autumn)] == [
        "2026-03-29T03:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]
    assert zone.changes(Span(year.start, spring)) == ()
    assert zone.changes(Span(spring, autumn)) == (spring,)
    assert zone.changes(Span(0, 0)) == ()
    assert Zone.named("UTC").changes(year) == ()


@pytest.mark.parametrize(
    ("name", "reason", "suggestions"),
    [
        ("EST", "hides clock changes", ("America/New_York",)),
        ("MST", "hides clock changes", ("America/Denver", "America/Phoenix")),
        ("HST", "hides clock changes", ("Pacific/Honolulu",)),
        ("EST5EDT", "hides clock changes", ("America/New_York",)),
        ("PST", "hides clock changes", ("America/Los_Angeles",)),
        ("CET", "hides clock changes", ("Europe/Berlin", "Europe/Paris")),
        ("GMT", "hides clock changes", ("Europe/London", "UTC")),
        ("IST", "hides clock changes", ("Europe/Dublin", "Asia/Jerusalem", "Asia/Kolkata")),
        ("Etc/GMT+5", "hides clock changes", ()),
        ("UTC+2", "hides clock changes", ()),
        ("GMT-0500", "hides clock changes", ()),
        ("+02:00", "hides clock changes", ()),
        ("−05:00", "hides clock changes", ()),
        ("Etc/Zulu", "hides clock changes", ("UTC",)),
        ("Eastern Time", "is not a zone", ("America/New_York",)),
        ("Eastern Standard Time", "is not a zone", ("America/New_York",)),
        ("New York", "is not a zone", ("America/New_York",)),
        ("america/new_york", "is not a zone", ("America/New_York",)),
        ("America/New York", "is not a zone", ("America/New_York",)),
        ("Europe/Berln", "is not a zone", ("Europe/Berlin",)),
        ("Nowhere/At_All", "is not a zone", ()),
        ("../../etc/passwd", "is not a zone", ()),
        ("America", "is not a zone", None),
        ("Factory", "hides clock changes", ()),
        ("", "is not a zone", ()),
    ],
)
def test_a_name_that_is_no_place_is_refused_with_what_was_probably_meant(
    name: str, reason: str, suggestions: tuple[str, ...] | None
) -> None:
    with pytest.raises(UnknownZone) as refused:
        Zone.named(name)
    assert reason in refused.value.reason
    if suggestions is not None:
        assert refused.value.suggestions[: len(suggestions)] == suggestions
        assert bool(refused.value.suggestions) == bool(suggestions)
    assert all(Zone.named(suggestion) for suggestion in refused.value.suggestions)


def test_a_refusal_reads_as_a_sentence() -> None:
    with pytest.raises(UnknownZone) as refused:
        Zone.named("EST")
    assert str(refused.value) == (
        "'EST' is an abbreviation, which hides clock changes: name the place whose clock is meant, or UTC; "
        "did you mean America/New_York?"
    )


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC", "US/Eastern", "Japan", "Asia/Kolkata", "America/Argentina/Ushuaia"])
def test_places_and_utc_are_taken(name: str) -> None:
    assert Zone.named(name).name == name
    assert Zone.named(name) is Zone.named(name)


def test_a_zone_is_a_value_made_from_bytes() -> None:
    named = Zone.named("Europe/Berlin")
    made = Zone("Europe/Berlin", named.tzif)
    assert made == named
    assert hash(made) == hash(named)
    assert made != Zone("Europe/Paris", named.tzif)
    assert pickle.loads(pickle.dumps(named)) == named
    assert copy.deepcopy(named) == named
    assert len(named.tzif_hash) == 64
    assert named.tzif_hash != Zone.named("Europe/Lisbon").tzif_hash
    assert TZDATA_VERSION[:4].isdigit()


@pytest.mark.parametrize("tzif", [b"", b"TZif", b"TZif" + bytes(60), b"not a zone at all" * 9])
def test_bytes_that_are_no_zone_are_refused(tzif: bytes) -> None:
    with pytest.raises(ValueError, match="TZif"):
        Zone("Europe/Berlin", tzif)


def test_bytes_with_a_flaw_make_a_zone_or_a_refusal_and_nothing_else() -> None:
    chance = random.Random(9636)
    good = Zone.named("America/St_Johns").tzif
    for _ in range(150):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(ValueError):
            Zone("America/St_Johns", bytes(bad))
        with contextlib.suppress(ValueError):
            Zone("America/St_Johns", good[: chance.randrange(len(good))])


def test_open_ends_are_refused_and_not_expanded_for_ever() -> None:
    zone = Zone.named("Europe/Berlin")
    with pytest.raises(ValueError, match="outside the years"):
        zone.date_of(END_OF_TIME)
    with pytest.raises(ValueError, match="outside the years"):
        zone.changes(Span(0, END_OF_TIME))
    with pytest.raises(ValueError, match="outside the years"):
        zone.instant(date.max, ClockTime(0))
    with pytest.raises(ValueError, match="outside the years"):
        zone.shown(-(2**62))


def test_the_rule_for_the_years_to_come_agrees_with_the_standard_library_centuries_ahead() -> None:
    for name in ("America/New_York", "Africa/Cairo", "Asia/Gaza", "America/Nuuk", "Europe/Dublin", "Asia/Tokyo"):
        zone = Zone.named(name)
        begin = zone.instant(date(2036, 1, 1), ClockTime(0))
        for step in range(4_000):
            at = begin + step * (607 * DAY + 5 * HOUR)
            told = zone.shown(at).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
            assert told // timedelta(microseconds=1) == zone._clock(at).shown(at), (name, at)
