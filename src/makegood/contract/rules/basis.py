"""`basis`: named money, whose fees, of when, prorated how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from makegood.contract import patterns, values
from makegood.contract.nodes import Keyed
from makegood.contract.patterns import whole
from makegood.contract.shape import Fields, Key, Report, from_words, mapped, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.terms import RECURRING, BasisRule, Before, FeesOf, FeesWhen

_WRITTEN = tuple(w.value for w in FeesWhen if w is not FeesWhen.BEFORE)


@dataclass(frozen=True, slots=True)
class _When:
    when: FeesWhen
    months: int = 0
    days: int = 0
    before: Before = Before.PERIOD


def _when(text: str) -> _When | Wrong:
    """One of the words, or `the 30 days before the claim`, `the 3 months before the period`."""
    if text in _WRITTEN:
        return _When(FeesWhen(text))
    events = "|".join(b.value for b in Before)
    if found := re.fullmatch(rf"the (?:([1-9][0-9]{{0,3}}) )?(month|day)s? before ({events})", text):
        count = int(found[1] or 1)
        months, days = (count, 0) if found[2] == "month" else (0, count)
        return _When(FeesWhen.BEFORE, months, days, Before(found[3]))
    known = ", ".join(f"`{w}`" for w in (*_WRITTEN, "the 30 days before the claim"))
    return Wrong(f"`{text}` does not say of when the fees are", "", f"known are: {known}")


_EVENTS = patterns.any_of(*(before.value for before in Before))
_BEFORE = f"the (?:[1-9][0-9]{{0,3}} )?(?:month|day)s? before {_EVENTS}"
_WHEN_SCHEMA = {"anyOf": [{"enum": list(_WRITTEN)}, {"type": "string", "pattern": whole(_BEFORE)}]}
FEES = Key("fees of", mapped(one_of(*(f.value for f in FeesOf)), FeesOf), "the services whose fees count")
WHEN: Key[_When | None] = Key(
    "for",
    optional(from_words("the time whose fees count", "the judged period", _when, schema=_WHEN_SCHEMA)),
    "the time whose fees count, and their spread; also `the 30 days before the claim`, or months, and before the "
    "period, its end, or the first outage",
)
KINDS = Key(
    "kinds",
    values.WORD_LIST,
    "which fees count: `recurring` ones, and charges by the names that the order gives them",
    (RECURRING,),
    like="[recurring, set-up]",
)
ALIKE = Key("alike in", values.WORDS, "only services that say the same of this as the affected one", "", like="region")
TABLE: tuple[Key[Any], ...] = (FEES, WHEN, KINDS, ALIKE)


def read(name: str, node: Keyed, report: Report) -> BasisRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a basis")
    when = fields.get(WHEN) or _When(FeesWhen.PERIOD)
    return BasisRule(
        name,
        report.clause,
        fields.get(FEES),
        when.when,
        fields.get(KINDS),
        fields.get(ALIKE),
        when.months,
        when.days,
        when.before,
    )
