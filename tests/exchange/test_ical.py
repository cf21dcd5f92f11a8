from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.facts import read_facts
from makegood.exchange.facts_text import facts_text
from makegood.exchange.ical import holidays_text, read, tells
from makegood.exchange.moments import written
from makegood.exchange.table import Unreadable
from makegood.model.facts import Maintenance
from makegood.model.problem import Refused

NOW = 1_790_000_000_000_000  # 2026-09-21T14:13:20Z
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def event(*lines: str, uid: str = "patch@x", stamp: str = "20260105T080000Z", categories: str = "Hosting") -> str:
    said = [
        f"UID:{uid}",
        *([f"DTSTAMP:{stamp}"] if stamp else []),
        *([f"CATEGORIES:{categories}"] if categories else []),
    ]
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", *said, *lines, "END:VEVENT"))


def at(name: str, text: str, zone: str = BERLIN) -> str:
    return f"{name};TZID={zone}:{text}"


def calendar(*events: str, about: str = "") -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n{about}{''.join(events)}END:VCALENDAR\r\n"


def foreign(folder: Path, content: str | bytes, names: Mapping[str, str] | None = None, **options: str) -> Foreign:
    path = folder / "work.ics"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Foreign(path, NOW, "anna", names={"": "web"} if names is None else names, options=options)


def brought(folder: Path, content: str | bytes, names: Mapping[str, str] | None = None, /, **options: str) -> Brought:
    return read(foreign(folder, content, names, **options))


def works(found: Brought) -> list[Maintenance]:
    assert found.problems == ()
    return [fact for fact in found.facts if isinstance(fact, Maintenance)]


def spans(found: Brought) -> list[str]:
    return [f"{written(w.announced.start)} {written(w.announced.end)}" for w in works(found)]


ONCE = (at("DTSTART", "20260308T020000"), at("DTEND", "20260308T060000"))


def test_an_event_becomes_a_maintenance(tmp_path: Path) -> None:
    content = calendar(event(*ONCE, r"SUMMARY:Patch day\, all hosts", categories="Hosting,emergency"))
    found = brought(tmp_path, content, {"Hosting": "web"})
    (work,) = works(found)
    assert (work.id, work.services, work.kind, work.purpose, work.by) == (
        "patch@x", ("web",), "emergency", "Patch day, all hosts", "anna",
    )  # fmt: skip
    assert spans(found) == ["2026-03-08T01:00:00Z 2026-03-08T05:00:00Z"]
    assert written(work.recorded) == "2026-01-05T08:00:00Z"
    assert found.notes == ("a calendar does not show who was told, and when: notices are facts of their own",)


def test_it_is_known_since_it_was_last_written_or_from_now_on(tmp_path: Path) -> None:
    later = event(*ONCE, "LAST-MODIFIED:20260201T090000Z")
    assert [written(w.recorded) for w in works(brought(tmp_path, calendar(later)))] == ["2026-02-01T09:00:00Z"]
    assert [w.recorded for w in works(brought(tmp_path, calendar(event(*ONCE, stamp=""))))] == [NOW]


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        (
            BERLIN,
            "20260322",
            [
                "2026-03-22T01:00:00Z 2026-03-22T05:00:00Z",
                "2026-03-29T01:00:00Z 2026-03-29T05:00:00Z",
                "2026-04-05T00:00:00Z 2026-04-05T04:00:00Z",
            ],
        ),
        (
            NEW_YORK,
            "20260301",
            [
                "2026-03-01T07:00:00Z 2026-03-01T11:00:00Z",
                "2026-03-08T07:00:00Z 2026-03-08T11:00:00Z",
                "2026-03-15T06:00:00Z 2026-03-15T10:00:00Z",
            ],
        ),
        (
            BERLIN,
            "20261018",
            [
                "2026-10-18T00:00:00Z 2026-10-18T04:00:00Z",
                "2026-10-25T00:00:00Z 2026-10-25T04:00:00Z",
                "2026-11-01T01:00:00Z 2026-11-01T05:00:00Z",
            ],
        ),
    ],
)
def test_a_window_begins_at_the_same_clock_time_and_lasts_as_long_in_weeks_with_a_clock_change(
    tmp_path: Path, zone: str, first: str, expected: list[str]
) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3"
    content = calendar(event(at("DTSTART", f"{first}T020000", zone), at("DTEND", f"{first}T060000", zone), rule))
    assert spans(brought(tmp_path, content)) == expected


