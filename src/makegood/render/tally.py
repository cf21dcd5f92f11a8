"""Statements counted and their credit added up, one after the other, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from makegood.model.money import Money
from makegood.model.statement import Verdict
from makegood.render.values import items, money


class Owing(Protocol):
    """What a statement says of its verdict and its credit."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def amount(self) -> str: ...
    @property
    def credit_least(self) -> Money | None: ...
    @property
    def credit_most(self) -> Money | None: ...


class Tally:
    """Counts of verdicts, and the credit in each currency; what is given in days or is unstated is counted apart."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.least: dict[str, Fraction] = {}
        self.most: dict[str, Fraction] = {}
        self.others: Counter[str] = Counter()

    def add(self, one: Owing) -> None:
        """Take in a statement."""
        self.verdicts[one.verdict] += 1
        known = [(self.least, one.credit_least), (self.most, one.credit_most)]
        if one.credit_least is None and one.credit_most is None:
            if one.amount != "none":
                why = (w for w in ("withheld", "held", "unstated") if one.amount.startswith(w))
                self.others[next(why, "not in money")] += 1
            return
        for sums, amount in known:
            if amount is not None:
                sums[amount.currency] = sums.get(amount.currency, Fraction()) + amount.minor

    def counted(self) -> str:
        """`10 met, 2 breached`."""
        return ", ".join(f"{self.verdicts[v]:,} {v.value}" for v in Verdict if self.verdicts[v])

    def credits(self) -> Iterator[str]:
        """The credit in each currency, with bounds where some of it is not exact, and what is not in these sums."""
        for currency in sorted({*self.least, *self.most}):
            least, most = (Money(sums.get(currency, Fraction()), currency) for sums in (self.least, self.most))
            yield money(least) if least == most else f"at least {money(least)}, at most {money(most)}"
        for reason, number in self.others.items():
            yield f"{items(number, 'statement')} with a credit that is {reason}"

    def summary(self) -> str:
        """`12 statements: 10 met, 2 breached. Credit 2,500.00 USD.`"""
        number = sum(self.verdicts.values())
        first = items(number, "statement") + (f": {self.counted()}." if number else ".")
        amounts = ", ".join(self.credits())
        if amounts and not self.least and not self.most:
            return f"{first} {amounts}."
        return f"{first} Credit {amounts}." if amounts else first
