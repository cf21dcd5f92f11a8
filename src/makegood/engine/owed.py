"""What is owed, in words and money: the credit lines of one run or of both, added up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.model.expression import Unit
from makegood.model.money import Money
from makegood.model.statement import Line
from makegood.model.terms import RemedyForm


def total(lines: Sequence[Line], form: RemedyForm = RemedyForm.CREDIT) -> Money | None:
    """The money of all lines of a form that are due, or None where there is none or an amount is unstated."""
    due = _due(lines, form)
    if any(line.unstated for line in due):
        return None
    return _money(due)


def owed(lines: Sequence[Line]) -> str:
    """The credit of one run, and charges beside it: `1,250.00 USD`, `10 days (328.77 USD)`, `unstated (clause …)`,
    `withheld (clause …)`, `held: 600.00 USD (clause …)` or `none`; the lines say what is unstated, and why something is
    withheld or held."""
    charge = total(lines, RemedyForm.CHARGE)
    beside = f", and a charge of {charge}" if charge else ""
    promised = [line for line in lines if line.form is RemedyForm.CREDIT]
    due = _due(lines, RemedyForm.CREDIT)
    held = [line for line in promised if line.held]
    if held and not due:
        return f"held: {', '.join(_parts(held))} (clause {held[0].clause}){beside}"
    if promised and not due:
        return f"withheld (clause {promised[0].clause}){beside}"
    return (", ".join(_parts(due)) or "none") + beside


def _parts(due: Sequence[Line]) -> list[str]:
    counted = {u: [x for x in due if x.days is not None and x.unit is u] for u in (Unit.DAYS, Unit.POINTS)}
    others = [line for line in due if line.days is None]
    parts = [_counted(lines, unit.value) for unit, lines in counted.items() if lines]
    money = _money([line for line in others if not line.unstated])
    parts += [str(money)] if money else []
    unstated = next((line for line in others if line.unstated), None)
    return [*parts, *([f"unstated (clause {unstated.unstated_clause or unstated.clause})"] if unstated else [])]


def _counted(lines: Sequence[Line], unit: str) -> str:
    days = sum((line.days for line in lines if line.days is not None), Fraction())
    number = str(days) if days.denominator == 1 else f"{days.numerator}/{days.denominator}"
    worth = _money(lines)
    price = " (worth unstated)" if any(line.unstated for line in lines) else f" ({worth})" if worth else ""
    return f"{number} {unit.removesuffix('s') if days == 1 else unit}{price}"


def between(favourable: Sequence[Line], unfavourable: Sequence[Line]) -> str:
    """The amount that both runs agree on, or its bounds: the least and the greatest of both."""
    a, b = owed(favourable), owed(unfavourable)
    if a == b:
        return a
    if _size(favourable) > _size(unfavourable):
        a, b = b, a
    return f"at most {b}" if a == "none" else f"at least {a}, at most {b}"


def _size(lines: Sequence[Line]) -> tuple[Fraction, Fraction]:
    """For ordering two runs: money first, then days; an unstated amount is at least something."""
    due = _due(lines, RemedyForm.CREDIT)
    money = _money(due)
    days = sum((line.days for line in due if line.days is not None), Fraction())
    unstated = Fraction(sum(1 for line in due if line.unstated))
    return (money.minor if money else Fraction()), days + unstated


def _due(lines: Sequence[Line], form: RemedyForm) -> list[Line]:
    return [line for line in lines if line.form is form and not line.withheld]


def _money(lines: Sequence[Line]) -> Money | None:
    money = [line.money for line in lines if line.money is not None]
    return Money(sum((m.minor for m in money), Fraction()), money[0].currency) if money else None