@pytest.mark.parametrize(
    ("first", "changed", "ends", "shows"),
    [("20260322", "2026-03-29", "05:00", "07:00"), ("20261018", "2026-10-25", "04:00", "05:00")],
)
def test_a_window_that_ends_at_another_time_of_the_clock_is_told(
    tmp_path: Path, first: str, changed: str, ends: str, shows: str
) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3"
    lines = (at("DTSTART", f"{first}T020000"), at("DTEND", f"{first}T060000"), rule, "SUMMARY:Patch")
    found = brought(tmp_path, calendar(event(*lines)))
    assert spans(found)[1].endswith(f"{changed}T{ends}:00Z")
    assert [note for note in found.notes if "lasts as long" in note] == [
        f"on {changed} the clock in Europe/Berlin is changed: `Patch` lasts as long as its first time, "
        f"and ends when it shows {shows} and not 06:00"
    ]


@pytest.mark.parametrize(
    ("lasting", "spring", "autumn"),
    [
        ("PT4H", "2026-03-29T01:00:00Z 2026-03-29T05:00:00Z", "2026-10-25T00:00:00Z 2026-10-25T04:00:00Z"),
        ("P1D", "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z", "2026-10-25T00:00:00Z 2026-10-26T01:00:00Z"),
        ("PT24H", "2026-03-29T01:00:00Z 2026-03-30T01:00:00Z", "2026-10-25T00:00:00Z 2026-10-26T00:00:00Z"),
        ("P1DT2H", "2026-03-29T01:00:00Z 2026-03-30T02:00:00Z", "2026-10-25T00:00:00Z 2026-10-26T03:00:00Z"),
        ("P1W", "2026-03-29T01:00:00Z 2026-04-05T00:00:00Z", "2026-10-25T00:00:00Z 2026-11-01T01:00:00Z"),
    ],
)
def test_days_of_a_duration_are_nominal_and_hours_exact_in_every_occurrence(
    tmp_path: Path, lasting: str, spring: str, autumn: str
) -> None:
    for first, expected in (("20260322", spring), ("20261018", autumn)):
        lines = (at("DTSTART", f"{first}T020000"), f"DURATION:{lasting}", "RRULE:FREQ=WEEKLY;COUNT=2")
        assert spans(brought(tmp_path, calendar(event(*lines))))[1] == expected


def test_where_the_first_time_lies_in_a_clock_change_every_one_is_as_short_and_that_is_told_once(
    tmp_path: Path,
) -> None:
    lines = (at("DTSTART", "20260329T010000"), at("DTEND", "20260329T050000"), "RRULE:FREQ=DAILY;COUNT=40")
    found = brought(tmp_path, calendar(event(*lines, "SUMMARY:Patch")))
    assert spans(found)[:2] == [
        "2026-03-29T00:00:00Z 2026-03-29T03:00:00Z",
        "2026-03-29T23:00:00Z 2026-03-30T02:00:00Z",
    ]
    assert [note for note in found.notes if "Patch" in note] == [
        "the clock is changed in the first time of `Patch`, which lasts 3 h, and so does every later one"
    ]


def test_start_and_end_in_a_skipped_hour_are_resolved_separately_and_told(tmp_path: Path) -> None:
    content = calendar(event(at("DTSTART", "20260329T023000"), at("DTEND", "20260329T043000")))
    found = brought(tmp_path, content)
    assert spans(found) == ["2026-03-29T01:00:00Z 2026-03-29T02:30:00Z"]
    assert found.notes[0] == (
        "on 2026-03-29 the clock in Europe/Berlin is set from 02:00 to 03:00 and shows no 02:30: "
        "2026-03-29T01:00:00Z is taken"
    )


