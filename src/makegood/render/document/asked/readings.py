"""`makegood.readings/1`: readings and silences by what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.engine.silences import WeighedSilence
from makegood.engine.stress import Stress, StressedReading, share_of_fee
from makegood.engine.sums import DAYS
from makegood.engine.worth import WeighedReading, minutes_between
from makegood.model.problem import Problem
from makegood.model.statement import Statement
from makegood.model.terms import Choice
from makegood.render.document.asked.shape import (
    AmountForm,
    OwedForm,
    PairForm,
    amount_form,
    document_json,
    document_schema,
    owed_form,
    pair_forms,
)
from makegood.render.document.shape import ClauseForm, Exact, Form
from makegood.render.document.steps import clause_form

READINGS: Literal["makegood.readings/1"] = "makegood.readings/1"


class AlternativeForm(Form):
    """What an alternative would change in history."""

    alternative: str = Field(description="The other reading")
    difference: OwedForm = Field(description="What is owed more under it, over all statements")
    verdicts: int = Field(description="Statements with another verdict")
    deadlines: int = Field(description="Deadlines that move")
    changed: tuple[PairForm, ...] = Field(description="The statements that it changes")


class StressForm(Form):
    """What an alternative would change in hypothetical periods."""

    alternative: str = Field(description="The other reading")
    periods: int = Field(description="Hypothetical periods in which it changes verdict, credit or a deadline")
    scenario: str = Field(description="The one in which it changes most; empty where none; for display only")
    period: str = Field(description="Label of that period; empty where none")
    share_of_fee: AmountForm | None = Field(
        description="What is owed more there, in the unit share (of a month's fee) or days; null where nothing is"
    )
    down_us: tuple[Exact, Exact] | None = Field(description="More down time that counts there, in µs, in both runs")


class IllForm(Form):
    """Why an alternative has no price: what is wrong with the agreement when it is read so."""

    alternative: str = Field(description="The other reading")
    problem: str = Field(description="What is wrong")
    line: int = Field(description="Line of the agreement's file, or 0")


class ReadingForm(Form):
    """A reading with its alternatives, by worth."""

    id: str = Field(description="Name of the rule, a dot, the path of keys")
    clause: ClauseForm = Field(description="Where it stands")
    line: int = Field(description="Line of the agreement's file")
    alternatives: tuple[str, ...] = Field(description="All alternatives as written")
    chosen: str = Field(description="The one taken; unstated where none was")
    because: str = Field(description="Why")
    clauses: tuple[str, ...] = Field(description="Anchors of the clauses that it rests on")
    matters: bool = Field(description="Whether an alternative changes anything here")
    ill: tuple[IllForm, ...] = Field(description="Alternatives with which the agreement cannot be read, and why")
    history: tuple[AlternativeForm, ...] = Field(description="Over statements of real orders; empty without an order")
    stress: tuple[StressForm, ...] = Field(description="Over hypothetical periods; empty with an order")


class SilenceForm(Form):
    """A value that the agreement calls unstated, by what it leaves open."""

    rule: str = Field(description="The rule")
    clause: ClauseForm = Field(description="Where it stands")
    line: int = Field(description="Line of the agreement's file")
    what: str = Field(description="What is unstated")
    times: int = Field(description="How often in this rule")
    credits: int = Field(description="Statements whose credit it leaves open")
    most: OwedForm | None = Field(description="What limits leave of these credits at most; null where one has no limit")
    targets: int = Field(description="Statements whose verdict it leaves open")
    deadlines: int = Field(description="Statements in which it leaves a deadline open")


class SituationForm(Form):
    """Readings and silences for one plan and deployment, or for the orders that were named."""

    plan: str = Field(description="The plan; empty where none, or with orders")
    deployment: str = Field(description="The deployment; empty where none, or with orders")
    statements: int = Field(description="Statements, or hypothetical periods, that they were weighed over")
    readings: tuple[ReadingForm, ...] = Field(description="The weightiest first")
    silences: tuple[SilenceForm, ...] = Field(description="What leaves most open first")


class ReadingsDocument(BaseModel):
    """What `readings --format json` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["makegood.readings/1"] = Field(default=READINGS, description="Name and version of this form")
    agreement: str = Field(description="Title of the agreement")
    basis: Literal["history", "standard stress"] = Field(description="What they were weighed over")
    orders: tuple[str, ...] = Field(description="The orders; none for a standard stress")
    periods: tuple[str, ...] = Field(description="Labels of the periods; none for a standard stress")
    situations: tuple[SituationForm, ...] = Field(description="One with orders; else one for each plan and deployment")


