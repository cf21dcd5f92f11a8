"""The values of an order file: zones, terms, fees, plans, readings and the overlay, each read from its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from makegood.calendar.zone import UnknownZone, Zone, known_zones
from makegood.contract import numbers, patterns
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.patterns import whole
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, list_of, mapped, mapping_of, one_of
from makegood.contract.values import DAY, MONEY, NAME
from makegood.contract.wrong import Wrong
from makegood.exchange.documents import ID
from makegood.exchange.moments import did_you_mean
from makegood.model.money import Money
from makegood.model.order import OPEN_END, Charge, Invoice, Pin, Renews, Said, Term
from makegood.model.problem import Place
from makegood.model.when import Allowance, DayCount

PER = ("month", "quarter", "year", "term")
_LY = {"monthly": "month", "quarterly": "quarter", "yearly": "year", "annually": "year", "annum": "year"}


@dataclass(frozen=True, slots=True)
class Price:
    """An amount per month, quarter, year or term, before it is known from when."""

    amount: Money
    per: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A value from a date on, or from the beginning where no date is written, with its place for problems."""

    starts: date | None
    value: Price | str
    place: Place


def _zone(text: str) -> str | Wrong:
    try:
        return Zone.named(text).name
    except UnknownZone as unknown:
        return Wrong(f"`{unknown.name}` {unknown.reason}", "", did_you_mean(unknown.suggestions))


def _term(text: str) -> Term | Wrong:
    open_end = text.startswith("from ") and " to " not in text
    first, to, last = (text.removeprefix("from "), "to", "") if open_end else text.partition(" to ")
    if not to:
        if isinstance(numbers.day(text), date):
            return Wrong(f"`{text}` is only one date of a term", "", f"write `from {text}` if no last date is agreed")
        return Wrong(f"`{text}` is no term", "a term has a first and a last date", "write `2025-07-01 to 2026-06-30`")
    start = numbers.day(first)
    end = OPEN_END if open_end else numbers.day(last)
    if isinstance(start, Wrong):
        return start
    if isinstance(end, Wrong):
        return end
    if end < start:
        return Wrong(f"the term `{text}` ends before it starts", "both dates are inside it", "exchange the two dates")
    return Term(start, end)


def _price(text: str) -> Price | Wrong:
    found = re.fullmatch(r"(.+?) (?:per|a|an|each|every)? ?([a-z]+)", text)
    per = found[2] if found else ""
    if not found or per not in PER:
        hint = f"write `per {_LY[per]}`" if per in _LY else "write for example `12,500.00 USD per month`"
        return Wrong(f"`{text}` does not say what the fee is for", "a fee is per month, quarter, year or term", hint)
    if f" per {per}" not in text:
        return Wrong(f"`{text}` is no fee", "", f"write `{found[1]} per {per}`")
    amount = numbers.money(found[1])
    if isinstance(amount, Wrong):
        return amount
    if amount.minor < 0:
        return Wrong(f"the fee `{text}` is negative", "credits are worked out from fees", "write what is paid")
    return Price(amount, per)


def _pin(text: str) -> Pin | Wrong:
    """`at order start until renewal`, `2026-01-01 until renewal`, or either without its end."""
    which = text.removesuffix(" until renewal").strip()
    if not which or which == "until renewal":
        return Wrong(f"`{text}` names no version", "", "write `at order start until renewal`, or the name of a version")
    return Pin("" if which == "at order start" else which, text.endswith(" until renewal"))


VERSION: Shape[Pin] = from_words("the version that is kept", "at order start until renewal", _pin)
ZONE: Shape[str] = from_words("the name of a zone", "America/New_York", _zone, schema={"enum": sorted(known_zones())})
TERM: Shape[Term] = from_words(
    "two dates, both inside",
    "2025-07-01 to 2026-06-30",
    _term,
    whole(f"{patterns.DATE} to {patterns.DATE}", f"from {patterns.DATE}"),
)
TERMS: Shape[tuple[Term, ...]] = list_of(TERM)


def _length(text: str) -> Allowance | Wrong:
    found = numbers.allowance(text)
    if isinstance(found, Wrong):
        return found
    if found.unit not in (DayCount.DAYS, DayCount.WEEKS, DayCount.MONTHS):
        return Wrong(f"`{text}` is no length of a term", "a term has whole dates", "write for example `12 months`")
    if not found.count:
        return Wrong(f"a term of `{text}` has no dates", "", "write for example `12 months`")
    return found


