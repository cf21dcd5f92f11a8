"""Questions in money as their user asks them: readings, what-if, budget and replay, on the starter and the story."""

from __future__ import annotations

import csv
import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest

from makegood.app.demo import ANNOUNCED
from makegood.render.document.asked.budget import BudgetDocument
from makegood.render.document.asked.readings import ReadingsDocument
from makegood.render.document.asked.replay import ReplayDocument
from makegood.render.document.asked.what_if import WhatIfDocument
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, LOG, ORDER, everything_in, mend

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MARCH_2 = ["--as-of", "2026-03-02T00:00:00Z"]
FEBRUARY = [*INPUTS, "--period", "2026-02", *MARCH_2]
EARLIER = """\
- notice: N-7a
  of: M-7
  to: ops@northwind.example
  via: email
  accepted: {accepted}
  recorded: 2026-02-05T08:00:00Z
  by: planner
  supersedes: N-7
"""
MISSED = "2026-02-08T07:10:00Z"
pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def story(here: Path) -> list[str]:
    """The same 47 minutes: the work announced 71 hours ahead, and a log of what happened; judged by `harbour`."""
    folder = here / "story"
    (folder / "states").mkdir(parents=True)
    (folder / "work.facts.yaml").write_text(ANNOUNCED, encoding="utf-8")
    rows = [("2026-01-01T05:00:00Z", "up"), (MISSED, "down"), ("2026-02-08T07:57:00Z", "up")]
    rows.append(("2026-03-02T05:00:00Z", "up"))
    text = "".join(f"{at},web,{status}\n" for at, status in rows)
    (folder / "states" / "log.csv").write_text(f"at,service,status\n{text}", encoding="utf-8")
    shutil.copy(EXAMPLES / "harbour" / "harbour.sla.md", here / "harbour.sla.md")
    order = (EXAMPLES / "harbour" / "northwind.order.yaml").read_text(encoding="utf-8")
    order += "instead:\n  - {rule: monitoring, reads: reported states, holds: 2000 h}\n"
    (here / "northwind.order.yaml").write_text(order, encoding="utf-8")
    return ["harbour.sla.md", "--order", "northwind.order.yaml", "--facts", "story"]


@pytest.mark.parametrize(
    ("accepted", "credit"),
    [("2026-02-05T07:00:00Z", "none"), ("2026-02-05T07:00:01Z", "1,250.00 USD")],
)
def test_the_same_47_minutes_are_free_one_hour_earlier_and_not_a_second_less(
    here: Path, story: list[str], program: Program, accepted: str, credit: str
) -> None:
    (here / "earlier.facts.yaml").write_text(EARLIER.format(accepted=accepted), encoding="utf-8")
    before = everything_in(here)
    told = program(
        "what-if", *story, "--period", "2026-02", *MARCH_2, "--suppose", "earlier.facts.yaml", "--format", "json"
    )
    assert (told.code, told.err) == (0, "")
    found = WhatIfDocument.model_validate_json(told.out)
    (pair,) = found.statements
    assert pair.before is not None
    assert pair.after is not None
    assert (pair.before.amount, pair.after.amount) == ("1,250.00 USD", credit)
    assert [(e.item, e.before, e.after) for e in found.excuses] == [("M-7", False, credit == "none")]
    assert everything_in(here) == before


def test_the_story_is_shown_side_by_side(here: Path, story: list[str], program: Program) -> None:
    (here / "earlier.facts.yaml").write_text(EARLIER.format(accepted="2026-02-05T07:00:00Z"), encoding="utf-8")
    told = program("what-if", *story, "--period", "2026-02", *MARCH_2, "--suppose", "earlier.facts.yaml")
    assert re.search(r"Verdict +BREACHED +MET", told.out)
    assert re.search(r"Credit +1,250\.00 USD +none", told.out)
    assert "Together  credit 1,250.00 USD → none, −1,250.00 USD" in told.out


def test_without_its_notice_or_its_maintenance_the_work_is_not_excused(story: list[str], program: Program) -> None:
    for fact in ("M-7", "N-7"):
        told = program("what-if", *story, "--period", "2026-02", *MARCH_2, "--without", fact)
        assert "1 statement, and none of them changes" in told.out


def test_an_outage_ahead_has_a_price_on_every_order(here: Path, program: Program) -> None:
    shutil.copy(here / ORDER, here / "bolt.order.yaml")
    mend(here / "bolt.order.yaml", "acme-hosting", "bolt-hosting")
    mend(here / "bolt.order.yaml", "200.00", "500.00")
    ahead = [AGREEMENT, "--order", ORDER, "--order", "bolt.order.yaml", "--facts", "facts", "--period", "2026-02"]
    asked = [*ahead, "--as-of", "2026-02-03T13:05:00Z", "--down", "2026-02-22 04:10 to 04:55 Europe/Berlin"]
    told = program("what-if", *asked, "--format", "table")
    assert (told.code, told.err) == (0, "")
    assert "Together  credit none → 70.00 EUR, +70.00 EUR" in told.out
    assert "2026-02 is not over" in told.out


