"""What every family of findings stands on: the rules of one situation, typed and as written, and words for numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from makegood.calendar.period import periods, span_of
from makegood.calendar.wording import duration_words
from makegood.calendar.zone import MIDNIGHT, UnknownZone, Zone
from makegood.contract.binding import rules_for, terms_for
from makegood.contract.nodes import Keyed, Many, Node
from makegood.contract.numbers import decimal
from makegood.contract.written import Agreement, RawRule
from makegood.model.expression import Unit
from makegood.model.money import plain
from makegood.model.problem import Place
from makegood.model.spans import DAY, Duration, Span
from makegood.model.terms import Clause, Terms
from makegood.model.when import PeriodKind, PeriodRule

YEARS_SEEN = 4
"""So many years from the day of force, every length that a month, a quarter or a year can have occurs."""

EXAMPLE_MONTH: Duration = 30 * DAY


@dataclass(frozen=True)
class Situation:
    """What binds an order of one plan and deployment: terms, and the same rules as nodes, which know their places."""

    agreement: Agreement
    facts: Mapping[str, str]
    terms: Terms
    rules: Mapping[str, RawRule]

    def place(self, rule: str, *path: str | int) -> Place:
        """The place of a value of a rule, by its keys and the numbers of its list items; as near as it is written."""
        found = self.rules.get(rule)
        if found is None:
            return Place(self.agreement.document.source)
        node: Node | None = found.node
        at = found.node.place
        for step in path:
            if isinstance(node, Keyed):
                node = node.get(str(step))
            elif isinstance(node, Many) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
            if node is None:
                break
            at = node.place
        return at

    def writes(self, rule: str, key: str) -> bool:
        """Whether the rule has this key, rather than leaving it to its default."""
        found = self.rules.get(rule)
        return found is not None and found.node.get(key) is not None


def situations(agreement: Agreement) -> Iterator[Situation]:
    """Every combination of plan and deployment whose terms can be read."""
    for facts in agreement.situations():
        terms, _ = terms_for(agreement, facts)
        if terms is not None:
            yield Situation(agreement, facts, terms, {rule.name: rule for rule in rules_for(agreement, facts)})


def clause_words(clause: Clause) -> str:
    """A clause as a sentence names it: `clause 4 Service credits`."""
    return f"clause {clause}"


def share_words(share: Fraction) -> str:
    """A share as an agreement writes it: `98.995 %`; one without an end is cut after nine digits, with `…`."""
    hundred = share * 100
    cut = Fraction(int(hundred * 10**9), 10**9)
    return f"{decimal(cut)} %" if cut == hundred else f"{decimal(cut)}… %"


def length_words(length: Fraction | Duration) -> str:
    """A length as `43 min 12 s`; one without an end is cut to microseconds, with `…`."""
    return duration_words(length)


def amount_words(amount: Fraction, unit: Unit, currency: str = "") -> str:
    """An amount of a row as it is written."""
    match unit:
        case Unit.MONEY if currency:
            return f"{plain(amount, currency)} {currency}"
        case Unit.DAYS:
            return f"{decimal(amount)} day" + ("" if amount == 1 else "s")
        case Unit.POINTS:
            return f"{decimal(amount)} point" + ("" if amount == 1 else "s")
        case _:
            return share_words(amount)


def example_words(amounts: tuple[Fraction, ...], unit: Unit) -> str:
    """What shares come to in money: `100.00 or 250.00 of each 1,000.00 of fees`; nothing for other units."""
    if unit is not Unit.SHARE:
        return ""
    return " or ".join(plain(1000 * 100 * a, "USD") for a in amounts) + " of each 1,000.00 of fees"


def lengths_of(rule: PeriodRule, since: date) -> tuple[Duration, ...]:
    """Every length that the rule's periods have, the shortest first; with clock changes, or the nominal one."""
    if rule.nominal is not None:
        return (rule.nominal,)
    try:
        zone = Zone.named(rule.zone)
    except UnknownZone:
        zone = Zone.named("UTC")
    first = date(min(max(since.year, 1971), 2400), 1, 1)
    over = Span(zone.instant(first, MIDNIGHT), zone.instant(date(first.year + YEARS_SEEN, 1, 1), MIDNIGHT))
    spans = (span_of(p) for p in periods(_zoned(rule, zone), over))
    return tuple(sorted({span.length for span in spans if span.length}))


def length_name(length: Duration, kind: PeriodKind) -> str:
    """A period's length in words: `30 days`, `30 days and 1 h`, `744 h`."""
    days, rest = divmod(length, DAY)
    if kind is PeriodKind.DAY or not days:
        return length_words(length)
    if DAY - rest < DAY // 12:
        return f"{days + 1} days less {length_words(DAY - rest)}"
    return f"{days} days" + (f" and {length_words(rest)}" if rest else "")


def _zoned(rule: PeriodRule, zone: Zone) -> PeriodRule:
    return replace(rule, zone=zone.name)
