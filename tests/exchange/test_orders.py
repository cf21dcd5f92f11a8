from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from makegood.exchange.orders import ReadOrder, read_order
from makegood.model.money import Money
from makegood.model.order import OPEN_END, CoveredService, Fee, Term
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
    assert [rule.keys() for rule in read.instead] == [("rule", "evidence")]


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