def test_down_time_is_taken_away_and_a_later_word_on_the_same_key_decides(program: Program) -> None:
    told = program("what-if", *FEBRUARY, "--up", "2026-02-10T09:00:00Z to 2026-02-10T11:00:00Z")
    assert "credit 20.00 EUR → none" in told.out
    thrice = [
        *("--instead", "credit-rows.rows.1.gives=50 %", "--instead", "credit-rows.rows.1.gives=30 %"),
        *("--fee", "100.00 EUR per month"),
    ]
    assert "credit 20.00 EUR → 30.00 EUR" in program("what-if", *FEBRUARY, *thrice).out


@pytest.mark.parametrize(
    "span",
    [
        "2026-02-20 10:00 to 16:00 Europe/Berlin",
        "2026-02-20T09:00:00Z to 15:00:00Z",
        "2026-02-20T10:00:00+01:00 to 16:00:00+01:00",
        "2026-02-20 10:00 Europe/Berlin to 2026-02-20T15:00:00Z",
    ],
)
def test_a_span_names_its_date_once_or_twice(program: Program, span: str) -> None:
    """1 h 10 min and 6 h are beyond 1 % of 672 h: the second row."""
    assert "credit 20.00 EUR → 50.00 EUR, +30.00 EUR" in program("what-if", *FEBRUARY, "--down", span).out


def test_a_span_that_meets_a_clock_change_is_said_to(program: Program) -> None:
    asked = [*INPUTS, "--period", "2026-03", "--as-of", "2026-03-01T00:00:00Z"]
    told = program("what-if", *asked, "--down", "2026-03-29 02:30 to 04:00 Europe/Berlin")
    assert told.code == 0
    assert "meets a clock change" in told.err


def test_exceptions_come_from_a_file_as_well(here: Path, program: Program) -> None:
    (here / "draft.yaml").write_text("- {rule: monthly-availability, is: at least 99.5 %}\n", encoding="utf-8")
    assert "credit 20.00 EUR → none" in program("what-if", *FEBRUARY, "--instead", "draft.yaml").out


def test_a_plan_is_supposed_throughout(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "provider: Example Hosting", "provider: Example Hosting\nplans: [basic, gold]")
    mend(here / AGREEMENT, "is: at least 99.9 %", "is: {by: plan, basic: at least 99.5 %, gold: at least 99.9 %}")
    mend(here / ORDER, "contacts:", "plan: gold\ncontacts:")
    assert "credit 20.00 EUR → none" in program("what-if", *FEBRUARY, "--plan", "basic").out


def test_readings_and_silences_are_weighed_over_history(story: list[str], here: Path, program: Program) -> None:
    order = here / "northwind.order.yaml"
    order.write_text(
        order.read_text(encoding="utf-8") + "readings: {downtime.begins: confirmation}\n", encoding="utf-8"
    )
    long_or_short = "{among: [at least 5 min, at least 60 min], chosen: at least 5 min, because: stated}"
    mend(here / "harbour.sla.md", "shortest: at least 5 min", f"shortest: {long_or_short}")
    told = program("readings", *story, "--over", "2 months", *MARCH_2, "--format", "json")
    assert (told.code, told.err) == (0, "")
    found = ReadingsDocument.model_validate_json(told.out)
    assert (found.basis, found.orders, found.periods) == ("history", ("northwind-hosting",), ("2026-01", "2026-02"))
    first, *others = found.situations[0].readings
    assert (first.id, first.matters) == ("downtime.shortest", True)
    assert first.history[0].difference.text == "−1,250.00 USD"
    assert not any(r.matters for r in others)
    assert [(s.rule, s.deadlines) for s in found.situations[0].silences] == [("application", 1)]
    text = program("readings", *story, "--period", "2026-02", *MARCH_2).out
    assert "if “at least 60 min”: −1,250.00 USD; 1 verdict changed" in text
    line = (here / "harbour.sla.md").read_text(encoding="utf-8").splitlines().index("allow: unstated") + 1
    assert f"line {line}" in text


