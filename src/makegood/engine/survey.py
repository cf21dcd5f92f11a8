"""Many cases judged in one sweep, as far as that goes: which of them surely meet their targets and so owe nothing.

Most periods of most orders do, and all that a replay or the price of a reading asks of those is that they do. The
others are judged by the chain, which also says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from makegood.calendar.period import NoSuchPeriod
from makegood.engine.chain import Key, all_time, cases_of
from makegood.engine.judge.case import Case, World
from makegood.engine.judge.outages import covered_hours
from makegood.engine.judge.totals import Ratios, SpansOf, holds, ratios, totals
from makegood.model.spans import Span, Spans, Times, Truths
from makegood.model.statement import RunName
from makegood.model.terms import Combined, Excess, MeasureKind, Strength, Terms
from makegood.model.threshold import Threshold
from makegood.model.when import Partial

Aim: TypeAlias = tuple[Threshold[Fraction], int | None]
"""A target, and the decimal places to which the ratio is rounded before it is held against it."""


@dataclass(frozen=True, eq=False)
class Survey:
    """Of each terms and period label that were asked for: the cases, and those of them that surely meet their targets,
    by commitment and subject."""

    found: dict[tuple[int, str], tuple[Terms, frozenset[Key], frozenset[Key]]]

    def met(self, terms: Terms, label: str) -> frozenset[Key]:
        """The cases that surely meet their targets and owe nothing."""
        return self.found[id(terms), label][2] if (id(terms), label) in self.found else frozenset()

    def all_met(self, terms: Terms, label: str, keys: Iterable[Key]) -> bool:
        """Whether the cases are those of some keys, each once, and all of them surely meet their targets."""
        asked = list(keys)
        _, every, met = self.found.get((id(terms), label), (terms, frozenset(), frozenset()))
        return bool(asked) and len(asked) == len(every) == len(met) and met == set(asked)


def survey(world: World, asked: Iterable[tuple[Terms, str]]) -> Survey:
    """Which cases of an order surely meet their targets, for any number of terms and period labels, in one sweep.

    Labels that are no period of the terms are left out.
    """
    cases: list[Case] = []
    parts: list[tuple[Terms, str, slice]] = []
    for terms, label in asked:
        with suppress(NoSuchPeriod):
            cases += (mine := cases_of(world, terms, label))
            parts.append((terms, label, slice(len(cases) - len(mine), len(cases))))
    met = surely_met(cases)
    found = {}
    for terms, label, part in parts:
        keys = [(c.commitment.name, c.subject) for c in cases[part]]
        sure = frozenset(key for key, yes in zip(keys, met[part].tolist(), strict=True) if yes)
        found[id(terms), label] = (terms, frozenset(keys), sure)
    return Survey(found)


def surely_met(cases: Sequence[Case]) -> Truths:
    """Whether each case meets its target in both runs and no money can stand in its statement, bool[n].

    False also where the sweep cannot tell: of measured figures, tickets and counts, of services whose times are added
    up, of a running period, and under limits that carry or hold credits over. The cases may be of many orders, terms
    and periods; a thousand cost little more than one.
    """
    found = np.zeros(len(cases), dtype=np.bool_)
    plain = [n for n, case in enumerate(cases) if is_plain(case)]
    if plain:
        swept = _Families([cases[n] for n in plain])
        found[plain] = swept.met(RunName.FAVOURABLE) & swept.met(RunName.UNFAVOURABLE)
    return found


def is_plain(case: Case) -> bool:
    """Whether a sweep over spans says all about the case's figure, and nothing is owed where that meets the target."""
    measure, commitment = case.measure, case.commitment
    return (
        measure.kind is MeasureKind.RATIO
        and measure.of in case.terms.outages
        and not measure.credited
        and case.item is None
        and commitment.scope.combined not in (Combined.POOLED, Combined.WEIGHTED)
        and commitment.strength is not Strength.AIM
        and isinstance(commitment.target, Threshold)
        and not case.running
        and not _carries_over(case.terms)
    )


def _carries_over(terms: Terms) -> bool:
    """Whether what one period owes may be paid in a later one, so that a period which is met may show a line."""
    return any(kept in (Excess.CARRIED, Excess.HELD) for limit in terms.limits for kept in (limit.excess, limit.below))


@dataclass(eq=False)
class _Families:
    """Cases by family: those that differ in nothing but their period have the same outages and excuses."""

    cases: Sequence[Case]

    def __post_init__(self) -> None:
        families: dict[tuple[int, int, str, str], list[Case]] = {}
        for case in self.cases:
            families.setdefault(_family(case), []).append(case)
        number = {key: n for n, key in enumerate(families)}
        self.families = list(families.values())
        self.periods = SpansOf(
            np.array([number[_family(case)] for case in self.cases], dtype=np.int64),
            np.array([(case.judged.start, case.judged.end) for case in self.cases], dtype=np.int64),
        )
        self.covered = SpansOf.each([_covered(cases) for cases in self.families])

    def met(self, run: RunName) -> Truths:
        """Whether each case meets its target in one run, bool[n]."""
        judged = [all_time(cases[0], run) for cases in self.families]
        found = totals(
            self.periods,
            self.covered,
            SpansOf.each([down.counted for _, down, _ in judged]),
            SpansOf.each([excused.up for _, _, excused in judged]),
            SpansOf.each([excused.outside for _, _, excused in judged]),
        )
        return self._held(ratios(found, self._lengths(found.covered)))

    def _lengths(self, covered: Times) -> Times:
        """The covered time, or the nominal length of a period that is covered whole, in microseconds."""
        found = covered.copy()
        for n, case in enumerate(self.cases):
            nominal = case.terms.periods[case.commitment.period].nominal
            if nominal is not None and covered[n] == covered_hours(case, Spans([case.span])).total:
                found[n] = nominal if covered[n] else 0
        return found

    def _held(self, values: Ratios) -> Truths:
        aims: dict[Aim, list[int]] = {}
        for n, case in enumerate(self.cases):
            aims.setdefault(_aim(case), []).append(n)
        found = np.zeros(len(self.cases), dtype=np.bool_)
        for (target, places), mine in aims.items():
            some = Ratios(values.numerator[mine], values.denominator[mine])
            found[mine] = holds(some, target, places)
        return found


def _family(case: Case) -> tuple[int, int, str, str]:
    return id(case.world), id(case.terms), case.commitment.name, case.subject


def _covered(cases: Sequence[Case]) -> Spans:
    """What the order covers of the periods of a family, inside the service hours."""
    one = cases[0]
    hull = Span(min(c.judged.start for c in cases), max(c.judged.end for c in cases))
    whole = one.terms.periods[one.commitment.period].partial is Partial.WHOLE
    return covered_hours(one, Spans([hull]) if whole else one.in_order(hull))


def _aim(case: Case) -> Aim:
    target, places = case.commitment.target, case.measure.rounding
    assert isinstance(target, Threshold)
    return target, None if places is None else places + 2
