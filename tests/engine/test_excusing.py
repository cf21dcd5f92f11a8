"""Excuses of whole agreements: efforts judged by a person, combinations of services, limits that are shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.model.spans import MINUTE
from tests.engine.whole import answer, one, order, watched

IN_WINDOW = (
    "exclude: work\nfrom: uptime\nwhat: maintenance\nin: local\n"
    "gates: {wholly within: {window: Sunday 02:00-06:00, force: effort}}"
)
FACTS = (
    "- maintenance: M-1\n  services: [web]\n  announced: 2026-04-10 10:00 to 2026-04-10 11:00 UTC\n"
    "  recorded: 2026-03-01 00:00 UTC\n  by: ops\n"
)
JUDGED = (
    "- judgement: J-1\n  about: M-1\n  gate: {}\n  holds: {}\n  because: no other hour was possible\n"
    "  recorded: 2026-04-15 00:00 UTC\n  by: A. Person\n"
)


@pytest.mark.parametrize(
    ("judgement", "verdict", "minutes"),
    [
        ("", "breached", 0),
        (JUDGED.format("within", "yes"), "met", 60),
        (JUDGED.format("within", "no"), "breached", 0),
        (JUDGED.format("notice", "yes"), "breached", 0),
    ],
    ids=("no judgement", "judged enough", "judged too little", "judged of another condition"),
)
def test_a_window_by_effort_is_saved_by_a_judgement_of_it(
    tmp_path: Path, judgement: str, verdict: str, minutes: int
) -> None:
    """10 April 2026 is a Friday."""
    found = one(tmp_path, IN_WINDOW, facts=FACTS + judgement)
    (excuse,) = found.excuses
    assert (found.verdict.value, excuse.excused.total) == (verdict, minutes * MINUTE)
    assert excuse.granted is bool(minutes)


def test_a_judgement_does_not_save_a_window_that_must_hold(tmp_path: Path) -> None:
    strict = IN_WINDOW.replace("{window: Sunday 02:00-06:00, force: effort}", "Sunday 02:00-06:00")
    found = one(tmp_path, strict, facts=FACTS + JUDGED.format("within", "yes"))
    assert (found.verdict.value, found.excuses[0].granted) == ("breached", False)


WHOLE_ORDER = "target: uptime\neach: order\nover: month\nmeasures: availability\nis: at least 99.9 %"
WORK = "exclude: work\nfrom: uptime\nwhat: maintenance"


@pytest.mark.parametrize(
    ("other", "granted", "excused", "verdict"),
    [
        ("down 2026-04-12 10:00 to 10:01", True, 60, "met"),
        ("down 2026-04-10 10:00 to 10:45", True, 15, "breached"),
        ("down 2026-04-10 09:00 to 12:00", False, 0, "breached"),
    ],
    ids=("another day", "three quarters of it", "all of it"),
)
def test_an_excuse_of_one_service_while_another_is_down_takes_out_only_what_it_alone_made_down(
    tmp_path: Path, other: str, granted: bool, excused: int, verdict: str
) -> None:
    lines = watched(web="down 2026-04-10 10:00 to 11:00", api=other)
    (found,) = answer(tmp_path, WHOLE_ORDER, WORK, of=order("web", "api"), seen=lines, facts=FACTS).statements
    (excuse,) = found.excuses
    assert (excuse.granted, excuse.excused.total // MINUTE, found.verdict.value) == (granted, excused, verdict)
    assert found.classes.excused.total == excuse.excused.total
    assert ("something else was down" in excuse.why) is (excused < 60)
