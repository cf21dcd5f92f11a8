"""Amounts: their units and currencies, what they do not ask, whose clause is cited, and charges beside credits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.whole import credited, line, one, order, problems, statements, watched

SCALE = "scale: credits\nrows:\n  - {when: at least 99.0 % and below 99.9 %, gives: unstated}\n"
DEEP = SCALE + "  - {when: below 99.0 %, gives: 25 %}"
NESTED = SCALE.replace("at least 99.0 % and below", "below") + "  - {when: below 99.0 %, gives: 25 %}"
ONE_HOUR, TEN_HOURS = "down 2026-04-10 10:00 to 11:00", "down 2026-04-10 10:00 to 20:00"
BOTH = NESTED + "\nrows that hold together: add up"


def paying(amount: str, more: str = "") -> str:
    return f"remedy: credit\nform: credit\nwhen missed: uptime\namount: {amount}\n{more}"


@pytest.mark.parametrize(
    ("scale", "down", "amount"),
    [
        (DEEP, TEN_HOURS, "250.00 USD"),
        (NESTED, TEN_HOURS, "250.00 USD"),
        (DEEP, ONE_HOUR, "unstated (clause 2. Credits)"),
        (NESTED, ONE_HOUR, "unstated (clause 2. Credits)"),
        (BOTH, TEN_HOURS, "unstated (clause 2. Credits)"),
    ],
    ids=("deeper", "deeper of two", "shallow", "shallow of two", "both add up"),
)
def test_an_unstated_row_spoils_only_what_it_counts_in(tmp_path: Path, scale: str, down: str, amount: str) -> None:
    assert one(tmp_path, scale, seen=watched(web=down)).amount == amount


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("if(availability < 95 %, 20 %, 10 %) x fees", "100.00 USD"),
        ("if(availability >= 95 %, 20 %, 10 %) x fees", "200.00 USD"),
        ("if(availability < 95 %, credits x fees, 30.00 USD)", "30.00 USD"),
        ("if(availability >= 95 %, 30.00 USD, credits x fees)", "30.00 USD"),
        ("if(availability < 95 %, 30.00 USD, credits x fees)", "unstated (clause 2. Credits)"),
    ],
)
def test_an_if_asks_only_the_amount_that_it_takes(tmp_path: Path, amount: str, expected: str) -> None:
    assert one(tmp_path, DEEP, paying(amount), seen=watched(web=ONE_HOUR)).amount == expected


@pytest.mark.parametrize("name", ["availability-of-all", "month"])
def test_an_amount_may_not_read_a_rule_that_is_no_amount(name: str) -> None:
    rules = ("count: misses\nof: uptime\nover: any 365 days\nin: local", paying(f"{name} x fees"))
    (found,) = problems(*rules)
    code = "unknown-name" if name == "availability-of-all" else "wrong-kind"
    assert found.startswith(code)


def test_an_amount_may_not_read_a_measure() -> None:
    measure = "measure: share\nis: ratio of time\nof: downtime"
    assert problems(measure, paying("share x fees")) == [
        "wrong-kind: `share` is a measure, and a scale, basis, count or target is needed here"
    ]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("100.00 USD + 50.00 EUR", "an amount mixes EUR and USD"),
        ("least(fees, 50.00 EUR)", "an amount mixes EUR and USD"),
        ("fees / 0 %", "an amount divides by nothing"),
        ("if(fees, fees, fees)", "the condition of an `if` is no comparison"),
        ("least(availability < 1, availability < 2)", "an amount reckons with a comparison"),
        ("(availability < 1) x fees", "an amount reckons with a comparison"),
    ],
)
def test_an_amount_that_cannot_be_worked_out_is_unstated(tmp_path: Path, amount: str, reason: str) -> None:
    found = one(tmp_path, paying(amount))
    assert line(found).unstated.startswith(reason)
    assert found.amount == "unstated (clause 2. Credits)"
    assert found.credit_most is None


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("10 %", "wrong-unit: the amount of `credit` counts share, and the remedy gives money"),
        ("credits", "wrong-unit: the amount of `credit` counts share, and the remedy gives money"),
        ("5 days", "wrong-unit: the amount of `credit` counts days, and the remedy gives money"),
        ("downtime", "wrong-unit: the amount of `credit` counts time, and the remedy gives money"),
        ("fees x fees", "unlike-amounts: the amount of `credit` multiplies money by money"),
        ("fees + 10 %", "unlike-amounts: the amount of `credit` puts money and share together"),
        ("fees + 5 days", "unlike-amounts: the amount of `credit` puts days and money together"),
        ("10 % / fees", "unlike-amounts: the amount of `credit` divides share by money"),
        ("downtime x fees / 1 h", "unlike-amounts: the amount of `credit` multiplies time by money"),
    ],
)
def test_an_amount_of_the_wrong_unit_is_refused_when_it_is_read(amount: str, says: str) -> None:
    assert problems(paying(amount)) == [says]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("fees x 10 %", "100.00 USD"),
        ("10 % x 10 % x fees", "10.00 USD"),
        ("fees / 3", "333.33 USD"),
        ("fees / fees x 5.00 USD", "5.00 USD"),
        ("sum(fees, fees, 1.00 USD)", "2,001.00 USD"),
        ("downtime / 1 h x 7.00 USD", "7.00 USD"),
        ("greatest(10 % x fees, 250.00 USD)", "250.00 USD"),
        ("shortfall x fees", "0.39 USD"),
    ],
)
def test_amounts_of_fitting_units_are_worked_out(tmp_path: Path, amount: str, expected: str) -> None:
    """An hour of 720: 719/720 is 0.0388… % below 99.9 %."""
    assert credited(one(tmp_path, paying(amount))) == [f"credit {expected}"]


def test_a_charge_stands_beside_the_credits_and_is_not_one(tmp_path: Path) -> None:
    charge = "remedy: fine\nform: charge\nwhen missed: uptime\namount: 40 USD"
    found = one(tmp_path, charge)
    assert credited(found) == ["credit 100.00 USD", "fine 40.00 USD"]
    assert found.amount == "100.00 USD, and a charge of 40.00 USD"
    assert found.credit_most is not None
    assert str(found.credit_most) == "100.00 USD"


def test_a_charge_alone_is_told_beside_no_credit(tmp_path: Path) -> None:
    found = one(tmp_path, paying("40 USD").replace("form: credit", "form: charge"))
    assert found.amount == "none, and a charge of 40.00 USD"


def test_the_clause_cited_is_that_of_the_line_that_is_unstated(tmp_path: Path) -> None:
    rules = (
        "## 3. A table that is missing {#missing}",
        "scale: later\nrows:\n  - {when: below 99.9 %, gives: unstated}",
        "## 4. Further credits {#further}",
        "remedy: more\nform: credit\nwhen missed: uptime\namount: later x fees",
    )
    found = one(tmp_path, *rules)
    assert found.amount == "100.00 USD, unstated (clause 3. A table that is missing)"
    assert line(found, "more").clause.id == "further"


def test_the_rows_told_are_those_of_the_tables_that_this_commitment_pays_by(tmp_path: Path) -> None:
    rules = (
        "target: strict\neach: service\nover: month\nmeasures: availability\nis: at least 99.99 %",
        "scale: others\nrows:\n  - {when: below 99.99 %, gives: 1 %}",
        "remedy: other\nform: credit\nwhen missed: strict\namount: others x fees",
    )
    found = statements(tmp_path, *rules)
    assert {name: s.unfavourable.tier for name, s in found.items()} == {
        "uptime web": "at least 99.0 % and below 99.9 %",
        "strict web": "below 99.99 %",
    }


@pytest.mark.parametrize(
    ("fee", "when", "reason"),
    [
        (
            "12,000.00 USD per term",
            "the judged period",
            "the order's term has no end, and its fee is for the whole term",
        ),
        (
            "1,000.00 USD per month",
            "the term, in equal parts",
            "the order's term has no end, so no fee of the term is known",
        ),
        ("1,000.00 USD per month", "the term, by days inside the period", "the order's term has no end"),
        ("1,000.00 USD per month", "one day of the renewal term", "the order has no renewal term yet"),
    ],
)
def test_fees_of_a_term_without_an_end_are_unstated_with_the_reason(
    tmp_path: Path, fee: str, when: str, reason: str
) -> None:
    services = order(f'{{service: web, fee: "{fee}"}}', term="from 2026-01-01")
    found = one(tmp_path, f"basis: fees\nfees of: affected service\nfor: {when}", of=services)
    assert line(found).unstated.startswith(reason)
    assert found.amount == "unstated (clause 2. Credits)"