def test_without_an_order_readings_are_weighed_under_a_nominal_fee(program: Program) -> None:
    harbour = str(EXAMPLES / "harbour" / "harbour.sla.md")
    told = program("readings", harbour)
    assert (told.code, told.err) == (0, "")
    assert "a standard stress, not history" in " ".join(told.out.split())
    found = ReadingsDocument.model_validate_json(program("readings", harbour, "--format", "json").out)
    worth = {r.id: r.stress[0].share_of_fee for r in found.situations[0].readings if r.matters}
    edges = worth["uptime-credits.shared-edges-go-to"]
    assert edges is not None
    assert (edges.unit, edges.favourable) == ("share", "3/20")
    assert "resolution.strength" not in worth


def test_a_budget_is_told_in_every_form(here: Path, program: Program) -> None:
    asked = ["budget", *INPUTS, "--as-of", "2026-02-10T10:12:00Z"]
    text = program(*asked).out
    assert "Left     nothing: 29 min 41 s more than allowed" in text
    assert "5 h 33 min 13 s more: breached, credit 50.00 EUR (+30.00 EUR)" in text
    assert "Certain  breached, credit 20.00 EUR" in text
    assert "40 min 19 s" in program(*asked, "--format", "table").out
    (found,) = BudgetDocument.model_validate_json(program(*asked, "--format", "json").out).budgets
    assert (found.runs[0].allowed_us, found.runs[0].left_us) == (2_419_000_000, -1_781_000_000)
    assert program(*asked, "--exit-code").code == 3
    assert program(*asked, "-o", "b.json").out == "written: b.json\n"
    assert json.loads((here / "b.json").read_text(encoding="utf-8"))["format"] == "makegood.budget/1"


def test_a_budget_of_a_past_period_is_what_it_came_to(program: Program) -> None:
    told = program("budget", *FEBRUARY)
    assert re.search(r"Certain +breached, credit 20\.00 EUR\n", told.out)
    assert re.search(r"Beside it +30 min excused\n", told.out)


def test_a_draft_is_replayed_in_every_form(here: Path, program: Program) -> None:
    shutil.copy(here / AGREEMENT, here / "draft.sla.md")
    mend(here / "draft.sla.md", "is: at least 99.9 %", "is: at least 99.5 %")
    mend(here / "draft.sla.md", "gives: 10 %", "gives: 15 %")
    asked = ["replay", AGREEMENT, "draft.sla.md", *INPUTS[1:], "--over", "2 months", *MARCH_2]
    text = program(*asked).out
    assert "acme-hosting  credit 20.00 EUR → none, −20.00 EUR" in text
    assert "is: at least 99.9 % → at least 99.5 %" in text
    assert "rows.1.gives: 10 % → 15 %" in text
    assert "−10.00 EUR  together beyond that" in text
    assert "met" in program(*asked, "--format", "table").out
    rows = list(csv.DictReader(StringIO(program(*asked, "--format", "csv").out)))
    assert [(r["period"], r["old least"], r["new most"], r["difference most"]) for r in rows] == [
        ("2026-01", "0", "0", "0"),
        ("2026-02", "20.00", "0.00", "-20.00"),
    ]
    found = ReplayDocument.model_validate_json(program(*asked, "--format", "json").out)
    assert [c.difference and c.difference.text for c in found.changes] == ["−20.00 EUR", "+10.00 EUR"]
    assert (found.remainder.text, found.together.difference.text) == ("−10.00 EUR", "−20.00 EUR")
    assert (program(*asked, "--exit-code").code, program(*asked[:2], AGREEMENT, *asked[3:], "--exit-code").code) == (
        0,
        3,
    )


def test_the_same_agreement_twice_differs_in_nothing(program: Program) -> None:
    told = program("replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--over", "2 months", *MARCH_2)
    assert "Nothing differs between the two." in told.out
    assert "credit 20.00 EUR → 20.00 EUR, no change" in told.out


def test_a_sentence_is_tried_without_a_draft(program: Program) -> None:
    told = program(
        *("replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--over", "2 months", *MARCH_2),
        *("--instead", "monthly-availability.is=at least 99.5 %"),
    )
    assert "with 1 change laid over it" in " ".join(told.out.split())
    assert "instead: monthly-availability" in told.out
    assert "Together  credit 20.00 EUR → none, −20.00 EUR" in told.out


