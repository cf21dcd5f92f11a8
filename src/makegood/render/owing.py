"""What is owed and what changes of it, in words: money by currency, days, ranges where the unseen matters."""

from __future__ import annotations

from fractions import Fraction

from makegood.engine.sums import COUNTED, Between, Owed
from makegood.model.money import Money
from makegood.render.values import items, money, number


def in_unit(amount: Fraction, unit: str) -> str:
    """`1,250.00 USD`, `5 days` or `2 points`; below zero with a minus sign."""
    sign, size = ("−", -amount) if amount < 0 else ("", amount)
    if unit in COUNTED:
        return f"{sign}{number(size)} {unit.removesuffix('s') if size == 1 else unit}"
    return sign + money(Money(size, unit))


def changed_by(amount: Fraction, unit: str) -> str:
    """The same with a sign on both sides of nothing: `+1,250.00 USD`."""
    return f"{'+' if amount > 0 else ''}{in_unit(amount, unit)}"


def owed_words(owed: Owed) -> str:
    """All that is owed: `1,250.00 USD`, `at least 20.00 EUR, at most 50.00 EUR`, `none`, `2 credits unstated`."""
    parts = [_between(amount, unit) for unit, amount in owed.amounts.items()]
    parts += _unstated(owed.unstated, "unstated")
    return " and ".join(parts) or "none"


def change_words(change: Owed) -> str:
    """What is owed more or less: `+1,250.00 USD`, `between −20.00 EUR and +10.00 EUR`, `no change`."""
    parts = [_changed(amount, unit) for unit, amount in change.amounts.items()]
    for sign, says in ((1, "becoming unstated"), (-1, "no longer unstated")):
        count = Between(
            *(max(Fraction(), sign * n) for n in (change.unstated.favourable, change.unstated.unfavourable))
        )
        parts += _unstated(count, says)
    return " and ".join(parts) or "no change"


def _between(amount: Between, unit: str) -> str:
    if amount.least == amount.most:
        return in_unit(amount.least, unit)
    if not amount.least:
        return f"at most {in_unit(amount.most, unit)}"
    return f"at least {in_unit(amount.least, unit)}, at most {in_unit(amount.most, unit)}"


def _changed(amount: Between, unit: str) -> str:
    if amount.least == amount.most:
        return changed_by(amount.least, unit)
    least, most = (changed_by(x, unit) if x else "nothing" for x in (amount.least, amount.most))
    return f"between {least} and {most}"


def _unstated(count: Between, says: str) -> list[str]:
    if not count:
        return []
    least, most = int(count.least), int(count.most)
    many = items(most, "credit") if least == most else f"{least} to {items(most, 'credit')}"
    return [f"{many} {says}"]
