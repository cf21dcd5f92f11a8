"""Problems with their source lines."""

from __future__ import annotations

import json

from makegood.model.problem import Place, error, note, warning
from makegood.render.problems import problems_json, problems_text

SOURCE = "exclude: work\nnotice: at least 72h   # comment\n"
UNIT = error(
    "unit-unknown",
    Place("northwind.sla.md", 2, 18, "2 Maintenance"),
    "“72h” has no unit.",
    "A unit stands after a space, so that 5 m is never taken for 5 min.",
    "72 h",
)
DRIFT = warning("drift", Place("northwind.sla.md", 1, 1), "The prose says 71 hours.")
PLAN = note("plan-missing", Place("order.yaml"), "No plan is named.")


def test_a_problem_shows_its_line_with_a_mark_below() -> None:
    assert problems_text([PLAN, UNIT, DRIFT], {"northwind.sla.md": SOURCE}, width=80) == (
        """\
warning drift  northwind.sla.md:1:1
  The prose says 71 hours.
    1 │ exclude: work
      │ ^

error unit-unknown  northwind.sla.md:2:18  clause 2 Maintenance
  “72h” has no unit.
    2 │ notice: at least 72h   # comment
      │                  ^
  why: A unit stands after a space, so that 5 m is never taken for 5 min.
 hint: 72 h

note plan-missing  order.yaml
  No plan is named.

1 error, 1 warning, 1 note
"""
    )


def test_none_is_said() -> None:
    assert problems_text([], {}) == "no problems\n"


def test_the_mark_stands_below_wide_and_hostile_letters() -> None:
    text = problems_text([error("x", Place("a", 1, 4), "here")], {"a": "日\x1bb!\n"})
    line, mark = text.splitlines()[2:4]
    assert line == "    1 │ 日\\x1bb!"
    assert mark.index("^") == len("    1 │ 日\\x1bb") + 1  # 日 is two columns wide


def test_a_long_line_is_cut_around_its_mark() -> None:
    source = "word " * 100 + "WRONG " + "word " * 100
    text = problems_text([error("x", Place("a", 1, 501), "here")], {"a": source}, width=80)
    line, mark = text.splitlines()[2:4]
    assert len(line) <= 80
    assert line[mark.index("^") :].startswith("WRONG")


def test_a_line_that_the_source_does_not_have_is_left_out() -> None:
    assert "│" not in problems_text([error("x", Place("a", 9, 9), "here")], {"a": "one\n"})


def test_hostile_words_do_nothing() -> None:
    text = problems_text([error("x", Place("a\x1b", 1, 1), "[red]\x1b[2J", "\u202e")], {"a\x1b": "\x1b[2J"}, color=True)
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert "[red]" in text


def test_json_has_every_problem_in_the_same_order() -> None:
    listed = json.loads(problems_json([PLAN, UNIT, DRIFT]))
    assert [p["code"] for p in listed] == ["drift", "unit-unknown", "plan-missing"]
    assert listed[1] == {
        "code": "unit-unknown",
        "severity": "error",
        "source": "northwind.sla.md",
        "line": 2,
        "column": 18,
        "clause": "2 Maintenance",
        "what": UNIT.what,
        "why": UNIT.why,
        "hint": UNIT.hint,
    }
