import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.moments import written
from makegood.exchange.table import Unreadable
from makegood.model.facts import Maintenance, Notice
from tests.exchange.foreign import NOW, at, foreign, read, said, states, zulu

PAGE = {"id": "pg", "name": "Harbour status", "url": "https://status.example", "updated_at": zulu("02-28 12:00")}
POLLS = "polled_at,unresolved_incident_ids\n"


def update(when: str, status: str, **components: str) -> dict[str, Any]:
    """An update of an incident; `components` are given a status by their id."""
    affected = [
        {"code": c, "name": NAMES[c], "old_status": "operational", "new_status": s} for c, s in components.items()
    ]
    return {"id": f"u-{when}", "status": status, "created_at": zulu(when), "affected_components": affected or None}


NAMES = {"c1": "Compute - Oslo", "c2": "Compute - Riga", "c3": "Storage - Oslo"}


def incident(ident: str, begin: str, *updates: dict[str, Any], end: str = "", **more: Any) -> dict[str, Any]:
    """An incident as a page tells of it, its updates the newest first."""
    made = {"id": ident, "name": f"Trouble {ident}", "status": "investigating", "impact": "major",
            "created_at": zulu(begin), "started_at": zulu(begin), "resolved_at": zulu(end) if end else None,
            "incident_updates": [*reversed(updates)], "components": []}  # fmt: skip
    return made | more


def page(*incidents: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"page": PAGE, "incidents": list(incidents), **more}


def polled(folder: Path, *polls: tuple[str, str]) -> str:
    (folder / "polls.csv").write_text(POLLS + "".join(f"{zulu(when)},{ids}\n" for when, ids in polls), encoding="utf-8")
    return str(folder / "polls.csv")


def told(brought: Brought) -> list[tuple[str, str, str, str]]:
    assert said(brought) == []
    return states(brought.opening) + states(brought.states)


SIMPLE = incident("i1", "02-08 07:00", update("02-08 07:00", "investigating", c1="major_outage"), end="02-08 09:00")


def test_a_resolved_incident_has_an_exact_end(tmp_path: Path) -> None:
    assert told(read(foreign(tmp_path, page(SIMPLE)))) == [
        ("Compute - Oslo", "", "02-08T07:00:00", "down"),
        ("Compute - Oslo", "", "02-08T09:00:00", "up"),
        ("Compute - Oslo", "", "02-28T12:00:00", "up"),
    ]


def test_of_an_incident_that_the_page_never_resolved_both_bounds_are_kept(tmp_path: Path) -> None:
    open_ = SIMPLE | {"resolved_at": None}
    polls = polled(tmp_path, ("02-01 00:00", ""), ("02-08 07:30", "i1"), ("02-08 08:30", "i1"), ("02-08 10:15", ""),
                   ("03-01 00:00", ""))  # fmt: skip
    assert told(read(foreign(tmp_path, page(open_), polls=polls))) == [
        ("Compute - Oslo", "", "02-01T00:00:00", "up"),
        ("Compute - Oslo", "", "02-08T07:00:00", "down"),
        ("Compute - Oslo", "02-08T08:30:00", "02-08T10:15:00", "up"),
        ("Compute - Oslo", "", "03-01T00:00:00", "up"),
    ]


def test_an_update_after_the_last_poll_that_lists_it_shows_that_it_still_lasted(tmp_path: Path) -> None:
    later = incident("i1", "02-08 07:00", update("02-08 07:00", "investigating", c1="major_outage"),
                     update("02-08 09:00", "monitoring"))  # fmt: skip
    polls = polled(tmp_path, ("02-01 00:00", ""), ("02-08 07:30", "i1"), ("02-08 10:15", ""))
    brought = read(foreign(tmp_path, page(later), polls=polls))
    assert ("Compute - Oslo", "02-08T09:00:00", "02-08T10:15:00", "up") in told(brought)


def test_a_begin_that_only_polls_tell_is_bounded_too(tmp_path: Path) -> None:
    bare = {"id": "i1", "impact": "major", "components": [{"id": "c1", "name": "Oslo"}]}
    polls = polled(tmp_path, ("02-01 00:00", ""), ("02-08 06:00", ""), ("02-08 07:30", "i1"), ("02-08 08:30", "i1"),
                   ("02-08 10:15", ""))  # fmt: skip
    file = foreign(tmp_path, page(bare), polls=polls)
    assert told(read(file))[:3] == [
        ("Oslo", "", "02-01T00:00:00", "up"),
        ("Oslo", "02-08T06:00:00", "02-08T07:30:00", "down"),
        ("Oslo", "02-08T08:30:00", "02-08T10:15:00", "up"),
    ]
    assert said(read(foreign(tmp_path, page(bare)))) == [
        "incidents[0] says neither `created_at` nor `started_at` (and no poll lists it) → give --polls"
    ]


