"""`makegood.what-if/1`: statements before and after a hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.engine.comparing import Compared, difference
from makegood.render.document.asked.shape import (
    OwedForm,
    PairForm,
    document_json,
    document_schema,
    owed_form,
    pair_forms,
)
from makegood.render.document.shape import Form

WHAT_IF: Literal["makegood.what-if/1"] = "makegood.what-if/1"


class ExcuseChangeForm(Form):
    """An excuse before and after."""

    order: str = Field(description="The order")
    period: str = Field(description="Label of the period")
    commitment: str = Field(description="The commitment")
    subject: str = Field(description="What it is judged for")
    exclusion: str = Field(description="The exclusion that is asked")
    item: str = Field(description="Id of the maintenance or cause")
    before: bool | None = Field(description="Whether it is granted; null where it is not asked")
    after: bool | None = Field(description="Whether it would be granted; null where it would not be asked")
    why: str = Field(description="Why, afterwards; for display only")


class WhatIfDocument(BaseModel):
    """What `what-if --format json` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["makegood.what-if/1"] = Field(default=WHAT_IF, description="Name and version of this form")
    statements: tuple[PairForm, ...] = Field(description="Every statement before and after, order by order")
    excuses: tuple[ExcuseChangeForm, ...] = Field(description="Every excuse that is asked before or after")
    taken_as_up: tuple[str, ...] = Field(description="Periods not yet over, whose rest was taken as up on both sides")
    difference: OwedForm = Field(description="What is owed more after than before, all together")


def what_if_json(pairs: Sequence[Compared], completed: Sequence[str]) -> str:
    """The document as JSON text in UTF-8 letters."""
    document = WhatIfDocument(
        statements=pair_forms(pairs),
        excuses=tuple(form for pair in pairs for form in _excuses(pair)),
        taken_as_up=tuple(completed),
        difference=owed_form(difference(pairs), change=True),
    )
    return document_json(document)


def what_if_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return document_schema(WhatIfDocument, WHAT_IF)


def _excuses(pair: Compared) -> list[ExcuseChangeForm]:
    found = []
    for before, after in pair.excuses:
        either, s = after or before, pair.either
        assert either is not None
        found.append(
            ExcuseChangeForm(
                order=s.order,
                period=s.period.label,
                commitment=s.commitment,
                subject=s.subject,
                exclusion=either.exclusion,
                item=either.item,
                before=None if before is None else before.granted,
                after=None if after is None else after.granted,
                why=either.why,
            )
        )
    return found
