"""What lint finds: one small agreement, changed in one place for each finding; and the examples without a warning."""

from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.contract.written import Agreement
from makegood.model.problem import Problem, Severity

EXAMPLES = sorted([*Path("examples").glob("*/*.sla.md"), *Path("src/makegood/app/starter").glob("*.sla.md")])

BLOCKS = """\
agreement: terms
title: Terms
version: one
effective: 2026-01-01
provider: Someone

calendar: eastern
zone: America/New_York

calendar: office
zone: America/New_York
hours: Monday to Friday 09:00-17:00
holidays: US

period: month
is: calendar month
in: eastern

detect: monitoring
fails after: 3 failures

outage: downtime
from: monitoring

measure: uptime
of: downtime

target: promise
over: month
measures: uptime
is: at least 99.9 %

exclude: work
from: promise
what: maintenance
in: eastern
gates: {notice: at least 72 h}
clips: {within: Sunday 04:00-06:00}

class: severity
rows: [{is: P1, when: {impact: outage}}, {is: P2}]

clock: response
from: report received
allow: {by: severity, P1: 1 h, P2: 4 h}

scale: rows
rows:
  - {when: at least 99 % and below 99.9 %, gives: 10 %}
  - {when: below 99 %, gives: 25 %}

basis: fees
fees of: affected service
for: the judged period

remedy: credit
form: credit
when missed: promise
amount: rows x fees

limit: cap
on: credit
most: 25 % x fees
over: month

clock: claim
from: end of period
allow: 30 days
for: credit
in: eastern
who: customer

clock: answer
from: claim received
allow: 15 business days
for: credit
in: office
"""
TOP = "at least 99 % and below 99.9 %, gives: 10 %"
LOW = "below 99 %, gives: 25 %"
MORE = "for: credit\nin: office\n"

