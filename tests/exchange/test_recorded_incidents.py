"""The recorded incidents of a cloud vendor: 138 of them, of which none was ever seen to be resolved."""

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from makegood.engine.judge.down import reported
from makegood.exchange import statuspage
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.time_column import read_time
from makegood.model.facts import States
from makegood.model.spans import HOUR, Instant
from makegood.model.terms import Clause, DetectRule, EvidenceKind
from tests.exchange.foreign import NOW, said, states

DATA = Path(__file__).resolve().parents[3] / "shared/data"
INCIDENTS, POLLS = DATA / "oci-statuspage-incidents.json", DATA / "oci-statuspage-polls.csv"
RULE = DetectRule("page", Clause(""), EvidenceKind.REPORTED, holds=HOUR)
ASHBURN, KOREA = "Compute - US East (Ashburn)", "Network Infrastructure - South Korea North (Chuncheon)"
pytestmark = pytest.mark.skipif(not INCIDENTS.exists(), reason="the recorded data is not here")


def brought(
    path: Path = INCIDENTS, polls: Path | None = POLLS, names: Mapping[str, str] | None = None, **more: object
) -> Brought:
    options = {key.replace("_", "-"): str(value) for key, value in more.items()}
    file = Foreign(path, NOW, "anna", "", names or {},
                   options | ({"polls": str(polls)} if polls is not None else {}))  # fmt: skip
    assert statuspage.tells(file)
    found = statuspage.read(file)
    assert said(found) == []
    return found


def micros(text: str) -> Instant:
    found = read_time(text)
    assert isinstance(found, int)
    return found


def test_every_incident_is_taken_and_all_their_components_with_them() -> None:
    affected = [c for i in json.loads(INCIDENTS.read_text())["incidents"]
                for u in i["incident_updates"] for c in u["affected_components"] or []]  # fmt: skip
    found = brought(down_from="minor", down_by="impact").states
    assert found is not None
    assert len({c["code"] for c in affected}) == 472
    assert len(found.services) == 473  # and the page itself, for incidents that name no component
    assert set(found.services) - {c["name"] for c in affected} == {"OCI"}


def test_a_component_answers_to_the_name_it_had_earlier() -> None:
    old, new = "Compute - Instances - US East (Ashburn)", ASHBURN
    assert states(brought(names={old: "web"}).states) == states(brought(names={new: "web"}).states)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        # 2020-11-16 19:43:27.943 in Los Angeles; polls listed it at 03:49:22, 04:19:52 and 04:35:00, not at 05:16:18
        (KOREA, {"down_from": "minor"}, [("11-17T03:43:27.943000", "11-17T03:43:27.943000", "down"),
                                         ("11-17T04:35:00", "11-17T05:16:18", "up")]),
        # started 23:39:14 − 1 h; listed until 23:20:41, gone at 23:41:09
        (ASHBURN, {}, [("12-01T22:39:14.090000", "12-01T22:39:14.090000", "down"),
                       ("12-01T23:20:41", "12-01T23:41:09", "up")]),
        # the last of all: listed at 23:21:16 and 23:40:19, gone at the last poll of all, 01:24:54
        (ASHBURN, {}, [("03-14T22:54:44", "03-14T22:54:44", "down"), ("03-14T23:40:19", "03-15T01:24:54", "up")]),
        # the page set the component to operational itself, so that its end is exact though the incident's is not
        (ASHBURN, {}, [("05-16T17:55:08.975000", "05-16T17:55:08.975000", "down"),
                       ("05-16T19:15:22.561000", "05-16T19:15:22.561000", "up")]),
    ],
)  # fmt: skip
def test_the_bounds_are_those_worked_out_by_hand(
    name: str, options: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    rows = [(earliest or when, when, outcome) for _, earliest, when, outcome in
            states(brought(names={name: "web"}, **options).states)]  # fmt: skip
    at = rows.index(expected[0])
    assert rows[at : at + 2] == expected


def test_each_incident_is_judged_between_its_last_poll_and_the_next(tmp_path: Path) -> None:
    document = json.loads(INCIDENTS.read_text())
    polls = [
        (row["polled_at"], row["unresolved_incident_ids"].split())
        for row in csv.DictReader(POLLS.read_text().splitlines())
    ]
    judged = 0
    for incident in document["incidents"]:
        alone = tmp_path / "one.json"
        alone.write_text(json.dumps(document | {"incidents": [incident]}), encoding="utf-8")
        only = tmp_path / "polls.csv"
        listed = [(at, incident["id"] if incident["id"] in ids else "") for at, ids in polls]
        only.write_text("polled_at,unresolved_incident_ids\n" + "".join(f"{at},{i}\n" for at, i in listed))
        found = brought(alone, only, names={"": "web"}, down_from="minor", down_by="impact")
        assert found.states is not None
        assert found.opening is not None
        columns = [np.concatenate((getattr(found.opening, n), getattr(found.states, n)))
                   for n in ("at", "earliest", "outcome", "recorded")]  # fmt: skip
        seen = reported(States("web", "OCI", *columns), RULE, NOW)
        begin = min(micros(incident[key]) for key in ("created_at", "started_at"))
        last = max(i for i, (_, of) in enumerate(listed) if of)
        least, most = micros(listed[last][0]) - begin, micros(listed[last + 1][0]) - begin
        expected = (0, 0) if incident["impact"] == "none" else (least, most)
        assert (seen.favourable.total, seen.unfavourable.total) == expected, incident["id"]
        judged += least < most
    assert judged == 138


def test_without_polls_an_open_incident_lasts_until_the_page_was_last_updated() -> None:
    found = brought(polls=None, names={ASHBURN: "web"})
    assert states(found.states)[-1][1:] == ("", "03-15T00:31:38.192000", "down")
    assert any(note.startswith("not resolved: 138 incidents") for note in found.notes)


def test_the_page_lists_its_components_with_their_groups(tmp_path: Path) -> None:
    listed = tmp_path / "summary.json"
    listed.write_bytes(gzip.decompress((DATA / "oci-statuspage-summary.json.gz").read_bytes()))
    summary = json.loads(listed.read_bytes())
    groups = {c["id"]: c["name"] for c in summary["components"] if c["group"]}
    names = {f"{groups[c['group_id']]} - {c['name']}" for c in summary["components"] if c["group_id"]}
    told = brought().states
    assert told is not None
    quiet = min(names - set(told.services))
    found = brought(names={quiet: "web"}, components=listed)
    assert [row[3] for row in states(found.opening) + states(found.states)] == ["up", "up"]
    assert len(summary["components"]) == 1035


def test_the_polls_are_those_recorded() -> None:
    rows = list(csv.DictReader(POLLS.read_text().splitlines()))
    assert len(rows) == 602
    assert datetime.fromisoformat(rows[-1]["polled_at"]).year == 2022
