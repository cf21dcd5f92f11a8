"""The page about probes tells every reason with its outcome, and every kind."""

import re
from pathlib import Path
from typing import get_args

from makegood.model.checks import HeartbeatProbe, Probe
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.results import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "probes.md").read_text(encoding="utf-8")
OUTCOMES = {UP: "up", DOWN: "down", UNKNOWN: "unknown"}


def test_every_reason_stands_in_the_table_with_its_outcome() -> None:
    table = PAGE.partition("## Reasons")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (up|down|unknown) \| \S", table, flags=re.MULTILINE)
    assert rows == [(reason.word, OUTCOMES[reason.outcome]) for reason in Reason]


def test_every_kind_that_is_probed_has_its_heading() -> None:
    headings = re.findall(r"^### (.+)$", PAGE, flags=re.MULTILINE)
    assert headings == ["HTTP and HTTPS", "TCP", "DNS", "TLS", "ICMP", "Workflow", "Signal"]
    assert len(headings) == len(set(get_args(Probe)) - {HeartbeatProbe})
