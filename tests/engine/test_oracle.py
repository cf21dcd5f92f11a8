"""The engine judges random small worlds as the oracle does, class by class and cent by cent."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given

from makegood.model.spans import Spans
from makegood.model.statement import Figures
from tests.engine.oracle import Run
from tests.engine.worlds import TICK, Asked, asked, examples


def spans(ticks: set[int]) -> Spans:
    return Spans([(t * TICK, (t + 1) * TICK) for t in ticks])


def figures_agree(mine: Figures, plain: Run) -> None:
    assert mine.verdict.value == plain.verdict
    assert (mine.numerator, mine.denominator) == (plain.numerator * TICK, plain.denominator * TICK)
    assert mine.ratio == plain.ratio
    assert mine.down == len(plain.time("down")) * TICK
    assert mine.excused_up == len(plain.time("excused up")) * TICK
    assert mine.excused_out == len(plain.time("excused out")) * TICK
    found = [(line.remedy, line.money.minor if line.money else None, line.cut_by) for line in mine.lines]
    assert found == [(o.remedy, None if o.rounded is None else Fraction(o.rounded), o.cut_by) for o in plain.lines]


def overall(best: str, worst: str) -> str:
    if best == worst:
        return best
    return "running" if "running" in (best, worst) and "not applicable" not in (best, worst) else "insufficient data"


@examples(100)
@given(asked())
def test_every_figure_of_both_runs_is_the_oracles(question: Asked) -> None:
    statements = question.statements()
    best, worst = (question.oracle.judge(question.day, favourable) for favourable in (True, False))
    assert [(s.commitment, s.subject) for s in statements] == [(r.commitment, r.subject) for r in best]
    for statement, a, b in zip(statements, best, worst, strict=True):
        figures_agree(statement.favourable, a)
        figures_agree(statement.unfavourable, b)
        assert statement.verdict.value == overall(a.verdict, b.verdict)
        same = {t for t, c in a.classes.items() if b.classes[t] == c}
        assert statement.classes.unknown == spans(set(a.classes) - same)
        assert statement.classes.outside == spans(a.time("outside") & same)
        assert statement.classes.down == spans(a.time("down") & same)
        assert statement.classes.up == spans(a.time("up") & same)
        assert statement.classes.excused == spans((a.time("excused up") | a.time("excused out")) & same)
