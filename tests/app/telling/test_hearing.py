"""The webhook of an Alertmanager is recorded as incidents: once, with its end, and nothing where it is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.app.hearing_alertmanager import hear
from makegood.exchange.alertmanager import read_webhook
from makegood.exchange.facts_text import facts_text
from makegood.model.facts import Facts, Item, ItemKind
from makegood.model.problem import Refused
from tests.app.telling.stage import NOW, stage

BEGAN, ENDED = NOW - 600_000_000, NOW - 60_000_000


def alert(**more: Any) -> dict[str, Any]:
    return {
        "status": "firing", "labels": {"alertname": "HighErrors", "service": "web", "severity": "page"},
        "annotations": {"summary": "5 % of requests fail"}, "startsAt": "2026-02-02T02:30:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph", "fingerprint": "6ef3a1b2c4d5e6f7",
    } | more  # fmt: skip


def body(*alerts: dict[str, Any], **more: Any) -> bytes:
    said = {"version": "4", "groupKey": '{}:{alertname="HighErrors"}', "status": "firing", "receiver": "makegood",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "alerts": list(alerts)}  # fmt: skip
    return json.dumps(said | more).encode()


RESOLVED = {"status": "resolved", "endsAt": "2026-02-02T02:39:00Z"}


def test_an_alert_is_an_incident_with_its_begin_and_later_its_end(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        assert hear(at.store, body(alert()), "am", NOW) == 1
        assert hear(at.store, body(alert()), "am", NOW + 1) == 0, "it is sent again and again"
        assert hear(at.store, body(alert(**RESOLVED)), "am", NOW + 2) == 1
        assert hear(at.store, body(alert(**RESOLVED)), "am", NOW + 3) == 0
        first, last = at.store.facts()
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    assert (first.kind, first.service, first.events) == (ItemKind.INCIDENT, "web", (("alert began", 1769999400123456),))
    assert last.events == (("alert began", 1769999400123456), ("alert resolved", 1769999940000000))
    assert last.supersedes == first.id
    assert first.fact("severity") == "page"
    assert first.fact("summary") == "5 % of requests fail"
    assert Facts(items=(first, last)).known_at(NOW + 2).items == (last,)


def test_an_alert_whose_begin_nobody_heard_is_recorded_with_both(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        assert hear(at.store, body(alert(**RESOLVED), alert(fingerprint="0123456789abcdef")), "am", NOW) == 3


def test_a_service_that_is_not_known_concerns_none_and_stays_a_fact() -> None:
    ((told,), _) = read_webhook(body(alert()), "am", NOW, ["shop"])
    assert (told.began.service, told.began.fact("service")) == ("", "web")
    ((told,), _) = read_webhook(body(alert(labels={"alertname": "Up", "job": "web"})), "am", NOW, ["web"])
    assert told.began.service == "web"


def test_what_it_says_can_be_written_as_facts_and_read_by_a_person() -> None:
    ((told,), problems) = read_webhook(
        body(alert(annotations={"summary": "two\nlines\x1b[31m \u202e", "long": "x" * 9_999})), "am", NOW
    )
    assert problems == []
    assert told.began.fact("summary") == "two lines [31m"
    assert len(told.began.fact("long")) == 2_000
    assert "incident:" in facts_text([told.began])


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b'{"alerts": []}', b"\xff", b"[" * 100_000, body(alert(), version="3"),
        body(alert(startsAt="yesterday")), body(alert(startsAt=5)), body(alert(labels=[])),
        body(alert(labels={"a": 1})),
        body(alert(fingerprint="../../etc")), body(alert(fingerprint=None)), body({"status": "firing"}),
        body(alert(status="resolved", endsAt="2026-01-01T00:00:00Z")), body(*[alert()] * 1001),
        json.dumps({"version": "4", "alerts": ["x"]}).encode(),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(raw: bytes) -> None:
    told, problems = read_webhook(raw, "am", NOW)
    assert told == ()
    assert problems


def test_of_what_is_refused_nothing_is_recorded(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        size = at.store.size()
        with pytest.raises(Refused):
            hear(at.store, body(alert(), alert(startsAt="yesterday")), "am", NOW)
        assert at.store.size() == size


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["labels", "status", "startsAt", "x"]), inner),
)


@settings(max_examples=40)
@given(st.lists(JSON))
def test_nothing_that_is_sent_is_more_than_refused(alerts: list[Any]) -> None:
    told, problems = read_webhook(json.dumps({"version": "4", "alerts": alerts}).encode(), "am", NOW)
    assert problems or len(told) == len(alerts)
