from datetime import UTC, datetime
from pathlib import Path

import pytest

from makegood.exchange.facts import read_fact_files, read_facts
from makegood.model.facts import Cause, Item, ItemKind, Judgement, Maintenance, Notice, Retraction, Standing
from makegood.model.spans import END_OF_TIME, Instant, Span
from tests.exchange.cases import bad, expected, good, told


def at(text: str) -> Instant:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def test_every_kind_of_fact_is_read_as_written() -> None:
    facts, problems = read_facts(good("facts", "every-kind.facts.yaml"), "a.facts.yaml")
    assert told(problems) == ""
    told_at, later = at("2026-02-05T08:00"), at("2026-02-09T08:00")
    assert facts == [
        Maintenance(
            "M-7",
            told_at,
            "ops@harbour.example",
            services=("web",),
            announced=Span(at("2026-02-08T07:00"), at("2026-02-08T09:00")),
            kind="standard",
            purpose="operating system upgrade",
        ),
        Notice("N-7", told_at, "mailer", "", "M-7", "ops@northwind.example", "email", told_at, "northwind-hosting"),
        Cause(
            "C-1",
            later,
            "anna",
            service="web",
            span=Span(at("2026-02-08T07:10"), at("2026-02-08T07:20")),
            cause="client actions",
            evidence="ticket 88",
            directed_by="provider",
        ),
        Judgement("J-1", later, "anna", about="M-7", gate="notice", holds=True, because="it was agreed"),
        Standing("S-1", later, "anna", order="northwind-hosting", span=Span(later, END_OF_TIME), standing="overdue"),
        Retraction("R-1", at("2026-02-10T08:00"), "anna", "S-1", because="paid"),
        Item(
            "T-1",
            at("2026-02-04T08:00"),
            "support desk",
            service="web",
            order="northwind-hosting",
            facts=(("impact", "outage"), ("users", "all")),
            events=(
                ("report received", at("2026-02-03T09:00")),
                ("acknowledgement", at("2026-02-03T09:40")),
                ("update", at("2026-02-03T10:10")),
                ("update", at("2026-02-03T10:40")),
            ),
            states=(("waiting for the customer", Span(at("2026-02-03T11:00"), at("2026-02-03T12:00"))),),
        ),
        Item(
            "I-1",
            at("2026-02-08T08:00"),
            "anna",
            kind=ItemKind.INCIDENT,
            service="web",
            events=(("incident detected", at("2026-02-08T07:12")), ("service restored", at("2026-02-08T07:57"))),
        ),
        Item(
            "CL-1",
            at("2026-03-10T08:00"),
            "anna",
            kind=ItemKind.CLAIM,
            order="northwind-hosting",
            facts=(("for", "uptime-credit"), ("period", "2026-02")),
            events=(("claim received", at("2026-03-10T08:00")),),
        ),
        Item(
            "CH-1",
            at("2026-02-03T09:00"),
            "anna",
            kind=ItemKind.CHANGE,
            service="web",
            events=(("change announced", at("2026-02-03T09:00")),),
        ),
        Item(
            "D-1",
            at("2026-02-03T11:00"),
            "anna",
            kind=ItemKind.DRILL,
            service="web",
            events=(("drill begun", at("2026-02-03T09:00")), ("service restored", at("2026-02-03T10:00"))),
        ),
    ]


@pytest.mark.parametrize("path", bad("facts"), ids=lambda p: p.name)
def test_bad_facts_are_told_all_at_once(path: Path) -> None:
    _, problems = read_facts(path.read_bytes(), path.name)
    assert told(problems) == expected(path)


NOTICE = b"""
- notice: N-1
  of: M-1
  to: ops@northwind.example
  accepted: 2026-02-05T08:00:00Z
  recorded: 2026-02-05T08:00:00Z
  by: mailer
"""
WORK = b"""
- maintenance: M-1
  services: [web]
  announced: 2026-02-08T07:00:00Z to 2026-02-08T09:00:00Z
  recorded: 2026-02-05T08:00:00Z
  by: anna
"""


def test_a_fact_may_refer_to_one_in_another_file_whatever_their_order() -> None:
    for files in ([("a", WORK), ("b", NOTICE)], [("a", NOTICE), ("b", WORK)]):
        facts, problems = read_fact_files(files)
        assert told(problems) == ""
        assert {fact.id for fact in facts} == {"M-1", "N-1"}


def test_an_id_is_taken_in_every_other_file_too() -> None:
    _, problems = read_fact_files([("a", WORK), ("b", WORK)])
    assert [(p.code, p.where.source, p.why) for p in problems] == [
        ("duplicate-id", "b", "it is that of the maintenance at a:2:3")
    ]


def test_a_reference_to_a_fact_with_an_error_is_not_reported_as_well() -> None:
    _, problems = read_fact_files([("a", WORK.replace(b"09:00:00Z", b"09:00:00")), ("b", NOTICE)])
    assert [p.code for p in problems] == ["wrong-value"]


def test_an_empty_file_holds_no_facts() -> None:
    assert read_facts(b"", "a") == ([], [])
    assert read_facts(b"# nothing yet\n", "a") == ([], [])


@pytest.mark.parametrize(
    "announced",
    [
        "2026-02-08 02:00 to 2026-02-08 04:00 America/New_York",
        "2026-02-08T07:00:00Z to 2026-02-08T09:00:00Z",
        "2026-02-08T02:00:00-05:00 to 2026-02-08T04:00:00-05:00",
        "2026-02-08 02:00 America/New_York to 2026-02-08 10:00 Europe/Berlin",
        "2026-02-08T07:00:00Z to 2026-02-08 04:00 America/New_York",
    ],
)
def test_one_span_may_be_written_in_several_ways(announced: str) -> None:
    given = WORK.replace(b"2026-02-08T07:00:00Z to 2026-02-08T09:00:00Z", announced.encode())
    (fact,), problems = read_facts(given, "a")
    assert told(problems) == ""
    assert isinstance(fact, Maintenance)
    assert fact.announced == Span(at("2026-02-08T07:00"), at("2026-02-08T09:00"))
