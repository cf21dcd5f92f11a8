"""`makegood.replay/1`: history under two agreements."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.engine.comparing import difference
from makegood.engine.replaying import Attributed, Replay, both_sides
from makegood.engine.sums import Owed
from makegood.render.document.asked.shape import (
    OwedForm,
    PairForm,
    document_json,
    document_schema,
    owed_form,
    pair_forms,
)
from makegood.render.document.shape import ClauseForm, Form
from makegood.render.document.steps import clause_form

REPLAY: Literal["makegood.replay/1"] = "makegood.replay/1"


class DiffersForm(Form):
    """One part of a rule that differs."""

    key: str = Field(description="Path of keys, counted from 1 in lists; empty for a reading")
    before: str = Field(description="What the old agreement has there; empty where nothing")
    after: str = Field(description="What the new one has there; empty where nothing")


class ChangeForm(Form):
    """One difference between the agreements."""

    kind: str = Field(description="The primitive of a rule; instead of an exception laid over one; or reading")
    name: str = Field(description="Name of the rule, or id of the reading")
    clause: ClauseForm | None = Field(description="Its clause in the new agreement, or in the old one if it is gone")
    differs: tuple[DiffersForm, ...] = Field(description="What differs of it")


class AttributedForm(Form):
    """What some changes make when they are applied alone to the old agreement."""

    changes: tuple[ChangeForm, ...] = Field(description="One, or several that cannot stand without each other")
    difference: OwedForm | None = Field(description="What is owed more; null where they cannot be applied alone")
    statements: int = Field(description="How many statements they change")
    refused: str = Field(description="Why they cannot be applied alone; empty where they can")


class SumForm(Form):
    """The credits of some statements under both agreements."""

    old: OwedForm = Field(description="Under the old agreement")
    new: OwedForm = Field(description="Under the new agreement")
    difference: OwedForm = Field(description="New less old")


class ReplayDocument(BaseModel):
    """What `replay --format json` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["makegood.replay/1"] = Field(default=REPLAY, description="Name and version of this form")
    old: str = Field(description="Title and version of the old agreement")
    new: str = Field(description="Title and version of the new agreement")
    statements: tuple[PairForm, ...] = Field(description="Every statement under both, order by order")
    orders: dict[str, SumForm] = Field(description="Sums by order")
    changes: tuple[AttributedForm, ...] = Field(description="By change, the weightiest first")
    remainder: OwedForm = Field(description="What the changes make together beyond what each makes alone")
    together: SumForm = Field(description="All statements")


def replay_json(replay: Replay) -> str:
    """The document as JSON text in UTF-8 letters."""
    document = ReplayDocument(
        old=replay.old,
        new=replay.new,
        statements=pair_forms(replay.pairs),
        orders={order: _sum(*both_sides(pairs), difference(pairs)) for order, pairs in replay.orders.items()},
        changes=tuple(map(_attributed, replay.attributed)),
        remainder=owed_form(replay.remainder, change=True),
        together=_sum(*both_sides(replay.pairs), replay.difference),
    )
    return document_json(document)


def replay_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return document_schema(ReplayDocument, REPLAY)


def _attributed(one: Attributed) -> AttributedForm:
    return AttributedForm(
        changes=tuple(
            ChangeForm(
                kind=c.kind,
                name=c.name,
                clause=None if c.clause is None else clause_form(c.clause),
                differs=tuple(DiffersForm(key=key, before=a, after=b) for key, a, b in c.differs),
            )
            for c in one.changes
        ),
        difference=None if one.refused else owed_form(one.difference, change=True),
        statements=one.changed,
        refused=one.refused,
    )


def _sum(old: Owed, new: Owed, change: Owed) -> SumForm:
    return SumForm(old=owed_form(old), new=owed_form(new), difference=owed_form(change, change=True))