def test_what_lies_in_a_skipped_hour_whole_is_no_time(tmp_path: Path) -> None:
    content = calendar(event(at("DTSTART", "20260329T021000"), at("DTEND", "20260329T024500"), "SUMMARY:Patch"))
    found = brought(tmp_path, content)
    assert spans(found) == []
    assert found.notes[-1] == "`Patch` of 2026-03-29T01:00:00Z falls into an hour that no clock showed"


@pytest.mark.parametrize(
    ("lasting", "end"),
    [
        ("PT4H", "2026-03-29T04:00:00Z"),
        ("P1D", "2026-03-29T23:00:00Z"),
        ("PT24H", "2026-03-30T00:00:00Z"),
        ("P1DT2H", "2026-03-30T01:00:00Z"),
        ("P1W", "2026-04-04T23:00:00Z"),
    ],
)
def test_a_duration_is_elapsed_and_its_days_are_dates(tmp_path: Path, lasting: str, end: str) -> None:
    content = calendar(event(at("DTSTART", "20260329T010000"), f"DURATION:{lasting}"))
    assert spans(brought(tmp_path, content)) == [f"2026-03-29T00:00:00Z {end}"]


def test_exceptions_changes_and_cancelled_ones_are_applied(tmp_path: Path) -> None:
    master = event(at("DTSTART", "20260104T020000"), at("DTEND", "20260104T060000"), "RRULE:FREQ=WEEKLY;COUNT=5",
                   at("EXDATE", "20260111T020000"), "SUMMARY:Patch")  # fmt: skip
    moved = event(at("RECURRENCE-ID", "20260118T020000"), at("DTSTART", "20260119T030000"),
                  at("DTEND", "20260119T040000"), "SUMMARY:Later", categories="")  # fmt: skip
    dropped = event("RECURRENCE-ID:20260125T010000Z", at("DTSTART", "20260125T020000"),
                    at("DTEND", "20260125T060000"), "STATUS:CANCELLED")  # fmt: skip
    found = brought(tmp_path, calendar(moved, master, dropped), {"Hosting": "web"})
    assert [(w.id, w.purpose, written(w.announced.start)) for w in works(found)] == [
        ("patch@x 2026-01-04T01:00:00Z", "Patch", "2026-01-04T01:00:00Z"),
        ("patch@x 2026-01-18T01:00:00Z", "Later", "2026-01-19T02:00:00Z"),
        ("patch@x 2026-02-01T01:00:00Z", "Patch", "2026-02-01T01:00:00Z"),
    ]
    assert "1 is cancelled and left out" in found.notes


def test_a_cancelled_event_and_a_cancelling_calendar_are_dropped(tmp_path: Path) -> None:
    assert works(brought(tmp_path, calendar(event(*ONCE, "STATUS:CANCELLED")))) == []
    assert works(brought(tmp_path, calendar(event(*ONCE), about="METHOD:CANCEL\r\n"))) == []


def test_further_dates_and_periods_are_added(tmp_path: Path) -> None:
    periods = "RDATE;VALUE=PERIOD:20260110T000000Z/PT30M,20260111T000000Z/20260111T010000Z"
    dates = at("RDATE", "20260107T020000,20260108T020000")
    lines = (at("DTSTART", "20260104T020000"), at("DTEND", "20260104T060000"), dates, periods)
    assert spans(brought(tmp_path, calendar(event(*lines)))) == [
        "2026-01-04T01:00:00Z 2026-01-04T05:00:00Z",
        "2026-01-07T01:00:00Z 2026-01-07T05:00:00Z",
        "2026-01-08T01:00:00Z 2026-01-08T05:00:00Z",
        "2026-01-10T00:00:00Z 2026-01-10T00:30:00Z",
        "2026-01-11T00:00:00Z 2026-01-11T01:00:00Z",
    ]


def test_a_rule_without_end_is_told_between_two_dates(tmp_path: Path) -> None:
    content = calendar(event(at("DTSTART", "20100103T020000"), at("DTEND", "20100103T060000"), "RRULE:FREQ=DAILY"))
    refused = brought(tmp_path, content)
    assert [(p.what, p.where.line) for p in refused.problems] == [("`patch@x` recurs without end", 10)]
    found = brought(tmp_path, content, None, between="2026-01-30 to 2026-02-01")
    assert [s.split("T")[0] for s in spans(found)] == ["2026-01-30", "2026-01-31", "2026-02-01"]


