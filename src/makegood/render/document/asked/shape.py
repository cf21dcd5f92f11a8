"""What the documents of all questions share: amounts under both runs, statements in brief, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from makegood.engine.comparing import Compared
from makegood.engine.sums import Between, Owed, owed_by
from makegood.model.spans import Instant, Span
from makegood.model.statement import Statement, Verdict
from makegood.render import moments
from makegood.render.document.shape import ClauseForm, Exact, Form, MomentForm, SpanForm
from makegood.render.document.steps import clause_form
from makegood.render.owing import change_words, owed_words


class AmountForm(Form):
    """An amount of one unit under both runs over the unseen."""

    unit: str = Field(description="ISO 4217 code, the amounts then in its minor units; or days")
    favourable: Exact = Field(description="If what was not seen was up")
    unfavourable: Exact = Field(description="If what was not seen was down; the same where nothing unseen matters")


class OwedForm(Form):
    """Credits that are due, or a difference of such."""

    amounts: tuple[AmountForm, ...] = Field(description="One for each unit; none where nothing is owed")
    unstated: AmountForm | None = Field(description="Credits that are unstated, counted; null where there are none")
    text: str = Field(description="The same in words; for display only")


class BriefForm(Form):
    """A statement in brief: `evaluate --format json` has it whole."""

    verdict: Verdict = Field(description="The verdict")
    credit: OwedForm = Field(description="The credits")
    amount: str = Field(description="Credits and charges in words, as in the statement; for display only")
    down_us: tuple[int, int] = Field(description="Down time that counts, in µs, in the favourable and unfavourable run")
    ratio: tuple[Exact | None, Exact | None] = Field(description="The share of time in both runs; null without one")
    deadlines: dict[str, MomentForm | None] = Field(
        description="First instant that is late, by clock; null without one"
    )


class PairForm(Form):
    """One question and both answers; null where one side does not ask it."""

    order: str = Field(description="The order")
    period: str = Field(description="Label of the period")
    commitment: str = Field(description="The commitment")
    clause: ClauseForm = Field(description="Its clause")
    subject: str = Field(description="What it is judged for")
    before: BriefForm | None = Field(description="As it is, or under the old agreement")
    after: BriefForm | None = Field(description="As it would be, or under the new agreement")
    difference: OwedForm = Field(description="What is owed more after than before, run by run")
    changes: bool = Field(description="Whether verdict, credit or a deadline differs")


def amount_form(unit: str, amount: Between) -> AmountForm:
    return AmountForm(unit=unit, favourable=str(amount.favourable), unfavourable=str(amount.unfavourable))


def owed_form(owed: Owed, change: bool = False) -> OwedForm:
    return OwedForm(
        amounts=tuple(amount_form(unit, amount) for unit, amount in owed.amounts.items()),
        unstated=amount_form("credits", owed.unstated) if owed.unstated else None,
        text=change_words(owed) if change else owed_words(owed),
    )


def brief_form(s: Statement | None) -> BriefForm | None:
    if s is None:
        return None
    ratios = [None if f.ratio is None else str(f.ratio) for f in (s.favourable, s.unfavourable)]
    return BriefForm(
        verdict=s.verdict,
        credit=owed_form(owed_by(s)),
        amount=s.amount,
        down_us=(s.favourable.down, s.unfavourable.down),
        ratio=(ratios[0], ratios[1]),
        deadlines={d.clock: moment_form(d.late_from, s.period.zone) for d in s.deadlines},
    )


def pair_form(pair: Compared) -> PairForm:
    s = pair.either
    return PairForm(
        order=s.order,
        period=s.period.label,
        commitment=s.commitment,
        clause=clause_form(s.clause),
        subject=s.subject,
        before=brief_form(pair.before),
        after=brief_form(pair.after),
        difference=owed_form(pair.difference, change=True),
        changes=pair.changes,
    )


def pair_forms(pairs: Sequence[Compared]) -> tuple[PairForm, ...]:
    return tuple(pair_form(pair) for pair in pairs)


def moment_form(at: Instant | None, zone: str) -> MomentForm | None:
    if at is None or moments.open_end(at):
        return None
    return MomentForm(utc=moments.rfc3339(at), local=moments.local(at, zone))


def span_form(span: Span, zone: str) -> SpanForm:
    return SpanForm(
        start=None if moments.open_end(span.start) else moments.rfc3339(span.start),
        end=None if moments.open_end(span.end) else moments.rfc3339(span.end),
        length_us=span.length,
        local=moments.local_stretch(span, zone),
    )


def document_json(document: BaseModel) -> str:
    """The document as JSON text: the same answer gives the same bytes."""
    return json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document_schema(document: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document."""
    schema = document.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": title}