CASES: dict[str, tuple[str, str, str]] = {
    "tier-gap": ("below 99 %, gives", "at most 98.99 %, gives", "such as 98.995 %"),
    "tier-gap-below-target": ("below 99.9 %, gives", "below 99.5 %, gives", "just below the target of at least 99.9 %"),
    "tier-gap-at-bottom": (LOW, "at least 95 % and below 99 %, gives: 25 %", "less than 95 %"),
    "tier-shared-edge": (
        f"{{when: {TOP}}}\n  - {{when: {LOW}",
        "{when: from 99 % to 99.9 %, gives: 10 %}\n  - {when: at most 99 %, gives: 25 %",
        "99 % exactly is in two rows",
    ),
    "tier-nested": (TOP, "below 99.9 %, gives: 10 %", "in 2 rows"),
    "tier-overlap": (
        f"{{when: {LOW}",
        "{when: at least 90 % and below 99.5 %, gives: 25 %}\n  - {when: below 90 %, gives: 30 %",
        "overlap",
    ),
    "tier-tie": (LOW, "at least 50 % and below 99.9 %, gives: 25 %", "end at the same value"),
    "tier-above-target": (
        f"- {{when: {LOW}",
        f"- {{when: at least 99.95 %, gives: 1 %}}\n  - {{when: {LOW}",
        "is never reached",
    ),
    "tier-at-target": ("below 99.9 %, gives", "at most 99.9 %, gives", "99.9 % exactly meets the target"),
    "tier-past-target": ("below 99.9 %, gives", "below 99.95 %, gives", "reaches above the target"),
    "tier-never-decides": (
        f"- {{when: {LOW}",
        f"- {{when: otherwise, gives: 1 %}}\n  - {{when: {LOW}",
        "never decides",
    ),
    "tier-shrinks": ("gives: 25 %", "gives: 5 %", "shrinks from 10 % to 5 %"),
    "tier-never-paid": ("most: 25 %", "most: 20 %", "allows at most 20 %"),
    "limit-never-cuts": (
        "remedy: credit\n",
        "basis: all\nfees of: all services\nfor: the judged period\n\nremedy: credit\n",
        "can never cut",
    ),
    "tier-too-fine": (
        "below 99.9 %, gives: 10 %}",
        "below 99.5 %, gives: 10 %}\n  - {when: at least 99.99 % and below 99.995 %, gives: 5 %}\n"
        "  - {when: at least 99.5 % and below 99.99 %, gives: 5 %}",
        "no whole outage leads into",
    ),
    "allows-nowhere": ("is: at least 99.9 %", "is: at least 99.9 %\nallows: 43 min 50 s", "30 days 43 min 12 s"),
    "allows-rounded": ("is: at least 99.9 %", "is: at least 99.9 %\nallows: 43 min", "43 min 12 s with 12 s"),
    "target-finer-than-outage": (
        "from: monitoring\n",
        "from: monitoring\nshortest: at least 1 h\n",
        "the least that one outage adds is 1 h",
    ),
    "seen-not-counted": ("from: monitoring\n", "from: monitoring\nshortest: at least 5 min\n", "3 min is confirmed"),
    "shortest-leaves-nothing-out": (
        "from: monitoring\n",
        "from: monitoring\nshortest: at least 2 min\n",
        "leaves nothing out",
    ),
    "check-outlasts-slot": ("fails after", "answers within: 90 s\nfails after", "may take 1 min 30 s"),
    "business-without-calendar": ("for: credit\nin: office", "for: credit", "no calendar says"),
    "business-without-hours": ("in: office", "in: eastern", "has no hours"),
    "holidays-not-said": ("holidays: US\n", "", "no holidays are named"),
    "label-unknown": ("P2: 4 h", "P2: 4 h, P3: 8 h", "never gives `P3`"),
    "label-missing": (", P2: 4 h", "", "no time for `P2`"),
    "label-order": ("P2: 4 h", "P2: 5 min", "less than the 1 h of `P1`"),
    "claim-before-figures": (
        "from: end of period\nallow: 30 days",
        "from: outage begins\nallow: 30 days",
        "before anyone knows",
    ),
    "clock-never-starts": (
        "measure: uptime\nof: downtime\n",
        "measure: uptime\nis: mean of intervals\nmetric: requests\n\nmeasure: time\nof: downtime\n",
        "only time that is down has them",
    ),
    "claim-before-report": (
        MORE,
        MORE + "\nclock: monthly-report\nfrom: end of period\nallow: 45 days\n",
        "within 45 days",
    ),
    "answer-before-claim": (
        "from: claim received\nallow: 15 business days",
        "from: end of period\nallow: 5 days",
        "has 5 days",
    ),
    "deadline-contradiction": (
        MORE,
        MORE + "\nclock: other\nfrom: end of period\nallow: 45 days\nfor: credit\nwho: customer\n",
        "45 days from the same",
    ),
    "two-deadlines": (
        "in: eastern\nwho: customer\n",
        "in: eastern\nwho: customer\nrequires: claim\n\n"
        "clock: other\nfrom: end of period\nallow: 45 days\nfor: credit\nwho: customer\nrequires: proof\n",
        "45 days from the same",
    ),
    "window-in-clock-change": ("04:00-06:00", "02:00-06:00", "Sun 8 Mar 2026"),
    "never-excused": ("clips: {within", "clips: {lasting: at least 3 h, within", "is shorter than"),
    "lasting-beyond-window": ("clips: {within", "clips: {lasting: at most 3 h, within", "longer than the window"),
    "notice-upper-side": ("at least 72 h", "at most 72 h", "asks for late notice"),
    "excused-both-ways": ("of: downtime", "of: downtime\nexcused counts as: outside the ratio", "counts as up"),
    "unstated": ("allow: 30 days", "allow: unstated", "`allow` of `claim` is unstated"),
    "reading-without-choice": ("allow: 30 days", "allow: {among: [30 days, 45 days]}", "none is chosen"),
    "aim-with-credit": ("is: at least 99.9 %", "is: at least 99.9 %\nstrength: aim", "which is an aim"),
    "commitment-without-remedy": (
        MORE,
        MORE + "\ntarget: other\nover: month\nmeasures: uptime\nis: at least 90 %\n",
        "nothing follows when `other`",
    ),
    "row-takes-all": ("when: {impact: outage}", "says: any", "rows follow it"),
    "class-without-last-row": ("{is: P2}", "{is: P2, when: {impact: minor}}", "no label where no row holds"),
    "calendar-unused": (MORE, MORE + "\ncalendar: spare\nzone: UTC\n", "`spare`"),
    "class-unused": (MORE, MORE + "\nclass: spare\nrows: [{is: a}]\n", "`spare`"),
    "rule-unused": (MORE, MORE + "\nbasis: spare\nfees of: all services\nfor: the judged period\n", "`spare`"),
}


def document(blocks: str) -> str:
    fenced = "\n\n".join(f"```sla\n{block}\n```" for block in blocks.strip("\n").split("\n\n"))
    return f"# Terms {{#terms}}\n\n{fenced}\n"


def read(text: str) -> Agreement:
    agreement, problems = read_agreement(text.encode(), "terms.sla.md")
    assert agreement is not None, problems
    return agreement


def found(blocks: str) -> list[Problem]:
    aside = ("drift", "not-acted-on")
    return [p for p in lint(read(document(blocks))) if not p.code.startswith(aside)]


def test_the_agreement_that_the_cases_change_has_no_finding() -> None:
    assert found(BLOCKS) == []