def test_until_is_the_last_start(tmp_path: Path) -> None:
    lines = (at("DTSTART", "20260104T020000"), at("DTEND", "20260104T060000"))
    for until, count in (("20260118T010000Z", 3), ("20260118T005959Z", 2), ("20260118", 3)):
        content = calendar(event(*lines, f"RRULE:FREQ=WEEKLY;UNTIL={until}"))
        assert len(spans(brought(tmp_path, content))) == count


def test_whole_days_are_those_of_the_calendars_zone(tmp_path: Path) -> None:
    lines = ("DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260331")
    expected = ["2026-03-28T23:00:00Z 2026-03-30T22:00:00Z"]
    assert spans(brought(tmp_path, calendar(event(*lines)), None, zone=BERLIN)) == expected
    assert spans(brought(tmp_path, calendar(event(*lines), about=f"X-WR-TIMEZONE:{BERLIN}\r\n"))) == expected
    assert spans(brought(tmp_path, calendar(event("DTSTART;VALUE=DATE:20260329")), None, zone=BERLIN)) == [
        "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"
    ]
    assert [p.what for p in brought(tmp_path, calendar(event(*lines))).problems] == [
        "DTSTART is a date, and no place says when it begins"
    ]


def test_a_floating_time_needs_a_zone(tmp_path: Path) -> None:
    content = calendar(event("DTSTART:20260308T020000", "DTEND:20260308T060000"), about=f"X-WR-TIMEZONE:{BERLIN}\r\n")
    assert [p.what for p in brought(tmp_path, content).problems] == ["DTSTART is on no clock"]
    assert spans(brought(tmp_path, content, None, zone=NEW_YORK)) == ["2026-03-08T07:00:00Z 2026-03-08T10:00:00Z"]