def readings_json(
    title: str,
    readings: Sequence[WeighedReading],
    silences: Sequence[WeighedSilence],
    statements: Sequence[Statement],
    lines: Mapping[str, int],
    ill: Mapping[tuple[str, str], Sequence[Problem]],
) -> str:
    """Readings over statements as JSON text in UTF-8 letters."""
    one = SituationForm(
        plan="",
        deployment="",
        statements=len(statements),
        readings=tuple(_reading(r.choice, r.matters, lines, ill, history=_history(r)) for r in readings),
        silences=tuple(_silence(s, lines) for s in silences),
    )
    document = ReadingsDocument(
        agreement=title,
        basis="history",
        orders=tuple(dict.fromkeys(s.order for s in statements)),
        periods=tuple(dict.fromkeys(s.period.label for s in statements)),
        situations=(one,),
    )
    return document_json(document)


def stress_json(
    title: str,
    situations: Sequence[Stress],
    lines: Mapping[str, int],
    ill: Mapping[tuple[str, str], Sequence[Problem]],
) -> str:
    """Readings over hypothetical periods as JSON text in UTF-8 letters."""
    found = tuple(
        SituationForm(
            plan=s.plan,
            deployment=s.deployment,
            statements=len(s.judged),
            readings=tuple(_reading(r.choice, r.matters, lines, ill, stress=_stress(r)) for r in s.readings),
            silences=tuple(_silence(x, lines) for x in s.weighing.weighed_silences()),
        )
        for s in situations
    )
    document = ReadingsDocument(agreement=title, basis="standard stress", orders=(), periods=(), situations=found)
    return document_json(document)


def readings_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return document_schema(ReadingsDocument, READINGS)


def _reading(
    choice: Choice,
    matters: bool,
    lines: Mapping[str, int],
    ill: Mapping[tuple[str, str], Sequence[Problem]],
    history: tuple[AlternativeForm, ...] = (),
    stress: tuple[StressForm, ...] = (),
) -> ReadingForm:
    return ReadingForm(
        id=choice.id,
        ill=tuple(
            IllForm(alternative=text, problem=problem.what, line=problem.where.line)
            for text in choice.alternatives
            for problem in ill.get((choice.id, text), ())
        ),
        clause=clause_form(choice.clause),
        line=lines.get(choice.id, choice.clause.line),
        alternatives=choice.alternatives,
        chosen=choice.text,
        because=choice.because,
        clauses=choice.clauses,
        matters=matters,
        history=history,
        stress=stress,
    )


def _history(reading: WeighedReading) -> tuple[AlternativeForm, ...]:
    return tuple(
        AlternativeForm(
            alternative=a.text,
            difference=owed_form(a.difference, change=True),
            verdicts=a.verdicts,
            deadlines=a.deadlines,
            changed=pair_forms(a.changed),
        )
        for a in reading.alternatives
    )


def _stress(reading: StressedReading) -> tuple[StressForm, ...]:
    found = []
    for a in reading.alternatives:
        scenario, pair = a.changed[0] if a.changed else a.only_minutes or (None, None)
        amounts = pair.difference.amounts if pair is not None else {}
        unit, amount = next(iter(amounts.items()), ("", None))
        down = minutes_between(pair) if pair is not None else None
        share = None
        if amount is not None:
            share = amount_form(DAYS, amount) if unit == DAYS else amount_form("share", share_of_fee(amount))
        found.append(
            StressForm(
                alternative=a.text,
                periods=len(a.changed),
                scenario=scenario.says if scenario is not None else "",
                period=scenario.label if scenario is not None else "",
                share_of_fee=share,
                down_us=None if down is None else (str(down.favourable), str(down.unfavourable)),
            )
        )
    return tuple(found)


def _silence(s: WeighedSilence, lines: Mapping[str, int]) -> SilenceForm:
    return SilenceForm(
        rule=s.silence.rule,
        clause=clause_form(s.silence.clause),
        line=lines.get(s.silence.rule, s.silence.clause.line),
        what=s.silence.what,
        times=s.silence.times,
        credits=len(s.credits),
        most=None if s.most is None else owed_form(s.most),
        targets=len(s.targets),
        deadlines=len(s.deadlines),
    )
