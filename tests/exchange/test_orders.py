from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from makegood.exchange.orders import ReadOrder, read_order
from makegood.model.money import Money
from makegood.model.order import OPEN_END, CoveredService, Fee, Renews, Term
from makegood.model.when import Allowance, DayCount
from tests.exchange.cases import bad, expected, good, told

NORTHWIND = good("orders", "northwind.order.yaml")


def order_of(raw: bytes) -> ReadOrder:
    order, problems = read_order(raw, "an.order.yaml")
    assert told(problems) == ""
    assert order is not None
    return order


def test_an_order_is_read_as_written() -> None:
    read = order_of(NORTHWIND)
    order = read.order
    assert (order.id, order.agreement) == ("northwind-hosting", "harbour-networking")
    assert (order.customer, order.provider) == ("Northwind Traders", "Harbour Networking")
    assert order.zone == "America/New_York"
    assert order.term == Term(date(2025, 7, 1), date(2026, 6, 30))
    assert order.renewals == (Term(date(2026, 7, 1), date(2027, 6, 30)),)
    assert order.plans == ((date(2025, 7, 1), "standard"), (date(2026, 2, 10), "premier"))
    assert order.contacts == ("ops@northwind.example",)
    assert order.readings == {"downtime.begins": "confirmation"}
    dollars = Money(Fraction(1_250_000), "USD")
    assert order.services[0] == CoveredService(
        "web", "Web hosting", ("web-http",), (Fee(dollars, "month", date(2025, 7, 1)),)
    )
    assert [fee.starts for fee in order.services[1].fees] == [date(2025, 7, 1), date(2026, 2, 1)]
    assert [rule.keys() for rule in read.instead] == [("rule", "evidence", "document")]


def test_a_term_may_have_no_end_and_a_fee_starts_with_its_service() -> None:
    order = order_of(good("orders", "open-ended.order.yaml")).order
    assert order.term == Term(date(2026, 3, 1), OPEN_END)
    assert order.services[0].fees == (Fee(Money(Fraction(30_000), "EUR"), "year", date(2026, 4, 1)),)


def test_the_digest_is_of_the_bytes() -> None:
    import hashlib

    assert order_of(NORTHWIND).order.digest == hashlib.sha256(NORTHWIND).hexdigest()
    assert order_of(NORTHWIND + b"\n").order.digest != order_of(NORTHWIND).order.digest


def test_every_line_of_an_order_matters() -> None:
    """Leaving out a key changes the order or is refused: no key is read and forgotten."""
    lines = NORTHWIND.decode().splitlines(keepends=True)
    whole = order_of(NORTHWIND).order
    for number, line in enumerate(lines):
        if line.startswith((" ", "services", "readings", "instead")):
            continue
        order, problems = read_order("".join(lines[:number] + lines[number + 1 :]).encode(), "an.order.yaml")
        assert problems or (order and order.order != whole), line


@pytest.mark.parametrize("path", bad("orders"), ids=lambda p: p.name)
def test_a_bad_order_is_refused_with_every_problem_at_once(path: Path) -> None:
    order, problems = read_order(path.read_bytes(), path.name)
    assert order is None
    assert told(problems) == expected(path)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xff\xfeo\0", "text-not-utf-8"),
        (b"order: \xe9", "text-not-utf-8"),
        (b"order: a\x00b", "text-control-character"),
        (b"order: a\norder: b\n", None),
        (b"order: &a x\nagreement: *a\n", None),
        (b"order: [", None),
    ],
)
def test_bytes_that_are_no_strict_yaml_are_refused(raw: bytes, code: str | None) -> None:
    order, problems = read_order(raw, "an.order.yaml")
    assert order is None
    assert code is None or problems[0].code == code
    assert problems


RENEWING = b"""order: o
agreement: a
customer: c
provider: p
zone: UTC
term: 2026-01-01 to 2026-12-31
%s
services: [{service: web}]
"""


def test_renewals_are_read_as_written() -> None:
    more = b"renewal term: [2027-01-01 to 2027-06-30, 2027-07-01 to 2027-12-31]\n"
    renews = b"renews: {for: 12 months, notice: 3 months, late notice: postpones it, at most: 3 times}"
    order = order_of(RENEWING % (more + renews)).order
    assert [t.last for t in order.agreed] == [date(2026, 12, 31), date(2027, 6, 30), date(2027, 12, 31)]
    months = DayCount.MONTHS
    assert order.renews == Renews(Allowance(12, months), Allowance(3, months), postponed=True, most=3)
    assert order_of(RENEWING % b"renews: {for: 6 weeks}").order.renews == Renews(Allowance(6, DayCount.WEEKS))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("renewal term: 2026-12-31 to 2027-12-30", "inside the term, which lasts until 2026-12-31"),
        ("renewal term: 2027-01-02 to 2027-12-31", "nothing covers 2027-01-01"),
        (
            "renewal term: [2027-01-01 to 2027-06-30, 2027-06-30 to 2027-12-31]",
            "inside the term, which lasts until 2027-06-30",
        ),
        ("renewal term: [from 2027-01-01, 2028-01-01 to 2028-12-31]", "the term before it has no end"),
        ("renewal term: from 2027-01-01\nrenews: {for: 12 months}", "its last term has no end"),
        ("renewal term: 2027", "`2027` is no term"),
        ("renews: {notice: 30 days}", "does not say `for`"),
        ("renews: 12 months", "how an order renews"),
        ("renews: {for: 8760 h}", "is no length of a term"),
        ("renews: {for: 0 months}", "has no dates"),
        ("renews: {for: 12 business days}", "is no length of a term"),
        ("renews: {for: 12 months, notice: 5 business days}", "cannot be counted for an order"),
        ("renews: {for: 12 months, notice: -1 days}", "-1 days"),
        ("renews: {for: 12 months, late notice: postpones it}", "not which notice is late"),
        ("renews: {for: 12 months, notice: 1 day, late notice: maybe}", "no such word can stand here"),
        ("renews: {for: 12 months, at most: 0 times}", "does not say how often"),
        ("renews: {for: 12 months, until: 2028-01-01}", "until"),
    ],
)
def test_a_bad_renewal_is_refused(more: str, says: str) -> None:
    order, problems = read_order(RENEWING % more.encode(), "an.order.yaml")
    assert order is None
    assert says in told(problems)


def test_a_service_may_begin_in_a_renewal_term() -> None:
    for more, warned in (("", True), ("renews: {for: 12 months}", False), ("renews: {for: 1 month}", False)):
        raw = (RENEWING % more.encode()).replace(b"{service: web}", b"{service: web, from: 2027-03-01}")
        _, problems = read_order(raw, "an.order.yaml")
        assert bool(problems) is warned
