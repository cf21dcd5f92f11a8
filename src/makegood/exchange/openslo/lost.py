"""What OpenSLO cannot say of an agreement, rule by rule, each with its clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from makegood.exchange.openslo.objectives import Lost
from makegood.model.detection import Begins, Ends
from makegood.model.spans import MINUTE
from makegood.model.terms import (
    Combined,
    Commitment,
    Counted,
    DetectRule,
    Each,
    EvidenceKind,
    MeasureKind,
    MeasureRule,
    OutageRule,
    RemedyForm,
    Rule,
    Strength,
    Terms,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Partial

_KINDS: Final = (
    ("excludes", "the excuse", "an objective excuses nothing"),
    ("limits", "the limit", "an objective has no credits and no excuses to limit"),
    ("counts", "the count", "an objective is about one window"),
    ("scales", "the table of credits", "an objective has no money"),
    ("bases", "the fees", "an objective has no money"),
    ("clocks", "the deadline", "an objective has no claims and no deadlines"),
    ("classes", "the classes", "an objective has no tickets"),
)


def lost_rules(terms: Terms) -> Iterator[Lost]:
    """Every rule that no objective can hold, in the order of the kinds; and the readings that were taken."""
    for field, what, why in _KINDS:
        rules = getattr(terms, field)
        for rule in rules.values() if isinstance(rules, Mapping) else rules:
            yield _of(rule, f"{what} `{rule.name}`", why)
    for remedy in terms.remedies.values():
        money = remedy.form in (RemedyForm.CREDIT, RemedyForm.CHARGE)
        why = "an objective has no money" if money else "nothing follows when an objective is missed"
        yield _of(remedy, f"the {remedy.form.value} `{remedy.name}`", why)
    for choice in terms.choices:
        why = "an objective has one meaning and no alternatives"
        yield Lost(f"clause {choice.clause}", f"the reading `{choice.id}`, taken as {choice.text}", why)


def lost_of_commitment(commitment: Commitment, terms: Terms) -> Iterator[Lost]:
    """What the SLO of a commitment does not say of it, of its measure, period, outages and detection."""
    measure, period = terms.measures[commitment.measure], terms.periods[commitment.period]
    if commitment.strength is not Strength.AIM:
        yield _of(
            commitment, f"that `{commitment.name}` is a {_force(commitment.strength)}", "an objective binds nobody"
        )
    if isinstance(commitment.target, Threshold) and commitment.target.side is Side.MORE_THAN:
        yield _of(
            commitment, f"the side of `more than {commitment.target.written}`", "an objective is met at its target"
        )
    if commitment.scope.combined is not Combined.ANY or commitment.scope.each is Each.ORDER:
        yield _of(commitment, "how services make up a subject", "an SLO names one service")
    where = f"clause {terms.period_clauses[commitment.period]}"
    if period.nominal is not None:
        yield Lost(where, f"the nominal length of `{period.name}`", "a window has its true length")
    if period.partial is not Partial.JUDGED:
        yield Lost(where, f"what becomes of a partial `{period.name}`", "a window says nothing of it")
    yield from _of_measure(measure)
    if measure.kind is MeasureKind.RATIO:
        outage = terms.outages[measure.of]
        yield from _of_outage(outage)
        yield from _of_detection(terms.detects[outage.detect])


def _of_measure(measure: MeasureRule) -> Iterator[Lost]:
    said = (
        (measure.service_hours, f"the service hours `{measure.service_hours}`", "a window has no hours"),
        (measure.rounding is not None, "the rounding of the figure", "figures are not rounded"),
        (measure.unknown, f"that what nobody saw counts as {measure.unknown}", "nothing is said of missing data"),
        (measure.credited, "that downtime is spent by a credit", "an objective has no credits"),
        (measure.source, f"that {measure.source} is the source that counts", "a query says it"),
        (measure.empty is not None, "what an empty interval counts", "nothing is said of slices without events"),
        (measure.kind is MeasureKind.MEAN and measure.interval is None, "the length of the intervals", "1m is written"),
    )
    return (_of(measure, what, why) for there, what, why in said if there)


def _of_outage(outage: OutageRule) -> Iterator[Lost]:
    said = (
        (outage.shortest is not None, f"that an outage counts if it lasts {outage.shortest}", "a slice is bad or not"),
        (outage.counted is Counted.BEYOND, "that the first part of an outage is up", "a slice is bad or not"),
        (outage.begins is Begins.CONFIRMATION, "that an outage begins when it is confirmed", "a slice is bad or not"),
        (outage.ends is Ends.CONFIRMATION, "that an outage ends when that is confirmed", "a slice is bad or not"),
        (outage.grain is not None and outage.grain_down != "any", "how much of a cell must be down", "it is whole"),
        (outage.grain is None, "time to the second", "time is cut into slices"),
        (outage.grain is not None and outage.grain % MINUTE, "the exact length of a cell", "slices are whole minutes"),
    )
    return (_of(outage, what, why) for there, what, why in said if there)


def _of_detection(detect: DetectRule) -> Iterator[Lost]:
    why = "how good slices are found is left to the source"
    if detect.evidence is not EvidenceKind.MEASUREMENTS:
        yield _of(detect, f"the detection `{detect.name}`: what is failing, from where, and how often", why)
    elif detect.source:
        yield _of(detect, f"that {detect.source} is the source that counts", why)


def _force(strength: Strength) -> str:
    return "promise" if strength is Strength.PROMISE else "promise of efforts"


def _of(rule: Rule, what: str, why: str) -> Lost:
    return Lost(f"clause {rule.clause}", what, why)
