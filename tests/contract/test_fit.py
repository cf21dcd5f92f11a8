"""Rules that name others which count something else, or which lead back to themselves."""

import re

import pytest

from makegood.app.starting import STARTER
from makegood.contract.agreement import read_agreement
from makegood.contract.binding import terms_for
from tests.docs.test_language_examples import embedded

BASE = (STARTER / "hosting.sla.md").read_text(encoding="utf-8")
CLOCK = "clock: answer\nfrom: report received\nallow: 1 h\nin: office\nstops at: answer\n"


def told(*rules: str) -> list[str]:
    """The errors of the starter with these rules, as code and sentence."""
    agreement, problems = read_agreement(embedded(rules).encode(), "a.sla.md")
    if agreement is not None:
        _, found = terms_for(agreement, {})
        problems = [*problems, *(p for p in found if p not in problems)]
    return [f"{p.code}: {p.what}" for p in problems if p.severity == "error"]


CASES = {
    "a ratio of time is of an outage": (
        (CLOCK, "measure: availability\nis: ratio of time\nof: answer\n"),
        "wrong-kind: `is: ratio of time` is a figure of an outage, and `answer` is none",
    ),
    "what is elapsed is of a clock": (
        ("measure: taking\nis: elapsed\nof: downtime\n",),
        "wrong-kind: `is: elapsed` is a figure of a clock, and `downtime` is none",
    ),
    "a mean of periods is of shares": (
        (
            "measure: total\nis: total time\nof: downtime\n",
            "measure: two\nis: mean of periods\nof: total\nperiods: 2\n",
        ),
        "wrong-kind: a mean of periods is one of shares, and `total` is a total time",
    ),
    "a key that the kind does not read": (
        ("measure: availability\nis: ratio of time\nof: downtime\nmetric: requests\n",),
        "unused-key: `is: ratio of time` does not read `metric`",
    ),
    "a figure that needs a column": (
        ("measure: most\nis: greatest\nmetric: latency\n",),
        "missing-key: `is: greatest` needs `value`, which is not written",
    ),
    "a count of nothing": (
        ("measure: many\nis: count\n",),
        "missing-key: a count says either `of`, for outages, or `items`, for tickets and the like",
    ),
    "a share against a length": (
        ("target: monthly-availability\nover: month\nmeasures: availability\nis: at most 4 h\n",),
        "wrong-unit: the target is a length of time, and `availability` measures a share",
    ),
    "in time is of a clock": (
        ("target: monthly-availability\nover: month\nmeasures: availability\nis: in time\n",),
        "wrong-unit: `availability` is a ratio of time, and only what is elapsed can be in time",
    ),
    "one ticket has no share": (
        ("target: monthly-availability\neach: ticket\nover: month\nmeasures: availability\nis: at least 99 %\n",),
        "wrong-scope: a statement about one ticket or the like measures what is elapsed, and what is elapsed is that "
        "of one",
    ),
    "a clock that is a multiple of itself": (
        (CLOCK.replace("1 h", "2 x other"), CLOCK.replace("answer\nfrom", "other\nfrom").replace("1 h", "2 x answer")),
        "clock-circle: `answer` is a multiple of itself",
    ),
    "an amount that counts itself": (
        (
            "count: credits\nof: credit\nover: 3 periods\n",
            "remedy: credit\nform: credit\nwhen missed: monthly-availability\namount: credits x 10.00 EUR\n",
        ),
        "amount-circle: the amount of `credit` rests on itself",
    ),
    "an amount that counts itself by way of its own commitment": (
        (
            "count: credits\nof: [credit]\n",
            "measure: credits-given\nis: count\nof: credits\n",
            "target: few-credits\nover: month\nmeasures: credits-given\nis: below 1 credit\n",
            "remedy: credit\nform: credit\nwhen missed: few-credits\namount: 10.00 EUR\n",
        ),
        "amount-circle: the amount of `credit` rests on itself",
    ),
    "tables that look themselves up": (
        (
            "scale: points\nof: levels\nrows:\n  - {when: otherwise, gives: 1 point}\n",
            "scale: levels\nof: points\nrows:\n  - {when: otherwise, gives: 1 point}\n",
        ),
        "scale-circle: `points` looks its value up in itself",
    ),
    "rows that could never hold": (
        ("scale: long-outages\nof: downtime\nrows:\n  - {when: below 95 %, gives: 5 %}\n",),
        "wrong-unit: the rows are about a share, and `downtime` is a length of time",
    ),
    "rows of a unit that is no money": (
        (
            "basis: spend\nfees of: all services\nfor: the judged period\n",
            "scale: bands\nof: spend\nrows:\n  - {when: below 500 USX, gives: 5 %}\n",
        ),
        "wrong-unit: the rows are about a number, and `spend` is an amount of money",
    ),
    "a kind of figure that there is not": (
        ("measure: availability\nis: ratio of tim\nof: downtime\n",),
        "unknown-word: no such word can stand here: `ratio of tim`",
    ),
    "a credit that follows from a count": (
        (
            "count: misses\nof: monthly-availability\nover: 3 periods\n",
            "remedy: again\nform: credit\nwhen count: {of: misses, is: at least 2}\namount: 10.00 EUR\n",
        ),
        "no-miss: a credit follows from a miss, and this from `when count`",
    ),
    "rows about different things": (
        ("scale: credit-rows\nrows:\n  - {when: below 95 %, gives: 5 %}\n  - {when: at least 4 h, gives: 5 %}\n",),
        "mixed-edges: the rows are about different things",
    ),
    "a part without steps": (
        (
            "scale: credit-rows\nrows:\n  - {when: below 95 %, gives: 5 %}\n"
            "rows that hold together: count for their part\n",
        ),
        "no-step: a row that counts for its part gives something for each step of it",
    ),
    "a limit of nothing": (
        ("limit: half\non: credit\n",),
        "missing-key: a limit says none of `most`, `least` and `one of them`",
    ),
    "days of no place": (
        ("count: misses\nof: monthly-availability\nover: any 90 days\n",),
        "missing-key: a count over days does not say `in`",
    ),
    "measurements without conditions": (
        ("detect: status-log\nreads: measurements\nmetric: requests\n",),
        "missing-key: a detection that reads measurements does not say `down when`",
    ),
    "all downtime excused": (
        ("exclude: maintenance\nfrom: monthly-availability\nwhat: downtime\n",),
        "missing-key: an exclusion of downtime does not say `unless caused by`",
    ),
    "an event that nobody knows": (
        (CLOCK.replace("report received", "call received"),),
        "unknown-event: no clock starts from `call received`",
    ),
    "events joined in two ways": (
        (CLOCK.replace("report received", "report received and error reproduced or order ends"),),
        "unknown-event: `report received and error reproduced or order ends` mixes `and` with `or`",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_that_does_not_fit_is_told(name: str) -> None:
    rules, says = CASES[name]
    assert says in told(*rules)


def test_the_starter_fits() -> None:
    assert told() == []
    assert re.search(r"^clock: ", BASE, re.MULTILINE)
