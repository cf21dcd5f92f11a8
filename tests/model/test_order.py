"""An order: which plan holds on a date."""

from datetime import date

import pytest

from makegood.model.order import CoveredService, Order, Term

PLANS = ((date(2026, 1, 1), "essentials"), (date(2026, 4, 1), "enterprise"))


def order(plans: tuple[tuple[date, str], ...]) -> Order:
    term = Term(date(2026, 1, 1), date(2026, 12, 31))
    web = CoveredService("web", "Web", (), ())
    return Order("o", "a", "c", "p", "UTC", term, (web,), plans)


@pytest.mark.parametrize(
    ("day", "plan"),
    [
        (date(2025, 12, 31), "essentials"),
        (date(2026, 1, 1), "essentials"),
        (date(2026, 3, 31), "essentials"),
        (date(2026, 4, 1), "enterprise"),
        (date(2030, 1, 1), "enterprise"),
    ],
)
def test_a_plan_holds_from_its_date_until_the_next(day: date, plan: str) -> None:
    assert order(PLANS).plan_on(day) == plan


def test_an_order_may_have_no_plan() -> None:
    assert order(()).plan_on(date(2026, 1, 1)) == ""


def test_a_service_is_found_by_its_name() -> None:
    found = order(()).service("web")
    assert found is not None
    assert found.title == "Web"
    assert order(()).service("shop") is None