def test_an_open_incident_lasts_until_the_page_was_last_looked_at(tmp_path: Path) -> None:
    file = foreign(tmp_path, page(SIMPLE | {"resolved_at": None}))
    assert told(read(file))[-1] == ("Compute - Oslo", "", "02-28T12:00:00", "down")
    fetched = foreign(tmp_path, page(SIMPLE | {"resolved_at": None}), fetched=str(at("03-02 08:00")))
    assert told(read(fetched))[-1] == ("Compute - Oslo", "", "03-02T08:00:00", "down")


def test_each_update_changes_the_status_of_its_components(tmp_path: Path) -> None:
    stepwise = incident(
        "i1",
        "02-08 07:00",
        update("02-08 07:00", "investigating", c1="degraded_performance", c2="major_outage"),
        update("02-08 07:20", "identified", c1="partial_outage", c2="degraded_performance"),
        update("02-08 08:00", "monitoring", c1="operational", c2="operational"),
        end="02-08 09:00",
    )
    of = {s: [row[2:] for row in told(read(foreign(tmp_path, page(stepwise)))) if row[0] == s] for s in NAMES.values()}
    assert of["Compute - Oslo"][1:3] == [("02-08T07:20:00", "down"), ("02-08T08:00:00", "up")]
    assert of["Compute - Riga"][:2] == [("02-08T07:00:00", "down"), ("02-08T07:20:00", "up")]


@pytest.mark.parametrize(
    ("option", "status", "down"),
    [
        ("minor", "degraded_performance", True), ("major", "degraded_performance", False),
        ("major", "partial_outage", True), ("critical", "partial_outage", False), ("critical", "major_outage", True),
        ("minor", "operational", False),
    ],
)  # fmt: skip
def test_from_which_status_a_component_is_down_is_chosen(tmp_path: Path, option: str, status: str, down: bool) -> None:
    one = incident("i1", "02-08 07:00", update("02-08 07:00", "investigating", c1=status), end="02-08 09:00")
    brought = read(
        foreign(tmp_path, page(one, SIMPLE | {"id": "i2"}), down_from=option, names={"Compute - Oslo": "web"})
    )
    alone = read(foreign(tmp_path, page(one), down_from=option))
    assert any(row[3] == "down" for row in told(alone)) == down
    assert any(f"(--down-from {option})" in note for note in brought.notes)


def test_the_impact_decides_where_no_status_is_told_and_where_it_is_asked_to(tmp_path: Path) -> None:
    silent = incident("i1", "02-08 07:00", update("02-08 07:00", "investigating"), end="02-08 09:00",
                      components=[{"id": "c1", "name": "Oslo"}])  # fmt: skip
    assert [row[3] for row in told(read(foreign(tmp_path, page(silent))))] == ["down", "up", "up"]
    calm = incident("i1", "02-08 07:00", update("02-08 07:00", "investigating", c1="operational"), end="02-08 09:00")
    assert "down" not in {row[3] for row in told(read(foreign(tmp_path, page(calm))))}
    assert "down" in {row[3] for row in told(read(foreign(tmp_path, page(calm), down_by="impact")))}


def test_incidents_that_overlap_on_one_component_combine(tmp_path: Path) -> None:
    other = incident(
        "i2", "02-08 08:00", update("02-08 08:00", "investigating", c1="partial_outage"), end="02-08 10:00"
    )
    assert [row[2:] for row in told(read(foreign(tmp_path, page(SIMPLE, other))))][:2] == [
        ("02-08T07:00:00", "down"),
        ("02-08T10:00:00", "up"),
    ]


def test_an_incident_without_components_is_one_of_the_page_itself(tmp_path: Path) -> None:
    bare = incident("i1", "02-08 07:00", end="02-08 09:00")
    assert {row[0] for row in told(read(foreign(tmp_path, page(bare))))} == {"Harbour status"}


def test_components_are_called_by_name_id_or_their_short_name(tmp_path: Path) -> None:
    listed = [{"id": "c1", "name": "Oslo", "group_id": "g"}, {"id": "g", "name": "Compute", "group": True}]
    for called in ("Compute - Oslo", "c1", "Oslo"):
        given = page(SIMPLE | {"components": listed[:1]})
        file = foreign(tmp_path, given, names={called: "web"})
        assert {row[0] for row in told(read(file))} == {"web"}