def _before_the_end(text: str) -> Allowance | Wrong:
    found = numbers.allowance(text)
    if isinstance(found, Allowance) and found.unit in (DayCount.BUSINESS_DAYS, DayCount.BUSINESS_TIME):
        why = "an order has no calendar of business days"
        return Wrong(f"`{text}` cannot be counted for an order", why, "write for example `30 days`")
    return found


def _times(text: str) -> int | Wrong:
    found = re.fullmatch(r"([1-9][0-9]{0,3}) times?|(once)", text)
    if found is None:
        return Wrong(f"`{text}` does not say how often", "", "write `once` or for example `3 times`")
    return int(found[1] or 1)


_LENGTHS = whole(f"{patterns.NUMBER}{patterns.SPACE}(days?|weeks?|months?)")
_POSTPONED = {"postpones it": True, "is without effect": False}
_FOR = Key("for", from_words("the length of a term", "12 months", _length, _LENGTHS), "how long each renewal term is")
_NOTICE: Key[Allowance | None] = Key(
    "notice",
    mapped(from_words("a length of time", "30 days", _before_the_end, whole(patterns.ALLOWANCE)), lambda value: value),
    "how long before the end of a term a notice of non-renewal must be received; by its end where not written",
    None,
)
_LATE = Key(
    "late notice", one_of(*_POSTPONED), "whether a notice that is too late ends the next term", "is without effect"
)
_MOST: Key[int | None] = Key(
    "at most",
    mapped(from_words("a number of times", "3 times", _times, r"^([1-9][0-9]{0,3} times?|once)$"), lambda value: value),
    "how often it renews; without an end where not written",
    None,
)
RENEWS_TABLE: tuple[Key[Any], ...] = (_FOR, _NOTICE, _LATE, _MOST)


def _renews(node: Keyed, report: Report) -> Renews | None:
    before = len(report.problems)
    fields = Fields(node, RENEWS_TABLE, report, "a renewal")
    length, notice, most = fields.get(_FOR), fields.get(_NOTICE), fields.get(_MOST)
    late = fields.get(_LATE)
    if node.get("late notice") is not None and node.get("notice") is None:
        what, why = "this says what a late notice does, and not which notice is late", "any before the end is in time"
        place = (node.get("late notice") or node).place
        report.error("missing-key", place, what, why, "write `notice`, or take `late notice` away")
    return Renews(length, notice, _POSTPONED[late], most) if len(report.problems) == before else None


RENEWS: Shape[Renews] = mapping_of("how an order renews", "{for: 12 months, notice: 30 days}", _renews, RENEWS_TABLE)
PRICE: Shape[Price] = from_words(
    "a fee", "12,500.00 USD per month", _price, whole(f"{patterns.MONEY} per {patterns.any_of(*PER)}")
)


def _dated(says: str, example: str, name: str, value: Shape[Price | str]) -> Shape[tuple[Dated, ...]]:
    """One value for the whole time, or a list of values each with the date it starts."""
    starts = Key("from", DAY, "the first date on which it holds")
    named = Key(name, value, "what holds from then on")

    def read_step(node: Keyed, report: Report) -> Dated | None:
        before = len(report.problems)
        fields = Fields(node, (starts, named), report, says)
        step = Dated(fields.get(starts), fields.get(named), node.place)
        return step if len(report.problems) == before else None

    steps = list_of(
        mapping_of(says, f"{{from: 2025-07-01, {name}: {example}}}", read_step, (starts, named)), single=False
    )

    def read(node: Node, report: Report) -> tuple[Dated, ...] | None:
        if isinstance(node, Text):
            only = value.read(node, report)
            return None if only is None else (Dated(None, only, node.place),)
        return steps.read(node, report)

    return Shape(says, example, read, {"anyOf": [value.schema, steps.schema]})


def _either(value: Price | str) -> Price | str:
    return value


PLAN = _dated("a plan", "premier", "plan", mapped(ID, _either))
FEE = _dated("a fee", "12,500.00 USD per month", "fee", mapped(PRICE, _either))


_STEP_FROM = Key("from", DAY, "the first date on which it holds")
_STEP_IS = Key("is", ID, "what holds from then on")
STEP_TABLE: tuple[Key[Any], ...] = (_STEP_FROM, _STEP_IS)


