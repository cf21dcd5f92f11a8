"""What rules see in results and counts, exactly, and what that changes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from makegood.engine.alerting.alert import Turn
from makegood.engine.alerting.looking import (
    Look,
    look,
    look_at_certificate,
    look_for_silence,
    outages,
    turned,
)
from makegood.model.alerts import Rule, Trigger
from makegood.model.events import (
    CertificateSeen,
    Count,
    LocationHeard,
    OutageClosed,
    OutageEvent,
    OutageOpened,
    OutageRetracted,
    Recent,
)
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, MINUTE, SECOND, Span
from makegood.model.threshold import Side, Threshold
from makegood.render.alerting import look_words

NOW = 100 * MINUTE
ERRORS = Rule("errors", Trigger.ERROR_RATE, "ops", Threshold(Side.MORE_THAN, Fraction(1, 20), "5 %"), over=10 * MINUTE)
SLOW = Rule("slow", Trigger.LATENCY, "ops", Threshold(Side.MORE_THAN, Fraction(800_000), "800 ms"), fewest=20)
IDLE = Rule("idle", Trigger.THROUGHPUT, "ops", Threshold(Side.BELOW, Fraction(100, 60), "100 per minute"))
OLD = Rule("certificates", Trigger.CERTIFICATE, "ops", Threshold(Side.BELOW, Fraction(14 * DAY), "14 days"))
SILENT = Rule("silent", Trigger.SILENT_LOCATION, "ops", Threshold(Side.AT_LEAST, Fraction(5 * MINUTE), "5 min"))


def results(up: int, down: int, unknown: int = 0) -> tuple[Result, ...]:
    reasons = [Reason.OK] * up + [Reason.STATUS] * down + [Reason.ABSTAINED] * unknown
    return tuple(Result(NOW - (n + 1) * SECOND, reason, total=n * 1000) for n, reason in enumerate(reasons))


@pytest.mark.parametrize(("down", "holds"), [(0, False), (5, False), (6, True)])
def test_an_error_rate_is_the_failed_share_of_what_was_seen(down: int, holds: bool) -> None:
    """5 of 100 are not more than 5 %; what was not seen is no result."""
    seen = look(ERRORS, Recent("web", results(100 - down, down, unknown=40)), NOW)
    assert (seen.holds, seen.value, seen.of) == (holds, Fraction(down, 100), 100)


def test_counts_of_others_are_added_to_results() -> None:
    counts = (Count(Span(NOW - 5 * MINUTE, NOW), 850, 900),)
    seen = look(ERRORS, Recent("web", results(100, 0), counts), NOW)
    assert (seen.value, seen.of, seen.holds) == (Fraction(50, 1000), 1000, False)


def test_only_what_lies_in_the_window_counts() -> None:
    early = Result(NOW - 10 * MINUTE - 1, Reason.STATUS)
    first = Result(NOW - 10 * MINUTE, Reason.STATUS)
    late = Result(NOW, Reason.STATUS)
    seen = look(replace(ERRORS, fewest=1), Recent("web", (early, first, late)), NOW)
    assert seen.of == 1


def test_with_fewer_results_than_asked_for_it_cannot_tell() -> None:
    assert look(ERRORS, Recent("web", results(0, 9)), NOW).holds is None
    assert look(ERRORS, Recent("web", results(0, 10)), NOW).holds is True
    assert look(ERRORS, Recent("web"), NOW).holds is None


@pytest.mark.parametrize(("quantile", "value"), [("50", 9), ("95", 18), ("99", 19), ("100", 19), ("1", 0)])
def test_a_latency_is_one_that_was_measured_of_the_nearest_rank(quantile: str, value: int) -> None:
    """Twenty of 0 to 19 ms: the 95th of a hundred is the 19th of twenty, 18 ms."""
    rule = replace(SLOW, quantile=Fraction(quantile) / 100)
    assert look(rule, Recent("web", results(20, 5)), NOW).value == value * 1000


def test_throughput_is_what_was_counted_per_second_of_what_was_watched() -> None:
    """99 in a minute are fewer than 100; a minute that nobody counted is none of nothing."""
    minutes = [Span(NOW - n * MINUTE, NOW - (n - 1) * MINUTE) for n in (1, 2)]
    assert look(IDLE, Recent("web", (), (Count(minutes[0], 0, 99),)), NOW).holds is True
    assert look(IDLE, Recent("web", (), (Count(minutes[0], 0, 100),)), NOW).holds is False
    assert look(IDLE, Recent("web", (), (Count(minutes[0], 0, 200), Count(minutes[1], 0, 0))), NOW).holds is False
    assert look(IDLE, Recent("web", (), (Count(minutes[0], 0, 0),)), NOW).holds is True
    assert look(IDLE, Recent("web"), NOW).holds is None


@pytest.mark.parametrize(("remains", "holds"), [(14 * DAY, False), (14 * DAY - 1, True), (-DAY, True)])
def test_a_certificate_that_holds_for_too_little(remains: int, holds: bool) -> None:
    assert look_at_certificate(OLD, CertificateSeen("web", "web-http", NOW + remains, NOW), NOW).holds is holds


@pytest.mark.parametrize(("silent", "holds"), [(5 * MINUTE - 1, False), (5 * MINUTE, True)])
def test_a_location_that_is_silent(silent: int, holds: bool) -> None:
    seen = look_for_silence(SILENT, LocationHeard("fra", NOW - silent), NOW)
    assert (seen.subject, seen.holds, seen.since) == ("fra", holds, NOW - silent)


def test_looks_change_only_what_they_can_tell_and_what_is_not_so_already() -> None:
    looks = [
        Look(name, holds, 1) for name, holds in (("a", True), ("b", True), ("c", False), ("d", False), ("e", None))
    ]
    changes = turned(ERRORS, [(one, "words") for one in looks], {"b", "d", "e"}, NOW)
    assert [(c.subject, c.turn, c.at) for c in changes] == [("a", Turn.BEGAN, 1), ("d", Turn.ENDED, NOW)]


def test_outages_are_told_by_the_rules_that_are_about_them() -> None:
    everything = Rule("all", Trigger.OUTAGE, "ops")
    shop = Rule("shop", Trigger.OUTAGE, "ops", services=("shop",), orders=("acme",))
    events: list[OutageEvent] = [
        OutageOpened("shop", "acme", 1, 2, "connect timeout", ("fra", "lon")),
        OutageClosed("shop", "acme", 1, 5, 6),
        OutageRetracted("shop", "northwind", 1, 7, "late evidence"),
    ]
    found = [(c.rule, c.turn, c.at, c.known, c.part, c.says) for c in outages([everything, shop, ERRORS], events)]
    assert found == [
        ("all", Turn.BEGAN, 1, 2, "acme", "connect timeout; seen from fra, lon"),
        ("shop", Turn.BEGAN, 1, 2, "acme", "connect timeout; seen from fra, lon"),
        ("all", Turn.ENDED, 5, 6, "acme", ""),
        ("shop", Turn.ENDED, 5, 6, "acme", ""),
        ("all", Turn.RETRACTED, 1, 7, "northwind", "late evidence"),
    ]


@pytest.mark.parametrize(
    ("rule", "seen", "words"),
    [
        (ERRORS, Look("web", True, 0, Fraction(6, 100), 100), "6.000 % of 100 failed, more than 5 %"),
        (SLOW, Look("web", True, 0, Fraction(912_345), 120), "p95 of 120 is 912.3 ms, more than 800 ms"),
        (IDLE, Look("web", True, 0, Fraction(99, 60), 99), "99 per minute, below 100 per minute"),
        (SILENT, Look("fra", True, 0, Fraction(6 * MINUTE)), "not heard for 6 min, at least 5 min"),
        (
            OLD,
            Look("web", True, 0, Fraction(DAY), 1, "web-http"),
            "the certificate that web-http was shown holds until Fri 2 Jan 1970 00:00 +00:00, below 14 days",
        ),
    ],
)
def test_what_is_seen_is_said_with_its_threshold(rule: Rule, seen: Look, words: str) -> None:
    assert look_words(rule, seen, "UTC") == words