def test_what_nobody_saw_is_a_range_on_both_sides_and_a_difference_run_by_run(here: Path, program: Program) -> None:
    mend(here / LOG, "2026-02-28T23:30:00+01:00,shop,up\n", "2026-02-15T12:00:00+01:00,shop,up\n")
    told = program(
        *("replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--over", "1 month", *MARCH_2),
        *("--instead", "credit-rows.rows.2.gives=20 %"),
    )
    assert "credit at least 20.00 EUR, at most 50.00 EUR → at least 20.00 EUR, at most 40.00 EUR" in " ".join(
        told.out.split()
    )
    assert "between −10.00 EUR and nothing" in told.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--down", "tomorrow"], ["`tomorrow` is no span of time"]),
        (["--down", "2026-02-20 10:00 to 09:00 Europe/Berlin"], ["ends before it starts"]),
        (
            ["--without", "N-9", "--reading", "x"],
            ["no fact has the id `N-9`", "did you mean `N-1`?", "chooses nothing"],
        ),
        (["--plan", "gold"], ["has no plan `gold`"]),
        (["--reading", "a.b=c"], ["has no reading `a.b`"]),
        (["--instead", "nothing"], ["neither a file nor a change"]),
        (["--instead", "monthly.is=1"], ["no rule `monthly`"]),
        (["--instead", "monthly-availability=1"], ["names no key"]),
        (["--instead", "monthly-availability.is="], ["gives no value"]),
        (["--instead", "monthly-availability.iz=1"], ["has no key `iz`"]),
        (["--instead", "credit-rows.rows.7.gives=1 %"], ["`7` in", "leads nowhere", "there are 1, 2"]),
        (["--instead", "monthly-availability.is=99.9 %"], ["which side of it is meant"]),
        (["--fee", "12"], ["does not say what the fee is for"]),
        (["--service", "shop"], ["a service alone supposes nothing"]),
        (["--service", "shp", "--down", "2026-02-20 10:00 to 11:00 Europe/Berlin"], ["no order covers", "`shop`"]),
        (["--suppose", "nowhere.facts.yaml"], ["nowhere.facts.yaml", "no such file"]),
    ],
)
def test_a_hypothesis_that_cannot_be_is_refused_with_a_repair(
    here: Path, program: Program, arguments: list[str], words: list[str]
) -> None:
    before = everything_in(here)
    told = program("what-if", *FEBRUARY, *arguments)
    assert (told.code, told.out) == (1, "")
    assert [word for word in words if word not in told.err] == []
    assert everything_in(here) == before


def test_supposed_facts_are_held_to_the_real_ones(here: Path, program: Program) -> None:
    (here / "x.facts.yaml").write_text(
        EARLIER.format(accepted="2026-02-05T07:00:00Z").replace("M-7", "M-77"), encoding="utf-8"
    )
    told = program("what-if", *FEBRUARY, "--suppose", "x.facts.yaml")
    assert told.code == 1
    assert "x.facts.yaml:2" in told.err
    assert "refers to an unknown maintenance" in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["what-if", *FEBRUARY], "nothing is supposed"),
        (["readings", AGREEMENT, "--period", "2026-02"], "--order names none"),
        (["readings", *INPUTS], "--period or --over"),
        (["readings", AGREEMENT, "--order", ORDER, "--period", "2026-02"], "--facts"),
        (["budget", *INPUTS, "--period", "2026-01..2026-02"], "one period"),
        (["budget", *FEBRUARY, "-o", "x.html"], "names no format"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_wrong_command_line(
    program: Program, arguments: list[str], words: str
) -> None:
    told = program(*arguments)
    assert (told.code, told.out) == (2, "")
    assert words in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--over", "soon"], "no length of time to look back over"),
        (["replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--until", "soon"], "is not a date"),
        (["replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--until", "2020-01-01"], "no whole period"),
        (["replay", AGREEMENT, "nowhere.sla.md", *INPUTS[1:]], "nowhere.sla.md"),
        (["replay", AGREEMENT, AGREEMENT, *INPUTS[1:], "--reading", "x=y"], "has no reading `x`"),
        (["budget", *INPUTS, "--period", "2026-12", "--as-of", "2026-03-02T00:00:00Z"], "has not begun"),
        (["budget", *INPUTS, "--as-of", "2029-03-02T00:00:00Z"], "does not cover"),
    ],
)
def test_a_question_about_what_is_not_there_is_refused(program: Program, arguments: list[str], words: str) -> None:
    told = program(*arguments)
    assert (told.code, told.out) == (1, "")
    assert words in told.err


def test_two_orders_of_one_id_are_refused(here: Path, program: Program) -> None:
    shutil.copy(here / ORDER, here / "again.order.yaml")
    told = program("budget", *INPUTS, "--order", "again.order.yaml", *MARCH_2)
    assert (told.code, told.out) == (1, "")
    assert "the order `acme-hosting` is given twice" in told.err


@pytest.mark.parametrize("what", ["readings", "what-if", "budget", "replay"])
def test_the_form_of_every_answer_is_published(program: Program, what: str) -> None:
    schema = json.loads(program("schema", what).out)
    assert schema["title"] == f"makegood.{what}/1"
    forms = [schema, *schema["$defs"].values()]
    lacking = [
        f"{form.get('title')}.{name}"
        for form in forms
        for name, field in form.get("properties", {}).items()
        if "description" not in field
    ]
    assert lacking == []
