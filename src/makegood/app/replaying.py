"""Use case: the price of a sentence. History judged again under a draft, order by order and change by change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from makegood.app.asked_periods import lately
from makegood.app.drafts import Draft, apply, parts_of, together, under
from makegood.app.judging import Docket, binding, world_at
from makegood.app.refusals import NO_SUCH_PERIOD
from makegood.contract.written import Agreement
from makegood.engine.comparing import Compared, compared
from makegood.engine.judge.case import World
from makegood.engine.lifetime import lifetime
from makegood.engine.replaying import Attributed, Replay
from makegood.engine.statement import state
from makegood.engine.survey import survey
from makegood.engine.worth import surely_alike
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant
from makegood.model.statement import Statement
from makegood.model.terms import Terms


def replay(
    dockets: Sequence[Docket], draft: Draft, over: str, until: date | None, at: Instant
) -> tuple[Replay, list[Problem]]:
    """Judge the history of every order under its agreement and the draft; and what is worth saying about the draft.

    Evidence is read once for both. Raises Refused where the draft cannot bind one of the orders, with all the reasons.
    """
    if len(dockets[0].agreements) > 1:
        what = "a draft is held against one version of an agreement, and here are several"
        raise Refused([error("several-versions", Place("OLD"), what, "", "name the file of one version")])
    news, problems = [], list[Problem]()
    for docket in dockets:
        new, found = under(docket, draft)
        news.append(new)
        problems += [p for p in found if p not in problems]
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems)
    groups = together(parts_of(dockets[0].agreement, draft), dockets, draft)
    pairs: list[Compared] = []
    alone: list[list[Compared]] = [[] for _ in groups]
    for docket, new in zip(dockets, news, strict=True):
        world = world_at(docket, at)
        pairs += _compared(world, docket, new, _history(docket, new, over, until, at))
        for n, (parts, why) in enumerate(groups):
            if len(groups) > 1 and not why:
                mixed, _ = apply(docket, parts, draft)
                alone[n] += _unlike(world, docket, mixed, _history(docket, mixed, over, until, at))
    if len(groups) == 1:  # all of the draft, which has been judged
        groups, alone = [(groups[0][0], "")], [pairs]
    attributed = [
        Attributed(tuple(p.change for p in parts), () if why else tuple(alone[n]), why)
        for n, (parts, why) in enumerate(groups)
    ]
    attributed.sort(key=lambda a: (not a.refused, a.difference.size, a.changed), reverse=True)
    laid = len(draft.instead) + len(draft.readings)
    new_name = _named(draft.agreement) + (
        f", with {laid} {'change' if laid == 1 else 'changes'} laid over it" if laid else ""
    )
    return Replay(_named(dockets[0].agreement), new_name, tuple(pairs), tuple(attributed)), problems


def _named(agreement: Agreement) -> str:
    return f"{agreement.header.title}, version {agreement.header.version}"


def _history(old: Docket, new: Docket, over: str, until: date | None, at: Instant) -> list[str]:
    """The periods of both sides, those of the old one first."""
    terms = lifetime(old.order, old.facts.known_at(at))
    return list(dict.fromkeys(label for d in (old, new) for label in lately(d.terms, terms, over, until, at)))


def _compared(world: World, old: Docket, new: Docket, history: Sequence[str]) -> Iterator[Compared]:
    for label in history:
        yield from compared(_judged(world, old, label), _judged(world, new, label))


def _unlike(world: World, old: Docket, new: Docket, history: Sequence[str]) -> Iterator[Compared]:
    """Where a change may make a difference: not in the periods that one sweep shows to be met, as they were."""
    bound = {label: terms for label in history if (terms := _terms(world, new, label)) is not None}
    surveyed = survey(world, [(terms, label) for label, terms in bound.items()])
    for label in history:
        before = _judged(world, old, label)
        if label not in bound or not surely_alike(before, bound[label], label, surveyed):
            yield from compared(before, _judged(world, new, label))


def _judged(world: World, docket: Docket, label: str) -> tuple[Statement, ...]:
    """The statements of a period; none where the agreement cuts time otherwise. They are made once in a world."""
    terms = _terms(world, docket, label)
    if terms is None:
        return ()
    made = world.once((_judged, id(terms), label), lambda: (terms, state(world, terms, label, (), explain=False)))
    return made[1].statements


def _terms(world: World, docket: Docket, label: str) -> Terms | None:
    """The terms of a period; None where the agreement cuts time otherwise."""
    try:
        return binding(world, docket, label)[1]
    except Refused as refused:
        if [p.code for p in refused.problems] == [NO_SUCH_PERIOD]:
            return None
        raise
