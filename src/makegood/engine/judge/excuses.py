"""Excuses: which down time an agreement's exclusions take out, item by item, with every condition tried (DESIGN 3.7).

They are worked out over all known time, since limits by instances and hours run across periods; a statement takes the
part inside its period.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from makegood.calendar.wording import duration_words
from makegood.engine.judge.allowed import Allowed, Asking, within
from makegood.engine.judge.case import Case
from makegood.engine.judge.gates import clip, tried
from makegood.engine.judge.outages import Down
from makegood.model.facts import EVER, Cause, Maintenance
from makegood.model.spans import END_OF_TIME, Spans, at_least
from makegood.model.statement import Excuse, GateResult
from makegood.model.terms import CountsAs, ExcludeRule, LimitRule


@dataclass(frozen=True, eq=False)
class Excused:
    """All excuses of a subject in one run, and the time they grant: as up time, and out of the ratio."""

    excuses: tuple[Excuse, ...]
    expected: tuple[tuple[str, GateResult], ...]
    up: Spans
    outside: Spans


def excuse(case: Case, down: Down) -> Excused:
    """Apply every exclusion of the commitment: unlimited ones first, then in document order; a second only once."""
    rules = [r for r in case.terms.excludes if case.commitment.name in r.commitments]
    limited = {name for limit in case.terms.limits for name in limit.on}
    granting = _Granting(case, down, dict(down.by_service))
    for rule in rules:
        if rule.name not in limited:
            granting.grant(rule, granting.ask(rule), Allowed())
    for together in _sharing([r for r in rules if r.name in limited], case.terms.limits):
        asked = {r.name: granting.ask(r) for r in together}
        allowed = {name: Allowed() for name in asked}
        for limit in case.terms.limits:
            sharing = [a for name in limit.on for a in asked.get(name, []) if a.passes and len(a.asked)]
            cut = within(limit, sharing, case)
            allowed |= {name: allowed[name] & cut for name in limit.on if name in allowed}
        for rule in together:
            granting.grant(rule, asked[rule.name], allowed[rule.name])
    taken = down.counted - at_least(case.quorum, list(granting.left.values()))
    effective = [_effective(e, taken) for e in granting.excuses]
    up, outside = granting.up & taken, (granting.outside & taken) - granting.up
    return Excused(_without_other_kinds(effective), tuple(granting.expected), up, outside)


def _sharing(rules: Sequence[ExcludeRule], limits: Sequence[LimitRule]) -> list[list[ExcludeRule]]:
    """Exclusions that share a limit are asked together; the others one after another, of what is still left."""
    groups: list[list[ExcludeRule]] = []
    for rule in rules:
        kin = {name for limit in limits if rule.name in limit.on for name in limit.on}
        joined = [g for g in groups if any(r.name in kin for r in g)]
        groups = [g for g in groups if g not in joined] + [[*(r for g in joined for r in g), rule]]
    return sorted(groups, key=lambda g: rules.index(g[0]))


def _effective(excuse: Excuse, taken: Spans) -> Excuse:
    """What an excuse really takes out: not the time in which something else of the same subject was down."""
    part = excuse.excused & taken
    lost = excuse.excused.total - part.total
    if not lost:
        return excuse
    why = f"{excuse.why}; in {duration_words(lost)} of it something else was down"
    return replace(excuse, excused=part, granted=bool(len(part)), why=why)


@dataclass(eq=False)
class _Granting:
    """Exclusions being applied one after another; `left` is the down time of each service that is not yet excused."""

    case: Case
    down: Down
    left: dict[str, Spans]
    excuses: list[Excuse] = field(default_factory=list)
    expected: list[tuple[str, GateResult]] = field(default_factory=list)
    up: Spans = field(default_factory=Spans)
    outside: Spans = field(default_factory=Spans)

    def ask(self, rule: ExcludeRule) -> list[Asking]:
        """What every item under an exclusion asks for, the first second first, then by id."""
        asking = [_ask(rule, item, self.case, self.left, self.down) for item in _items(rule, self.case)]
        for one in asking:
            results = [tried(gate, one.item, self.case) for gate in rule.expect]
            self.expected += [(one.item.id, replace(result, deciding=False)) for result in results]
        return sorted(asking, key=lambda a: (a.first if len(a.asked) else END_OF_TIME, a.item.id))

    def grant(self, rule: ExcludeRule, asking: list[Asking], allowed: Allowed) -> None:
        """Excuse what passes and is allowed, as far as it is still left."""
        counts_as = self.case.measure.excused or rule.counts_as
        for one in asking:
            why = _why(one) or allowed.refused.get(one.item.id, "")
            free = {name: (self.left[name] & spans) for name, spans in one.by_service.items()}
            parts = {name: Spans() if why else allowed.of(spans) for name, spans in free.items()}
            part = _combined(parts.values())
            self.left |= {name: self.left[name] - spans for name, spans in parts.items()}
            self.excuses.append(_excuse(rule, one, part, why, counts_as))
            if counts_as is CountsAs.UP:
                self.up = self.up | part
            else:
                self.outside = self.outside | part


def _combined(parts: Iterable[Spans]) -> Spans:
    found = Spans()
    for spans in parts:
        found = found | spans
    return found


def _items(rule: ExcludeRule, case: Case) -> Sequence[Maintenance | Cause]:
    names = {s.name for s in case.services}
    if rule.what == "downtime":
        return [_UNCAUSED]
    if rule.what == "maintenance":
        return [m for m in case.world.facts.maintenances if names & set(m.services)]
    wanted = {c.casefold() for c in rule.causes}
    return [c for c in case.world.facts.causes if c.service in names and c.cause.casefold() in wanted]


_UNCAUSED = Cause("downtime", 0, "", span=EVER, cause="downtime without such a cause")
"""What an exclusion of all other downtime is applied to: downtime that no cause of its list is recorded for."""


def _caused(rule: ExcludeRule, case: Case) -> Spans:
    """The spans of the services that have a cause which keeps downtime counting."""
    names, wanted = {s.name for s in case.services}, {c.casefold() for c in rule.causes}
    causes = case.world.facts.causes
    return Spans([c.span for c in causes if c.service in names and c.cause.casefold() in wanted])


def _ask(rule: ExcludeRule, item: Maintenance | Cause, case: Case, left: dict[str, Spans], down: Down) -> Asking:
    """What an item asks for: the down time of its services inside its span and inside every clip."""
    services = item.services if isinstance(item, Maintenance) else (item.service,)
    inside = Spans([item.announced if isinstance(item, Maintenance) else item.span])
    if item is _UNCAUSED:
        services, inside = tuple(left), inside - _caused(rule, case)
    for gate in rule.clips:
        inside = inside & clip(gate, item, case, down)
    by_service = {name: left[name] & inside for name in services if name in left}
    gates = tuple(tried(gate, item, case) for gate in rule.gates)
    exceptions = [tried(gate, item, case) for gate in rule.unless]
    blocked = next((f"it does not apply: {g.found}" for g in exceptions if g.holds), "")
    return Asking(item, gates, blocked, by_service, _combined(by_service.values()))


def _why(one: Asking) -> str:
    if one.blocked:
        return one.blocked
    return "; ".join(f"{g.says} was needed: {g.found}" for g in one.gates if g.deciding and not g.holds)


def _excuse(rule: ExcludeRule, one: Asking, part: Spans, why: str, counts_as: CountsAs) -> Excuse:
    item = one.item
    if isinstance(item, Maintenance):
        title = " ".join(w for w in (item.kind, "maintenance", f"({item.purpose})" if item.purpose else "") if w)
    else:
        title = f"{item.cause}" + (f" ({item.evidence})" if item.evidence else "")
    if not why:
        why = "every condition held" if rule.gates else "the cause is one that the clause names"
        why = "no cause that the clause names is recorded" if item is _UNCAUSED else why
        if not len(one.asked):
            why += "; nothing that counts was down in it"
        elif part.total < one.asked.total:
            why += f"; {duration_words(one.asked.total - part.total)} were already excused or beyond a limit"
    granted = bool(len(part)) or (one.passes and not len(one.asked))
    return Excuse(rule.name, rule.clause, item.id, title, granted, why, one.asked, part, counts_as, one.gates)


def _without_other_kinds(excuses: list[Excuse]) -> tuple[Excuse, ...]:
    """Drop a refusal that only says that work was of another kind, where another exclusion is for its kind."""

    def other_kind(e: Excuse) -> bool:
        return any(g.says.startswith("kind is") and not g.holds for g in e.gates)

    fitting = {e.item for e in excuses if not other_kind(e)}
    return tuple(e for e in excuses if not (other_kind(e) and e.item in fitting))