def test_what_is_measured_in_intervals_is_not_confirmed_in_slots() -> None:
    detect = BLOCKS[BLOCKS.index("detect: monitoring") :].split("\n\n")[0]
    hot = "detect: monitoring\nreads: measurements\nmetric: temperature\ndown when: {value: more than 27 C}"
    changed = BLOCKS.replace(detect, hot).replace("from: monitoring\n", "from: monitoring\nshortest: at least 5 min\n")
    assert "seen-not-counted" not in {p.code for p in found(changed)}


def test_a_class_that_a_measure_asks_for_is_used() -> None:
    more = """

class: spare
rows: [{is: a}]

clock: spare-clock
from: report received
allow: 1 h

measure: part
is: share in time
of: spare-clock
items: ticket
where: {spare: a}

target: other
over: month
measures: part
is: at least 90 %
"""
    assert "class-unused" not in {p.code for p in found(BLOCKS.rstrip("\n") + more)}


@pytest.mark.parametrize("code", CASES)
def test_one_change_gives_the_finding_with_its_place_reason_and_repair(code: str) -> None:
    old, new, says = CASES[code]
    assert BLOCKS.count(old) >= 1
    changed = BLOCKS.replace(old, new, 1)
    if code == "limit-never-cuts":
        changed = changed.replace("25 % x fees", "25 % x all")
    if code == "clock-never-starts":
        changed = changed.replace("clock: claim\nfrom: end of period", "clock: claim\nfrom: first outage begins")
    if code == "excused-both-ways":
        changed = changed.replace("what: maintenance", "what: maintenance\ncounts as: up")
    if code == "tier-too-fine":
        changed = changed.replace("is: at least 99.9 %", "is: at least 99.995 %").replace(
            "from: monitoring\n", "from: monitoring\nshortest: at least 5 min\n"
        )
    problems = [p for p in found(changed) if p.code == code]
    assert problems, [(p.code, p.what) for p in found(changed)]
    problem = problems[0]
    assert says in problem.what + problem.why
    assert problem.why
    assert problem.hint
    assert problem.where.line > 4
    assert problem.where.clause == "terms"


def test_a_gap_that_declared_rounding_closes_is_none() -> None:
    gap = BLOCKS.replace("below 99 %, gives", "at most 98.99 %, gives")
    assert "tier-gap" in {p.code for p in found(gap)}
    assert found(gap.replace("of: downtime", "of: downtime\nrounded: 2 places")) == []


def test_an_edge_in_neither_row_is_found_as_exactly_that_value() -> None:
    edge = BLOCKS.replace("at least 99 % and below", "more than 99 % and below")
    assert [p.what for p in found(edge)] == ["no row holds exactly 99 %"]


def test_a_claim_from_the_first_outage_may_come_before_the_figures_too() -> None:
    blocks = BLOCKS.replace("from: end of period\nallow: 30 days", "from: first outage begins\nallow: 30 days")
    assert "claim-before-figures" in [p.code for p in found(blocks)]


@pytest.mark.parametrize("target", ["measures: uptime\nis: at least 100 %", "measures: heat\nis: at most 0 incidents"])
def test_a_claim_from_an_outage_that_is_itself_the_miss_does_not_come_too_early(target: str) -> None:
    blocks = BLOCKS.replace("from: end of period\nallow: 30 days", "from: outage begins\nallow: 30 days")
    blocks = blocks.replace("measures: uptime\nis: at least 99.9 %", target)
    blocks += "\nmeasure: heat\nis: count\nof: downtime\n" if "heat" in target else ""
    assert "claim-before-figures" not in [p.code for p in found(blocks)]


def test_a_clock_that_starts_when_nothing_is_out_of_reach_has_no_date() -> None:
    blocks = BLOCKS.replace("from: end of period\nallow: 30 days", "from: target is out of reach\nallow: 30 days")
    assert "clock-never-starts" not in [p.code for p in found(blocks)]
    of_time = blocks.replace("of: downtime\n\ntarget", "is: total time\nof: downtime\n\ntarget")
    of_time = of_time.replace("is: at least 99.9 %", "is: at most 4 h")
    assert "clock-never-starts" in [p.code for p in found(of_time)]
    either = of_time.replace("from: target is out of reach", "from: target is out of reach or claim received")
    assert "clock-never-starts" not in [p.code for p in found(either)]


def test_a_window_is_named_with_what_happens_on_the_next_dates() -> None:
    (problem,) = found(BLOCKS.replace("04:00-06:00", "02:00-06:00"))
    assert problem.what == "Sunday 02:00-06:00 of `work` meets a clock change on Sun 8 Mar 2026 and Sun 14 Mar 2027"
    assert "02:00 is skipped: clocks go forward from 02:00 to 03:00; the window starts at 03:00 EDT" in problem.why


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_has_no_error_and_no_warning(path: Path) -> None:
    graver = [p for p in lint(read(path.read_text(encoding="utf-8"))) if p.severity is not Severity.NOTE]
    assert graver == []
