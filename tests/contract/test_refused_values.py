"""Values that could mean nothing are refused when an agreement is read; what they are near to is accepted."""

from __future__ import annotations

import pytest

from tests.engine.whole import problems

DETECT = "detect: monitoring\n"
OUTAGE = "outage: downtime\nfrom: monitoring\nbegins: first failure\nends: first success\n"
PAY = "remedy: credit\nform: credit\nwhen missed: uptime\namount: "
COUNT = "count: misses\nof: uptime\nover: any 365 days\nin: local"
RIGHT = "remedy: leave\nform: right\nwho: customer\ndoes: [end the order]\n"
EXCLUDE = "exclude: work\nfrom: uptime\nwhat: maintenance\n"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (DETECT + "locations: banana", "wrong-value"),
        (DETECT + "locations: at least 0", "wrong-value"),
        (DETECT + "locations: at least 101 %", "wrong-value"),
        (DETECT + "every: 0 s", "wrong-value"),
        (OUTAGE + "grain: 0 min", "wrong-value"),
        ("period: month\nis: billing month\nanchor: 0\nin: local", "no-day"),
        ("period: month\nis: billing month\nanchor: 45\nin: local", "no-day"),
        ("period: month\nis: billing month\nanchor: 1.5\nin: local", "no-day"),
        ("period: month\nis: days\nin: local", "missing-key"),
        (PAY + "availability < 1", "wrong-value"),
        (EXCLUDE + "gates: {notice: {before: at least 72 h, force: aim}}", "aim-as-gate"),
        (EXCLUDE + "gates: {kind: {is: regular, force: aim}}", "aim-as-gate"),
    ],
)
def test_refused(rule: str, code: str) -> None:
    assert [p.partition(":")[0] for p in problems(rule)] == [code]


@pytest.mark.parametrize(
    "rule",
    [
        DETECT + "locations: at least 1",
        DETECT + "locations: all",
        DETECT + "locations: a majority",
        DETECT + "locations: at least 60 %",
        DETECT + "locations: at least 100 %",
        DETECT + "every: 1 s",
        OUTAGE + "grain: 1 min",
        "period: month\nis: billing month\nanchor: 1\nin: local",
        "period: month\nis: billing month\nanchor: 31\nin: local",
        PAY + "if(availability < 95 %, 20 %, 10 %) x fees",
        PAY + "if(availability >= 95 %, 20 %, 10 %) x fees",
        EXCLUDE + "expect: {notice: {before: at least 72 h, force: aim}}",
        EXCLUDE + "gates: {notice: {before: at least 72 h, force: effort}}",
    ],
)
def test_accepted(rule: str) -> None:
    assert problems(rule) == []