def test_several_components_may_be_one_service_which_is_down_while_any_is(tmp_path: Path) -> None:
    other = incident(
        "i2", "02-08 08:00", update("02-08 08:00", "investigating", c2="partial_outage"), end="02-08 10:00"
    )
    names = {"Compute - Oslo": "web", "Compute - Riga": "web"}
    assert [row[2:] for row in told(read(foreign(tmp_path, page(SIMPLE, other), names=names)))][:2] == [
        ("02-08T07:00:00", "down"),
        ("02-08T10:00:00", "up"),
    ]


def test_what_is_not_mapped_is_left_out_and_said(tmp_path: Path) -> None:
    other = incident(
        "i2", "02-08 08:00", update("02-08 08:00", "investigating", c3="partial_outage"), end="02-08 10:00"
    )
    brought = read(foreign(tmp_path, page(SIMPLE, other), names={"Compute - Oslo": "web"}))
    assert {row[0] for row in told(brought)} == {"web"}
    assert "left out: 1 component that --name does not name, `Storage - Oslo`" in brought.notes


def test_a_name_that_the_page_does_not_have_is_a_mistake_unless_its_list_has_it(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, page(SIMPLE), names={"Compute - Osl": "web"}))
    hint = "a component without incidents is known from --components summary.json"
    assert said(brought) == [f"the file names no component `Compute - Osl` → did you mean `Compute - Oslo`?; {hint}"]
    quiet = {"id": "c2", "name": "Riga", "group_id": "g", "status": "operational"}
    every = {"page": PAGE, "components": [quiet, {"id": "g", "name": "Compute", "group": True}]}
    (tmp_path / "all.json").write_text(json.dumps(every), encoding="utf-8")
    file = foreign(tmp_path, page(SIMPLE), names={"Compute - Riga": "web"}, components=str(tmp_path / "all.json"))
    assert told(read(file)) == [("web", "", "02-08T07:00:00", "up"), ("web", "", "02-28T12:00:00", "up")]


def test_a_summary_tells_of_one_instant_only(tmp_path: Path) -> None:
    listed = [
        {"id": "c1", "name": "Oslo", "status": "major_outage"},
        {"id": "c2", "name": "Riga", "status": "operational"},
    ]
    given = page(SIMPLE | {"resolved_at": None}, components=listed)
    assert told(read(foreign(tmp_path, given))) == [
        ("Riga", "", "02-28T12:00:00", "up"),
        ("Compute - Oslo", "", "02-08T07:00:00", "down"),
        ("Compute - Oslo", "", "02-28T12:00:00", "down"),
    ]


WORK = incident("m1", "02-05 08:00", update("02-05 08:00", "scheduled"), impact="maintenance", name="Database\tupgrade",
                scheduled_for=zulu("02-08 02:00"), scheduled_until=zulu("02-08 04:00"),
                components=[{"id": "c1", "name": "Oslo"}])  # fmt: skip


def test_planned_work_becomes_a_maintenance_and_its_post_a_notice(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, {"page": PAGE, "scheduled_maintenances": [WORK]}, names={"c1": "web"}))
    work, notice = brought.facts
    assert isinstance(work, Maintenance)
    assert isinstance(notice, Notice)
    assert (work.id, work.services, work.kind, work.purpose) == (
        "statuspage-m1",
        ("web",),
        "scheduled",
        "Database upgrade",
    )
    assert (written(work.announced.start), written(work.announced.end)) == (zulu("02-08 02:00"), zulu("02-08 04:00"))
    assert (notice.of, notice.via, notice.accepted) == (work.id, "status page", at("02-05 08:00"))
    assert (work.recorded, work.by) == (NOW, "anna")


