"""Rights and duties: those that follow from a count, and those that follow from a miss."""

from __future__ import annotations

from fractions import Fraction

from makegood.engine.clock.deadlines import claimed_late
from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import COMPARISONS, Figure
from makegood.engine.remedy.counting import counted
from makegood.engine.remedy.reach import Reach
from makegood.engine.remedy.standing import withheld
from makegood.model.statement import Right, Verdict
from makegood.model.terms import CountRule, RemedyForm, RemedyRule
from makegood.model.trace import Kind, Node, Op, derive, leaf

FORMS = (RemedyForm.RIGHT, RemedyForm.DUTY)


def rights(case: Case, figure: Figure, reach: Reach) -> tuple[Right, ...]:
    """The rights and duties that follow from a miss of this commitment, or from counts, at the end of its period."""
    found: list[Right] = []
    for remedy in case.terms.remedies.values():
        if remedy.form not in FORMS:
            continue
        if remedy.commitment == case.commitment.name and figure.verdict not in (Verdict.RECORDED, Verdict.UNSTATED):
            found.append(_upon_miss(remedy, case, figure, reach))
        elif remedy.count and remedy.beyond is not None and _concerns(case.terms.counts[remedy.count], case):
            found.append(_upon_count(remedy, case, reach))
    return tuple(found)


def _upon_miss(remedy: RemedyRule, case: Case, figure: Figure, reach: Reach) -> Right:
    missed = figure.verdict is Verdict.BREACHED
    why = f"{case.commitment.name} was {'missed' if missed else 'not missed'}"
    return _right(remedy, case, missed, why, figure.node, reach)


def _upon_count(remedy: RemedyRule, case: Case, reach: Reach) -> Right:
    rule, beyond = case.terms.counts[remedy.count], remedy.beyond
    assert beyond is not None
    node = counted(rule, case, reach, settled=True)
    edge = leaf(Op.RULE, str(beyond), node.kind, Fraction(beyond.edge), remedy.clause)
    holds = derive(COMPARISONS[beyond.side], remedy.name, Kind.TRUTH, [node, edge], remedy.clause)
    why = f"{node.value} counted by {rule.name.replace('-', ' ')}, and it takes {beyond}"
    return _right(remedy, case, holds.value is True, why, holds, reach)


def _right(remedy: RemedyRule, case: Case, holds: bool, why: str, node: Node, reach: Reach) -> Right:
    kept_back = withheld(remedy, case) or (claimed_late(case, remedy.name, reach.happened(case)) if holds else "")
    why = f"{why}; but {kept_back}" if kept_back else why
    says = f"{remedy.who} {'may' if remedy.form is RemedyForm.RIGHT else 'must'} {', '.join(remedy.does)}"
    return Right(remedy.name, remedy.clause, says, holds and not kept_back, why, node)


def _concerns(rule: CountRule, case: Case) -> bool:
    if rule.items is not None:
        return True
    remedies = (case.terms.remedies.get(name) for name in rule.of)
    counted = {*rule.of, *(r.commitment for r in remedies if r is not None)}
    return case.commitment.name in counted or case.measure.of in counted & case.terms.outages.keys()
