"""What a file of another program brings meets what the folder holds: new, known already, or in contradiction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from makegood.app.given import Given, Manner, known_claims
from makegood.app.novelty import Claims, novelty
from makegood.app.weighing import weigh_measurements
from makegood.exchange.brought import Brought
from makegood.exchange.measurements import MeasurementRows
from makegood.exchange.moments import written
from makegood.exchange.observations import Observations
from makegood.exchange.status_log import StatusRows
from makegood.exchange.table import Rejections
from makegood.model.facts import UNKNOWN, AnyFact, Facts, Retraction, States
from makegood.model.problem import Place, Problem, error

Rows = TypeVar("Rows", StatusRows, Observations, MeasurementRows)

MOST_TOLD = 10
WORDS = ("up", "down", "unknown")


@dataclass(frozen=True)
class Met(Generic[Rows]):
    """The rows that are new, how many are known already, and a problem for each that contradicts what is known."""

    new: Rows
    duplicate: int
    clashes: tuple[Problem, ...]


def met_states(facts: Facts, brought: Brought, where: Place) -> Met[StatusRows]:
    """The reported states against those that the folder has from the same source.

    A source may have told an instant otherwise earlier: that its service was up within what it now calls an outage.
    The later telling would then count for a part of the outage only, and so it is refused.
    """
    assert brought.states is not None
    rows = _with_opening(facts, brought, brought.states)
    manner = Manner("status log", brought.source, "", "")
    subjects = tuple((service, brought.source) for service in rows.services)
    met = _met(facts, rows, Claims(rows.service, rows.at, rows.outcome), subjects, manner, where)
    otherwise = [problem for i, service in enumerate(rows.services)
                 for held in facts.states.get(service, ()) if held.source == brought.source
                 for problem in _told_otherwise(rows.only(rows.service == i), held, where)]  # fmt: skip
    return Met(met.new, met.duplicate, (*met.clashes, *otherwise[: MOST_TOLD - len(met.clashes)]))


def _with_opening(facts: Facts, brought: Brought, states: StatusRows) -> StatusRows:
    """The states with those of the beginning, save where the folder already knows what came before."""
    opening = brought.opening
    if opening is None or not len(opening):
        return states
    earliest = {
        service: min(int(s.at[0]) for s in held)
        for service, sources in facts.states.items()
        if (held := [s for s in sources if s.source == brought.source and len(s.at)])
    }
    first = np.array([earliest.get(service, 2**62) for service in opening.services], dtype=np.int64)
    kept = opening.only(opening.at <= first[opening.service])
    parts = [(getattr(kept, name), getattr(states, name)) for name in _COLUMNS]
    return StatusRows(states.services, *(np.concatenate(pair) for pair in parts))


_COLUMNS = ("row", "service", "at", "earliest", "outcome", "recorded")


def _told_otherwise(rows: StatusRows, held: States, where: Place) -> Iterator[Problem]:
    order = np.argsort(rows.at, kind="stable")
    at, earliest, outcome = rows.at[order], rows.earliest[order], rows.outcome[order]
    if not len(at):
        return
    inside = np.flatnonzero((held.at >= at[0]) & (held.at <= at[-1]) & ~np.isin(held.at, at))
    now = np.searchsorted(at, held.at[inside], side="right") - 1
    changing = np.append(earliest, 2**62)[now + 1] <= held.at[inside]
    differs = (outcome[now] != held.outcome[inside]) & (outcome[now] != UNKNOWN) & (held.outcome[inside] != UNKNOWN)
    for i, j in zip(inside[differs & ~changing].tolist(), now[differs & ~changing].tolist(), strict=True):
        what = (
            f"`{held.service}` ({held.source}) was {WORDS[int(held.outcome[i])]} at {written(int(held.at[i]))} by an "
        )
        what += f"earlier import, and this file says it was {WORDS[int(outcome[j])]} then"
        hint = "import the file with a --source of its own: then both are heard"
        yield error("evidence-contradicts", where, what, "the source tells another past now", hint)


def met_observations(facts: Facts, rows: Observations, where: Place) -> Met[Observations]:
    """The results of checks against those that the folder has of the same check and location."""
    subjects = tuple((check, place) for check in rows.checks for place in rows.locations)
    claims = Claims(rows.check * max(1, len(rows.locations)) + rows.location, rows.begun, rows.outcome)
    return _met(facts, rows, claims, subjects, Manner("observations", "", "", ""), where)


def met_measurements(facts: Facts, rows: MeasurementRows, where: Place) -> Met[MeasurementRows]:
    """What was measured against what the folder has of the same service, metric and source."""
    weighed = weigh_measurements(facts, rows)
    problems = [error("evidence-contradicts", where, weighed.why(at)) for at in weighed.wrong[:MOST_TOLD].tolist()]
    if len(weighed.wrong) > MOST_TOLD:
        problems.append(error("evidence-contradicts", where, f"{len(weighed.wrong) - MOST_TOLD:,} more contradict"))
    return Met(rows.only(weighed.new), int(weighed.duplicate.sum()), tuple(problems))


def _met(
    facts: Facts, rows: Rows, claims: Claims, subjects: tuple[tuple[str, str], ...], manner: Manner, where: Place
) -> Met[Rows]:
    known = known_claims(facts, Given(rows, claims, subjects, Rejections(), ()), manner)
    found = novelty(known, claims)
    against = np.flatnonzero(found.against >= 0).tolist()
    problems = list[Problem]()
    for at in against[:MOST_TOLD]:
        first, second = subjects[int(claims.subject[at])]
        what = f"`{first}` ({second}) at {written(int(claims.at[at]))} is {WORDS[int(claims.outcome[at])]}, "
        held = int(found.against[at]) < len(known)
        what += "and the folder holds otherwise" if held else "and otherwise in the same file"
        problems.append(error("evidence-contradicts", where, what, "one instant has one outcome"))
    if len(against) > MOST_TOLD:
        problems.append(error("evidence-contradicts", where, f"{len(against) - MOST_TOLD:,} more contradict"))
    return Met(rows.only(found.new), int(found.duplicate.sum()), tuple(problems))


def met_facts(facts: Facts, brought: Sequence[AnyFact]) -> tuple[list[AnyFact], int]:
    """The facts that are new, and how many the folder has already.

    A fact that was brought before and says something else now is a correction, under the same id with a number, and
    supersedes what the folder has; what was retracted there stays so.
    """
    groups = (facts.maintenances, facts.notices, facts.causes, facts.judgements, facts.standings, facts.retractions)
    held: dict[str, AnyFact] = {fact.id: fact for group in (*groups, facts.items) for fact in group}
    followed: dict[str, AnyFact] = {fact.supersedes: fact for fact in held.values() if fact.supersedes}
    fresh, duplicate = list[AnyFact](), 0
    for fact in brought:
        version = 1
        while _numbered(fact.id, version + 1) in held:
            version += 1
        last = held.get(_numbered(fact.id, version))
        if last is None:
            fresh.append(fact)
            continue
        end = last
        while end.id in followed:
            end = followed[end.id]
        if _same(last, fact) or isinstance(end, Retraction) or type(end) is not type(fact):
            duplicate += 1
        else:
            fresh.append(replace(fact, id=_numbered(fact.id, version + 1), supersedes=end.id))
    return fresh, duplicate


def _numbered(name: str, version: int) -> str:
    return name if version == 1 else f"{name}~{version}"


def _same(one: AnyFact, other: AnyFact) -> bool:
    """Whether two facts say the same, whoever recorded them and when."""
    plain = {"id": "", "recorded": 0, "by": "", "supersedes": ""}
    return bool(replace(one, **plain) == replace(other, **plain))  # type: ignore[arg-type]