def test_a_component_under_maintenance_is_unknown_and_down_only_if_the_page_says_so(tmp_path: Path) -> None:
    updates = (
        update("02-05 08:00", "scheduled"),
        update("02-08 02:00", "in_progress", c1="under_maintenance"),
        update("02-08 02:30", "in_progress", c1="major_outage"),
        update("02-08 04:00", "completed", c1="operational"),
    )
    work = WORK | {"incident_updates": list(updates)}
    earlier = incident("i1", "02-01 00:00", end="02-01 01:00", components=[{"id": "c1", "name": "Oslo"}])
    brought = read(foreign(tmp_path, page(earlier, work)))
    assert [row[2:] for row in told(brought)][2:-1] == [
        ("02-08T02:00:00", "unknown"),
        ("02-08T02:30:00", "down"),
        ("02-08T04:00:00", "up"),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"resolved_at": zulu("02-08 06:00")},
         "incidents[0] ends at 2026-02-08T06:00:00Z, before it begins at 2026-02-08T07:00:00Z → correct it on the "
         "page"),
        ({"resolved_at": "2027-02-08T06:00:00Z"},
         "incidents[0] ends at 2027-02-08T06:00:00Z, which lies in the future; it is 2026-09-21T14:13:20Z"),
        ({"created_at": 5}, "incidents[0].created_at is a number, where a text belongs"),
        ({"started_at": "yesterday"}, "incidents[0].started_at is no instant: `yesterday`"),
        ({"impact": "huge"},
         "incidents[0].impact is `huge` (known are `none`, `minor`, `major`, `critical`, `maintenance`)"),
        ({"id": ""}, "incidents[0].id is missing (the entry cannot be told from others without it)"),
        ({"incident_updates": {}}, "incidents[0].incident_updates is an object, where a list belongs"),
        ({"incident_updates": [3]}, "incidents[0].incident_updates[0] is a number, where an object belongs"),
        ({"incident_updates": [{"status": "resolved"}]},
         "incidents[0].incident_updates[0] has neither `created_at` nor `display_at` (its place in time is not known)"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_right_is_told_by_its_place(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    (told_,) = said(read(foreign(tmp_path, page(SIMPLE | change))))
    assert told_.startswith(says)


def test_two_incidents_with_one_id_are_told(tmp_path: Path) -> None:
    assert said(read(foreign(tmp_path, page(SIMPLE, SIMPLE)))) == [
        "incidents[1] has the id `i1` of incidents[0] (one incident has one end) → keep the later telling of the two"
    ]


def test_work_that_ends_before_it_starts_is_told(tmp_path: Path) -> None:
    wrong = WORK | {"scheduled_until": zulu("02-08 01:00")}
    assert said(read(foreign(tmp_path, page(wrong)))) == [
        "incidents[0] is scheduled until 2026-02-08T01:00:00Z, which is not after 2026-02-08T02:00:00Z"
    ]


def test_polls_that_list_an_incident_the_file_does_not_hold_are_refused(tmp_path: Path) -> None:
    polls = polled(tmp_path, ("02-08 07:30", "i1 i9"), ("02-08 10:15", ""))
    assert said(read(foreign(tmp_path, page(SIMPLE), polls=polls))) == [
        "the polls list 1 incident that the file does not hold: `i9` (their time would pass for up) → give the file "
        "that holds them"
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("yesterday,i1\n", "row 2 cannot be read: polled_at: `yesterday` is not a moment"),
        ("2026-02-08T07:30:00Z,i1\n2026-02-08T07:30:00Z,\n", "is the time of row 2 too, which lists other incidents"),
        ("", "there is none in the file"),
    ],
)
def test_polls_that_cannot_be_right_are_refused(tmp_path: Path, rows: str, says: str) -> None:
    (tmp_path / "polls.csv").write_text(POLLS + rows, encoding="utf-8")
    with pytest.raises(Unreadable, match=says):
        read(foreign(tmp_path, page(SIMPLE), polls=str(tmp_path / "polls.csv")))


def test_fields_that_are_not_known_are_counted_and_left_aside(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, page(SIMPLE | {"mood": "bad", "weather": 3}, more=1)))
    assert said(brought) == []
    assert "left aside: 3 fields not known here, `more`, `mood`, `weather`" in brought.notes


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (json.dumps(page(SIMPLE))[:-40], "the JSON breaks off at line 1"),
        (json.dumps(page(SIMPLE)).replace('"page"', 'page"', 1) + '"page""incidents"', "the file is not JSON: "),
        (b"\xff\xfe" + json.dumps(page()).encode("utf-16-le"), "the file is not UTF-8"),
        ('{"page": {}, "incidents": ' + "[" * 100_000, "nested too deeply|breaks off"),
        ('{"page": {}, "page": {}, "incidents": []}', "an object has the field `page` twice"),
        ('{"page": {"x": NaN}, "incidents": []}', "`NaN` is no number of JSON"),
    ],
)
def test_a_file_that_is_no_json_is_refused_with_the_reason(tmp_path: Path, content: str | bytes, says: str) -> None:
    from makegood.exchange import statuspage

    file = foreign(tmp_path, content)
    with pytest.raises(Unreadable, match=says):
        statuspage.read(file)


def test_a_file_of_absurd_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b'{"page": {}, "incidents": [')
        file.truncate((1 << 26) + 2)
    with pytest.raises(Unreadable, match="more than 64 MiB"):
        _ = Foreign(path, NOW, "anna").raw
