"""`makegood.budget/1`: what is left of each target, in time and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.engine.budget import Budget, RunBudget
from makegood.engine.planned import Planned
from makegood.model.statement import Life, RunName, Verdict
from makegood.render.document.asked.shape import (
    OwedForm,
    document_json,
    document_schema,
    moment_form,
    owed_form,
    span_form,
)
from makegood.render.document.shape import ClauseForm, Exact, Form, MomentForm, SpanForm
from makegood.render.document.steps import clause_form

BUDGET: Literal["makegood.budget/1"] = "makegood.budget/1"


class StepForm(Form):
    """What follows from so much more down time, and not from a second less."""

    more_us: int = Field(description="More down time, in µs; whole seconds")
    verdict: Verdict = Field(description="The verdict then")
    credit: OwedForm = Field(description="The credits then")
    cost: OwedForm = Field(description="What is owed more than without it")


class RunForm(Form):
    """One run over the unseen, at the end of the period if all that is still to come is up."""

    run: RunName = Field(description="Which run")
    verdict: Verdict = Field(description="The verdict then: what is certain already")
    credit: OwedForm = Field(description="The credits then: what is certain already")
    allowed_us: int | None = Field(
        description="Down time that keeps the target, in µs, cut down to whole seconds; null where none is stated"
    )
    used_us: int = Field(description="Down time that counts so far, in µs")
    left_us: int | None = Field(
        description="Allowed less used, in µs, cut down to whole seconds; below zero if overdrawn"
    )
    elapsed_us: int = Field(description="Covered time that has passed, in µs")
    covered_us: Exact = Field(description="Denominator of the whole period, in µs")
    pace: Exact | None = Field(description="Used share of the allowance over elapsed share of the period")
    exhausted: MomentForm | None = Field(
        description="When the allowance is used up if it goes on so; null if not in this period"
    )
    steps: tuple[StepForm, ...] = Field(description="From the nearest on")
    glides: bool = Field(description="Whether the credit changes between the steps too")


class PlannedForm(Form):
    """Announced work that is still to come, taken as down throughout."""

    maintenance: str = Field(description="Id of the maintenance")
    title: str = Field(description="Kind and purpose as announced")
    span: SpanForm = Field(description="The part of it that lies ahead in this period")
    excused: bool = Field(description="Whether all of its down time would be excused")
    why: tuple[str, ...] = Field(description="What each exclusion that it asks says of it; for display only")
    verdict: Verdict = Field(description="The verdict then")
    cost: OwedForm = Field(description="What it costs as announced")
    verdict_refused: Verdict = Field(description="The verdict if it is not excused")
    cost_refused: OwedForm = Field(description="What it costs if it is not excused")


class FurtherForm(Form):
    """One more outage in time that is up."""

    length_us: int = Field(description="How long it lasts, in µs")
    verdict: Verdict = Field(description="The verdict then")
    cost: OwedForm = Field(description="What is owed more than without it")


class BudgetForm(Form):
    """One commitment and subject."""

    order: str = Field(description="The order")
    period: str = Field(description="Label of the period")
    commitment: str = Field(description="The commitment")
    clause: ClauseForm = Field(description="Its clause")
    subject: str = Field(description="What it is judged for")
    target: str = Field(description="The target as written")
    life: Life = Field(description="How final the period is")
    verdict: Verdict = Field(description="The verdict as it stands")
    runs: tuple[RunForm, ...] = Field(
        description="One where both runs agree, else two; none where the commitment does not measure a share of time"
    )
    excused_us: int = Field(description="Excused time so far, in µs")
    unknown_us: int = Field(description="Unknown time so far, in µs")
    planned: tuple[PlannedForm, ...] = Field(description="Announced work in the rest of the period")
    further: tuple[FurtherForm, ...] = Field(
        description="One more outage of several lengths, where seconds of down time alone do not tell what it costs"
    )
    not_told: str = Field(description="Why no further cost is told, of intervals and of tickets; else empty")


class BudgetDocument(BaseModel):
    """What `budget --format json` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["makegood.budget/1"] = Field(default=BUDGET, description="Name and version of this form")
    budgets: tuple[BudgetForm, ...] = Field(description="One for each order, period, commitment and subject")


def budget_json(budgets: Sequence[Budget]) -> str:
    """The document as JSON text in UTF-8 letters."""
    return document_json(BudgetDocument(budgets=tuple(map(_budget, budgets))))


def budget_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return document_schema(BudgetDocument, BUDGET)


def _budget(b: Budget) -> BudgetForm:
    s = b.now
    return BudgetForm(
        order=s.order,
        period=s.period.label,
        commitment=s.commitment,
        clause=clause_form(s.clause),
        subject=s.subject,
        target=s.target,
        life=s.life,
        verdict=s.verdict,
        runs=tuple(_run(run, s.period.zone) for run in b.runs),
        excused_us=s.classes.excused.total,
        unknown_us=s.classes.unknown.total,
        planned=tuple(_planned(p, s.period.zone) for p in b.planned),
        further=tuple(
            FurtherForm(length_us=f.length, verdict=f.verdict, cost=owed_form(f.cost, change=True)) for f in b.further
        ),
        not_told=b.not_told,
    )


def _run(run: RunBudget, zone: str) -> RunForm:
    return RunForm(
        run=run.run,
        verdict=run.verdict,
        credit=owed_form(run.owed),
        allowed_us=run.allowed,
        used_us=run.used,
        left_us=run.left,
        elapsed_us=run.elapsed,
        covered_us=str(run.covered),
        pace=None if run.pace is None else str(run.pace),
        exhausted=moment_form(run.exhausted, zone),
        steps=tuple(
            StepForm(more_us=s.more, verdict=s.verdict, credit=owed_form(s.owed), cost=owed_form(s.cost, change=True))
            for s in run.steps
        ),
        glides=run.glides,
    )


def _planned(p: Planned, zone: str) -> PlannedForm:
    return PlannedForm(
        maintenance=p.item,
        title=p.title,
        span=span_form(p.span, zone),
        excused=p.excused,
        why=tuple(f"{e.exclusion}: {e.why}" for e in p.excuses),
        verdict=p.verdict,
        cost=owed_form(p.cost, change=True),
        verdict_refused=p.verdict_refused,
        cost_refused=owed_form(p.cost_refused, change=True),
    )