def _step(node: Keyed, report: Report) -> tuple[date | None, str] | None:
    before = len(report.problems)
    fields = Fields(node, STEP_TABLE, report, "a dated fact")
    step = fields.get(_STEP_FROM), fields.get(_STEP_IS)
    return step if len(report.problems) == before else None


_STEPS = list_of(mapping_of("a dated fact", "{from: 2026-02-01, is: 50}", _step, STEP_TABLE), single=False)


def _says(node: Keyed, report: Report) -> tuple[Said, ...]:
    """Facts by their names, each in words, as a number, or as a list of what holds from which date on."""
    found: list[Said] = []
    for key, value in node.entries:
        if isinstance(value, Many):
            steps = _STEPS.read(value, report)
            if steps:
                found.append(Said(key.text, tuple(sorted(steps, key=lambda step: step[0] or date.min))))
        elif (words := ID.read(value, report)) is not None:
            found.append(Said(key.text, ((None, words),)))
    return tuple(found)


SAYS: Shape[tuple[Said, ...]] = mapping_of(
    "facts by their names", "{region: EMEA, seats: 120}", _says, values={"anyOf": [ID.schema, _STEPS.schema]}
)

_KIND = Key("kind", ID, "what is charged, such as set-up or usage")
_ON = Key("on", DAY, "its date")
_AMOUNT = Key("amount", MONEY, "how much it is")
_INVOICE = Key("invoice", ID, "its number")
CHARGE_TABLE: tuple[Key[Any], ...] = (_KIND, _ON, _AMOUNT)
INVOICE_TABLE: tuple[Key[Any], ...] = (_INVOICE, _ON, _AMOUNT)


def _charge(node: Keyed, report: Report) -> Charge | None:
    before = len(report.problems)
    fields = Fields(node, CHARGE_TABLE, report, "a charge")
    charge = Charge(fields.get(_KIND), fields.get(_ON), fields.get(_AMOUNT))
    return charge if len(report.problems) == before else None


def _invoice(node: Keyed, report: Report) -> Invoice | None:
    before = len(report.problems)
    fields = Fields(node, INVOICE_TABLE, report, "an invoice")
    invoice = Invoice(fields.get(_INVOICE), fields.get(_ON), fields.get(_AMOUNT))
    return invoice if len(report.problems) == before else None


CHARGES = list_of(mapping_of("a charge", '{kind: set-up, on: 2026-01-05, amount: "500.00 USD"}', _charge, CHARGE_TABLE))
INVOICES = list_of(
    mapping_of("an invoice", '{invoice: I-7, on: 2026-03-31, amount: "1,000.00 USD"}', _invoice, INVOICE_TABLE)
)


def _readings(node: Node, report: Report) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(node, Keyed):
        what = "expected readings by their ids"
        report.error("wrong-shape", node.place, what, "", "write `downtime.begins: confirmation` below `readings:`")
        return None
    chosen = [(name.text, ID.read(value, report)) for name, value in node.entries]
    return tuple((name, choice) for name, choice in chosen if choice is not None)


READINGS: Shape[tuple[tuple[str, str], ...]] = Shape(
    "readings by their ids",
    "{downtime.begins: confirmation}",
    _readings,
    {"type": "object", "additionalProperties": ID.schema},
)


def _overlay(node: Node, report: Report) -> tuple[Keyed, ...] | None:
    """The exceptions of an order to named rules, not read further: only the agreement knows its rules."""
    rules: list[Keyed] = []
    for item in node.items if isinstance(node, Many) else (node,):
        if not isinstance(item, Keyed):
            report.error("wrong-shape", item.place, "expected an exception to a rule", "", "write `- rule: its-name`")
        elif item.get("rule") is None:
            why = "an order may only change a rule that the agreement has"
            report.error("missing-key", item.place, "this exception does not say `rule`", why, "write `rule: its-name`")
        else:
            rules.append(item)
    return tuple(rules)


_EXCEPTION = {
    "type": "object",
    "properties": {"rule": NAME.schema, "document": ID.schema, "clause": ID.schema},
    "required": ["rule"],
    "minProperties": 2,
}
OVERLAY: Shape[tuple[Keyed, ...]] = Shape(
    "exceptions to named rules",
    "[{rule: monthly-uptime, is: at least 99.95 %}]",
    _overlay,
    {"anyOf": [{"type": "array", "items": _EXCEPTION}, _EXCEPTION]},
)