OWN = (
    "BEGIN:VTIMEZONE\r\nTZID:Office\r\nX-LIC-LOCATION:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Office", 'say which zone it is: --zone "Office=Europe/Paris"'),
        ("W. Europe Standard Time", 'say which zone it is: --zone "W. Europe Standard Time=Europe/Berlin"'),
        ("Europe/Berln", 'say which zone it is: --zone "Europe/Berln=Europe/Berlin"'),
    ],
)
def test_a_zone_that_is_no_iana_name_is_refused_until_it_is_said_which_it_is(
    tmp_path: Path, name: str, hint: str
) -> None:
    lines = (at("DTSTART", "20260308T020000", name), at("DTEND", "20260308T060000", name))
    content = calendar(event(*lines), about=OWN)
    refused = brought(tmp_path, content)
    assert refused.problems[0].what == f"`{name}` is no time zone that is known"
    assert refused.problems[0].hint == hint
    found = brought(tmp_path, content, None, zone=f"{BERLIN}\n{name}={NEW_YORK}")
    assert spans(found) == ["2026-03-08T07:00:00Z 2026-03-08T10:00:00Z"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("DTSTART:junk", ONCE[1]), "DTSTART: `junk` is no date and no time"),
        (("DTSTART:20260231T000000Z", ONCE[1]), "DTSTART: `20260231T000000Z` is no date and no time"),
        ((), "this event has no DTSTART"),
        ((ONCE[0],), "this event has neither DTEND nor DURATION"),
        ((*ONCE, "DURATION:PT1H"), "this event has a DTEND and a DURATION"),
        ((ONCE[0], "DURATION:PT"), "DURATION: `PT` is no length of time"),
        ((ONCE[0], "DURATION:-PT1H"), "DURATION: `-PT1H` is no length of time"),
        ((ONCE[0], at("DTEND", "20260308T020000")), "this event ends before it has begun"),
        ((ONCE[0], "DTEND;VALUE=DATE:20260309"), "one of DTSTART and DTEND is a date, and the other a time"),
        ((*ONCE, ONCE[0]), "a second DTSTART of this VEVENT"),
        ((*ONCE, "RRULE:FREQ=HOURLY;COUNT=2"), "`FREQ=HOURLY;COUNT=2` recurs more often than daily"),
        (
            (*ONCE, "RRULE:FREQ=DAILY;BYMONTH=2;BYYEARDAY=366;COUNT=2"),
            "`FREQ=DAILY;BYMONTH=2;BYYEARDAY=366;COUNT=2` never comes to pass",
        ),
        ((*ONCE, "RRULE:FREQ=DAILY;COUNT=9999"), "`FREQ=DAILY;COUNT=9999` comes to pass more than 2,000 times"),
        ((*ONCE, "EXRULE:FREQ=DAILY;COUNT=2"), "EXRULE is not read"),
        ((*ONCE, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20260309"), "EXDATE is a date, and DTSTART is a time"),
        ((*ONCE, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260308T010000Z"), "this changes all later occurrences at once"),
        ((*ONCE, "SEQUENCE:x"), "SEQUENCE: `x` is no whole number"),
        (
            (*ONCE, "LAST-MODIFIED:20270101T000000Z"),
            "`patch@x` was written at 2027-01-01T00:00:00Z, which lies in the future",
        ),
        (
            (*ONCE, "X-MAKEGOOD-SERVICES:=cmd"),
            "X-MAKEGOOD-SERVICES: `=cmd` begins like a formula of a spreadsheet, which would run when "
            "the file is opened",
        ),
        ((*ONCE, "no line"), "`no line` is no line of a calendar"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_line(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    found = brought(tmp_path, calendar(event(*lines)), None, zone=BERLIN)
    assert [p.what for p in found.problems] == [says]
    assert found.problems[0].where.line > 0
    assert found.facts == ()


def test_of_two_versions_the_later_one_counts(tmp_path: Path) -> None:
    old, new = event(*ONCE, "SUMMARY:Old"), event(*ONCE, "SUMMARY:New", "SEQUENCE:1")
    for events in ((old, new), (new, old), (old, new, new)):
        assert [w.purpose for w in works(brought(tmp_path, calendar(*events)))] == ["New"]
    found = brought(tmp_path, calendar(old, event(*ONCE, "SUMMARY:Other")))
    assert [p.what for p in found.problems] == ["`Other` is written twice, and otherwise"]


def test_an_event_says_itself_what_it_is_about(tmp_path: Path) -> None:
    own = event(*ONCE, "X-MAKEGOOD-SERVICES:web,mail", "X-MAKEGOOD-KIND:emergency")
    other = event(*ONCE, "SUMMARY:Birthday", uid="b@x", categories="private")
    found = brought(tmp_path, calendar(own, other), {"Hosting": "unused"})
    assert [(w.services, w.kind) for w in works(found)] == [(("web", "mail"), "emergency")]
    assert "left out: 1 event whose categories --name does not name, `Birthday`" in found.notes
    assert [w.kind for w in works(brought(tmp_path, calendar(own), {}, kind="standard"))] == ["standard"]


def test_what_no_category_says_must_be_said(tmp_path: Path) -> None:
    (problem,) = brought(tmp_path, calendar(event(*ONCE)), {}).problems
    assert problem.what == "which services `patch@x` is about is not said"
    assert problem.hint == 'say it for a category, or for all events: --name "Hosting=web"'
    (problem,) = brought(tmp_path, calendar(event(*ONCE)), {"Hostin": "web"}).problems
    assert (problem.what, problem.hint) == ("no event has the category `Hostin`", "there are `Hosting`")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("BEGIN:VEVENT\r\nEND:VEVENT\r\n", "this is no calendar: it should begin with BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "the file breaks off: the VEVENT of line 2 has no end"),
        ("BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "line 2: END:VEVENT where VCALENDAR is open"),
        ("BEGIN:A\r\n" * 99, "line 9: the components are nested too deeply"),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:\xff\r\nEND:VCALENDAR\r\n", "the file is not UTF-8, as iCalendar is"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_as_a_whole(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        brought(tmp_path, content)
    assert str(refused.value) == says


def test_folded_lines_and_escapes_are_undone(tmp_path: Path) -> None:
    content = calendar(event(*ONCE, "SUMMARY:Patch\r\n  day\\; all\\nhosts \\\\ one", categories="a\\,b,c"))
    (work,) = works(brought(tmp_path, content, {"a,b": "web"}))
    assert (work.purpose, work.services, work.kind) == ("Patch day; all hosts \\ one", ("web",), "c")


def test_what_is_brought_can_be_written_as_facts(tmp_path: Path) -> None:
    content = calendar(event(*ONCE, "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Patch", uid='odd "uid": {x}'))
    found = works(brought(tmp_path, content))
    assert read_facts(facts_text(found).encode(), "work.facts.yaml") == (found, [])


def test_it_is_told_by_its_content(tmp_path: Path) -> None:
    assert tells(foreign(tmp_path, "\ufeffBEGIN:VCALENDAR\r\n"))
    assert not tells(foreign(tmp_path, "start,end\n"))


DAYS_OFF = calendar(
    event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227", "SUMMARY:Christmas", uid="a"),
    event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY", "SUMMARY:New Year", uid="b"),
    event(*ONCE, "SUMMARY:Dinner", uid="c"),
)


def test_days_off_become_the_holidays_of_a_calendar_rule(tmp_path: Path) -> None:
    assert holidays_text(foreign(tmp_path, DAYS_OFF, between="2026-01-01 to 2027-12-31")) == (
        "# left out, because not of whole days: 1\n"
        "holidays:\n"
        "  dates:\n"
        "    - 2026-01-01 # New Year\n"
        "    - 2026-12-24 # Christmas\n"
        "    - 2026-12-25 # Christmas\n"
        "    - 2026-12-26 # Christmas\n"
        "    - 2027-01-01 # New Year\n"
    )


@pytest.mark.parametrize(
    ("content", "between", "says"),
    [
        (DAYS_OFF, "", "`New Year` recurs without end"),
        (DAYS_OFF, "2026-01-01..2026-12-31", "--between: `2026-01-01..2026-12-31` is no span of dates"),
        (DAYS_OFF, "2026-12-31 to 2026-01-01", "--between: 2026-01-01 is before 2026-12-31"),
        (calendar(event(*ONCE)), "", "there is no day off in this file"),
    ],
)
def test_days_off_that_cannot_be_told_are_refused(tmp_path: Path, content: str, between: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        holidays_text(foreign(tmp_path, content, between=between))
    assert [p.what for p in refused.value.problems] == [says]


FIRST = datetime.fromisoformat("2025-01-01T00:00:00")


@settings(max_examples=40)
@given(
    st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "America/St_Johns", "UTC"]),
    st.integers(0, 500 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    st.integers(1, 20 * 60),
    st.integers(1, 40),
    st.integers(1, 9),
)
def test_daily_windows_are_those_of_a_plain_walk_over_dates(
    tmp_path_factory: pytest.TempPathFactory, zone: str, first: datetime, minutes: int, count: int, interval: int
) -> None:
    folder, last = tmp_path_factory.mktemp("ics"), first + timedelta(minutes=minutes)
    rule = f"RRULE:FREQ=DAILY;COUNT={count};INTERVAL={interval}"
    lines = (at("DTSTART", f"{first:%Y%m%dT%H%M%S}", zone), at("DTEND", f"{last:%Y%m%dT%H%M%S}", zone), rule)
    expected = []
    for i in range(count):
        begin = shows(first + timedelta(days=i * interval), zone)
        end = begin + (shows(last, zone) - shows(first, zone))
        expected += [f"{begin:%Y-%m-%dT%H:%M:%SZ} {end:%Y-%m-%dT%H:%M:%SZ}"] if begin < end else []
    assert spans(brought(folder, calendar(event(*lines)))) == expected


def shows(wall: datetime, zone: str) -> datetime:
    """The first whole minute at which a clock shows this or later, by stepping through the minutes around it."""
    info, utc = ZoneInfo(zone), ZoneInfo("UTC")
    guess = wall.replace(tzinfo=info, fold=0).astimezone(utc)
    if guess.astimezone(info).replace(tzinfo=None) == wall:
        return guess
    at = guess - timedelta(hours=3)
    while at.astimezone(info).replace(tzinfo=None) < wall:
        at += timedelta(minutes=1)
    return at
