"""What an agreement shares with OpenSLO: one SLO for each commitment and service; and what is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from makegood.exchange.openslo.lost import lost_of_commitment, lost_rules
from makegood.exchange.openslo.objectives import API, Lost, Method
from makegood.exchange.openslo.windows import written_window
from makegood.model.order import CoveredService, Order
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration
from makegood.model.terms import FAILED, Commitment, Each, EvidenceKind, MeasureKind, MeasureRule, Terms
from makegood.model.threshold import Side, Threshold

SOURCE: Final = "makegood"
"""The type of the metric sources that are written: they name a metric of measurements, or an outage rule."""

_LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True)
class Slices:
    """How time is cut: the method, the length of a slice and what it needs to be good, where there are slices."""

    method: Method
    length: Duration | None = None
    needed: Fraction | None = None


def openslo_objects(terms: Terms, order: Order) -> tuple[list[dict[str, Any]], list[Lost]]:
    """The objects for one order, services first; and everything that they do not say, each with its clause."""
    lost: list[Lost] = []
    slos: list[dict[str, Any]] = []
    named: dict[str, str] = {}
    for commitment in terms.commitments.values():
        where = f"clause {commitment.clause}"
        if why := _not_an_objective(commitment, terms):
            lost.append(Lost(where, f"the commitment `{commitment.name}`", why))
            continue
        lost += lost_of_commitment(commitment, terms)
        for service in _services(commitment, order):
            named.setdefault(service.name, service.title)
            slos.append(_slo(commitment, service, terms, order))
    services = [_object("Service", name, title, {}) for name, title in named.items()]
    return [*services, *slos], [*lost, *lost_rules(terms)]


def slices_of(measure: MeasureRule, terms: Terms) -> Slices | None:
    """How a measure makes up its figure, in OpenSLO's words; None where it has none for it."""
    match measure.kind:
        case MeasureKind.COUNTS:
            return Slices(Method.OCCURRENCES)
        case MeasureKind.MEAN if not measure.value or measure.unit == "%":
            return Slices(Method.RATIO_SLICES, measure.interval or MINUTE)
        case MeasureKind.RATIO:
            outage = terms.outages[measure.of]
            detect = terms.detects[outage.detect]
            if detect.evidence is not EvidenceKind.MEASUREMENTS:
                slot = detect.every if detect.evidence is EvidenceKind.OBSERVATIONS else MINUTE
                return Slices(Method.SLICES, outage.grain or slot, Fraction(1))
            if len(detect.bad) == 1 and _is_share(detect.bad[0].quantity, detect.bad[0].bad, detect.bad[0].times):
                return Slices(Method.SLICES, outage.grain or MINUTE, 1 - detect.bad[0].bad.edge)
    return None


def _is_share(quantity: str, bad: Threshold[Fraction], times: str) -> bool:
    return quantity == FAILED and bad.side is Side.MORE_THAN and not times and bad.edge < 1


def _not_an_objective(commitment: Commitment, terms: Terms) -> str:
    """Why a commitment cannot be said as an objective, or nothing."""
    measure, target = terms.measures[commitment.measure], commitment.target
    if not isinstance(target, Threshold):
        return "an objective has a number as its target"
    if slices_of(measure, terms) is None:
        return f"an objective is a share of good events or slices, and not a {measure.kind.value}"
    if target.side not in (Side.AT_LEAST, Side.MORE_THAN):
        return "an objective has a least share, and no most"
    if target.edge >= 1:
        return "an objective is below 100 %"
    if commitment.scope.each.item is not None:
        return f"an objective is about a service, and not each {commitment.scope.each.value}"
    return ""


def _services(commitment: Commitment, order: Order) -> Iterator[CoveredService]:
    """The services of the order that a commitment is about: whole ones, or of instances each part; or the order."""
    scope = commitment.scope
    if scope.each is Each.ORDER and len(order.services) > 1:
        yield CoveredService(order.id, order.customer, (), ())
        return
    wholes = {service.part_of for service in order.services} - {""}
    for service in order.services:
        part = bool(service.part_of) if scope.each is Each.SERVICE else service.name in wholes
        staged = service.stage in scope.not_stages
        instance = scope.only_instances and service.instance not in scope.only_instances
        said = all(service.fact(name, order.term.first) in words for name, words in scope.only.items())
        if not (part or staged or instance) and said:
            yield service


def _slo(commitment: Commitment, service: CoveredService, terms: Terms, order: Order) -> dict[str, Any]:
    measure, target = terms.measures[commitment.measure], commitment.target
    slices = slices_of(measure, terms)
    assert slices is not None
    assert isinstance(target, Threshold)
    goal: dict[str, Any] = {"displayName": commitment.name, "targetPercent": Fraction(target.edge) * 100}
    if slices.needed is not None:
        goal["timeSliceTarget"] = slices.needed
    if slices.length is not None:
        goal["timeSliceWindow"] = _short(slices.length)
    spec = {
        "description": f"clause {commitment.clause} of {terms.title}, version {terms.version}",
        "service": service.name,
        "indicator": _indicator(measure, terms),
        "timeWindow": [written_window(terms.periods[commitment.period], order.term.first)],
        "budgetingMethod": slices.method.value,
        "objectives": [goal],
    }
    return _object("SLO", f"{service.name}-{commitment.name}", f"{service.title}: {commitment.clause.title}", spec)


def _indicator(measure: MeasureRule, terms: Terms) -> dict[str, Any]:
    """The SLI inline: the columns of a metric, or the states that an outage rule makes."""
    if measure.kind is MeasureKind.RATIO:
        outage = terms.outages[measure.of]
        detect = terms.detects[outage.detect]
        metric = detect.metric or outage.name
        if detect.evidence is not EvidenceKind.MEASUREMENTS:
            name, ratio = outage.name, {"rawType": "success", "raw": _source({"states": outage.name})}
            return {"metadata": {"name": _dns(name)}, "spec": {"ratioMetric": ratio}}
        good, valid = "good", "valid"
    else:
        metric, good, valid = measure.metric, measure.good, measure.valid
    if measure.value:
        ratio = {"rawType": "success", "raw": _source({"metric": metric, "column": measure.value})}
        return {"metadata": {"name": _dns(metric)}, "spec": {"ratioMetric": ratio}}
    counted = {
        "counter": False,
        "good": _source({"metric": metric, "column": good}),
        "total": _source({"metric": metric, "column": valid}),
    }
    return {"metadata": {"name": _dns(metric)}, "spec": {"ratioMetric": counted}}


def _source(spec: dict[str, str]) -> dict[str, Any]:
    return {"metricSource": {"type": SOURCE, "spec": spec}}


def _object(kind: str, name: str, title: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": _dns(name), "displayName": title}, "spec": spec}


def _dns(name: str) -> str:
    """A name as OpenSLO has it: at most 63 lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_NAME].strip("-") or "unnamed"


def _short(length: Duration) -> str:
    for unit, letter in ((7 * DAY, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if length % unit == 0:
            return f"{length // unit}{letter}"
    return f"{max(1, round(Fraction(length, MINUTE)))}m" if length >= SECOND else "1m"
