"""An amount of very many terms is one sum; operations that stand on one another without end are refused in words."""

from __future__ import annotations

import pytest

from makegood.contract.expressions import expression
from makegood.contract.wrong import Wrong
from makegood.model.expression import Operation, Operator


@pytest.mark.parametrize("sign", ["+", "-"])
def test_a_hundred_operations_may_stand_in_a_row_and_one_more_may_not(sign: str) -> None:
    row = f" {sign} ".join(["1.00 USD"] * 101)
    assert isinstance(expression(row), Operation)
    wrong = expression(f"{row} {sign} 1.00 USD")
    assert isinstance(wrong, Wrong)
    assert wrong.what == "the amount has more than 100 operations in a row"
    assert "sum(…)" in wrong.hint


def test_a_sum_may_have_any_number_of_terms() -> None:
    found = expression(f"sum({', '.join(['1.00 USD'] * 5000)})")
    assert isinstance(found, Operation)
    assert (found.operator, len(found.operands)) == (Operator.SUM, 5000)
