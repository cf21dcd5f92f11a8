"""What is left of each target, for a terminal: a block for each commitment and subject, or a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from makegood.engine.budget import Budget, RunBudget, Step
from makegood.engine.planned import Planned
from makegood.model.spans import SECOND
from makegood.model.statement import Life, Statement, Verdict
from makegood.render.lengths import duration
from makegood.render.moments import local, local_stretch
from makegood.render.owing import change_words, owed_words
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.shares import percent
from makegood.render.tables import GAP
from makegood.render.telling import TONES, share
from makegood.render.text import pairs, say

IF_UP, IF_DOWN = "if what was not seen was up", "if what was not seen was down"
HEADINGS = ("Period", "Subject", "Allowed", "Used", "Left", "Next step", "It costs")


def budget_text(budgets: Sequence[Budget], width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """A block for each budget: allowed, used and left, the pace, the steps and what each costs, the work to come."""
    blocks: list[RenderableType] = []
    for budget in budgets:
        blocks += [_heading(budget.now), Padding(pairs(_rows(budget)), (0, 0, 0, 2)), Text()]
    return shown(Group(*blocks[:-1]), width, color, encoding)


def budget_table(budgets: Sequence[Budget], width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """A row for each budget; the least that is left where the unseen matters."""
    rows = [_row(b, len({x.now.order for x in budgets}) > 1) for b in budgets]
    needed = sum(max(len(row[n]) for row in (HEADINGS, *rows)) for n in range(len(HEADINGS))) + GAP * (
        len(HEADINGS) - 1
    )
    if needed > width:
        blocks = [
            Group(
                say(f"{period}  {subject}", "title"),
                Padding(say(f"{used} of {allowed} used, {left} left; next: {step}, {cost}"), (0, 0, 0, 2)),
            )
            for period, subject, allowed, used, left, step, cost in rows
        ]
        return shown(Group(*blocks), width, color, encoding)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="quiet", padding=(0, 1))
    for head in HEADINGS:
        table.add_column(head, justify="left" if head in ("Period", "Subject") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return shown(table, width, color, encoding)


def _row(budget: Budget, with_order: bool) -> tuple[str, ...]:
    s = budget.now
    subject = f"{s.order}: {s.subject}" if with_order else s.subject
    if not budget.runs:
        return s.period.label, subject, "—", share(s), "—", "—", "—"
    worst = budget.runs[-1]
    step = next(iter(worst.steps), None)
    allowed = "—" if worst.allowed is None else duration(worst.allowed)
    left = "—" if worst.left is None else duration(worst.left) if worst.left >= 0 else "none"
    used = duration(worst.used)
    if step is None:
        return s.period.label, subject, allowed, used, left, "none", "—"
    return s.period.label, subject, allowed, used, left, f"+{duration(step.more)}", change_words(step.cost)


def _heading(s: Statement) -> Text:
    return Text.assemble(
        say(f"{s.subject}, {s.commitment}, {s.period.label}", "title"),
        say(f"  {s.target} ({s.strength.value}), order {s.order}", "quiet"),
    )


def _rows(budget: Budget) -> Iterator[tuple[str, RenderableType]]:
    s, end = budget.now, budget.end
    stands = Text.assemble(
        say(s.verdict.value.upper(), TONES[s.verdict].value),
        say(f"  {share(s)} so far" if s.life is Life.RUNNING else f"  {share(s)}"),
    )
    yield "Stands", stands
    if not budget.runs:
        yield "Measured", say(f"{share(s)}, and the target is {s.target}; it is no share of time")
        if budget.not_told:
            yield "Steps", say(budget.not_told)
        yield from _further(budget)
        return
    for run in budget.runs:
        when = "" if len(budget.runs) == 1 else (IF_UP if run is budget.runs[0] else IF_DOWN)
        if when:
            yield "", say(f"{when}:", "quiet")
        yield from _run(run, s)
    yield from _further(budget)
    excused, unknown = s.classes.excused.total, s.classes.unknown.total
    beside = [f"{duration(excused)} excused"] if excused else []
    beside += [f"{duration(unknown)} unknown"] if unknown else []
    if beside:
        yield "Beside it", say(", ".join(beside))
    yield "Certain", say(_certain(budget, end))
    for planned in budget.planned:
        yield from _planned(planned, s)


def _run(run: RunBudget, s: Statement) -> Iterator[tuple[str, RenderableType]]:
    if run.allowed is None:
        yield "Allowed", say("no number is promised")
        yield "Used", say(duration(run.used))
    else:
        left = run.left or 0
        yield "Allowed", say(f"{duration(run.allowed)} of down time in the whole period")
        share_used = run.used_share if left >= 0 else None
        yield "Used", say(duration(run.used) + (f", {percent(share_used)} of it" if share_used else ""))
        words = duration(left) if left >= 0 else f"nothing: {duration(run.used - run.allowed)} more than allowed"
        yield "Left", say(words, "title" if left >= 0 else "fails")
        if run.pace is not None and run.used and left >= 0 and s.life is Life.RUNNING:
            yield "Pace", say(_pace(run, s))
    rows: list[RenderableType] = [_step(step) for step in run.steps]
    if run.glides:
        rows.append(say("between these the credit changes with every second", "quiet"))
    yield "Steps", Group(*rows) if rows else say("no more down time in all would turn the verdict, or a row of a table")


def _further(budget: Budget) -> Iterator[tuple[str, RenderableType]]:
    """One more outage, by its length; lengths that cost the same as a shorter one are left out."""
    rows, before = list[RenderableType](), None
    for one in budget.further:
        told = (one.verdict, one.amount)
        if told != before:
            cost = f" ({change_words(one.cost)})" if one.cost else ""
            rows.append(say(f"of {duration(one.length)}: {one.verdict.value}, credit {one.amount}{cost}"))
        before = told
    if rows:
        yield "One more outage", Group(*rows)


def _pace(run: RunBudget, s: Statement) -> str:
    used, elapsed, pace = run.used_share, run.elapsed_share, run.pace
    assert used is not None
    assert elapsed is not None
    assert pace is not None
    words = f"{percent(used)} used in {percent(elapsed)} of the time, {_times(pace)} as fast as the period passes"
    if run.exhausted is not None:
        return f"{words}; at that rate used up {local(run.exhausted // SECOND * SECOND, s.period.zone)}"
    return f"{words}; at that rate not used up in this period"


def _times(pace: Fraction) -> str:
    hundredths = int(pace * 100)
    return f"{hundredths // 100}.{hundredths % 100:02d} times"


def _step(step: Step) -> Text:
    return Text.assemble(
        say(f"{duration(step.more)} more: "),
        say(step.verdict.value, TONES[step.verdict].value),
        say(f", credit {step.amount}"),
        say(f" ({change_words(step.cost)})" if step.cost else "", "title"),
    )


def _certain(budget: Budget, end: Statement) -> str:
    worst, best = budget.runs[-1], budget.runs[0]
    still = "if all that is still to come is up" if budget.now.life is Life.RUNNING else ""
    if len(budget.runs) == 1:
        words = f"{worst.verdict.value}, credit {worst.amount}"
    else:
        words = f"{end.verdict.value}, credit {end.amount}"
        if Verdict.BREACHED not in (best.verdict, worst.verdict):
            words = f"{end.verdict.value}, no credit"
    return f"{words}{', ' + still if still else ''}"


def _planned(planned: Planned, s: Statement) -> Iterator[tuple[str, RenderableType]]:
    lines: list[RenderableType] = [
        say(f"{planned.title}, {local_stretch(planned.span, s.period.zone)}, {duration(planned.span.length)}", "title")
    ]
    if not planned.excuses:
        lines.append(say("no exclusion applies to it", "fails"))
    for excuse in planned.excuses:
        word, style = ("would be excused", "holds") if excuse.granted else ("would not be excused", "fails")
        lines.append(Text.assemble(say(word, style), say(f" by {excuse.exclusion}: {excuse.why}")))
        for gate in excuse.gates:
            sign = Text("✓ ", "holds") if gate.holds else Text("✗ ", "fails")
            lines.append(Padding(Text.assemble(sign, say(f"{gate.says}: {gate.found}", "quiet")), (0, 0, 0, 2)))
    words = f"down throughout, it costs {_cost(planned, True)}"
    if any(e.granted for e in planned.excuses):
        words += f"; if it is not excused, {_cost(planned, False)}"
    lines.append(say(words))
    yield f"Work {planned.item}", Group(*lines)


def _cost(planned: Planned, as_planned: bool) -> str:
    cost = planned.cost if as_planned else planned.cost_refused
    verdict = planned.verdict if as_planned else planned.verdict_refused
    return f"{'nothing' if not cost else owed_words(cost)} ({verdict.value})"
