"""Several statements as one published document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.model.statement import NotApplicable, Statement
from makegood.render.document.shape import ClauseForm, Form, StatementDocument
from makegood.render.document.steps import clause_form
from makegood.render.document.write import statement_document

COLLECTION: Literal["makegood.statements/1"] = "makegood.statements/1"


class NotApplicableForm(Form):
    """A rule that does not apply, and why."""

    what: str = Field(description="Name of the rule, or of a commitment and the service that it does not cover")
    clause: ClauseForm = Field(description="Its clause")
    why: str = Field(description="The condition that says so, and what the order is")


class StatementsDocument(BaseModel):
    """What `evaluate --format json` writes: every statement of the orders for the periods that were asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["makegood.statements/1"] = Field(
        default=COLLECTION,
        description="The name and version of this form; a change that breaks readers has a new version.",
    )
    statements: tuple[StatementDocument, ...] = Field(
        description="One for each commitment, subject and period, in that order of the agreement, the order and time; "
        "of several orders one order after the other."
    )
    not_applicable: tuple[NotApplicableForm, ...] = Field(
        description="What of the agreement does not bind the order or does not cover a service of it; no statements "
        "and something here means that nothing was promised"
    )


def statements_json(statements: Sequence[Statement], not_applicable: Sequence[NotApplicable] = ()) -> str:
    """The collection as JSON text in UTF-8 letters: the same statements give the same bytes."""
    collection = StatementsDocument(
        statements=tuple(statement_document(s) for s in statements),
        not_applicable=tuple(map(_not_applicable, not_applicable)),
    )
    return json.dumps(collection.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def statement_piece(statement: Statement) -> str:
    """One statement as it stands in the collection, for a collection that is written as its statements are made."""
    return _indented(statement_document(statement).model_dump(mode="json"), 4)


def collection_of(pieces: Iterable[str], not_applicable: Callable[[], Sequence[NotApplicable]]) -> Iterator[str]:
    """The parts of the text that `statements_json` makes of the same statements, one piece at a time.

    `not_applicable` is asked after the last piece.
    """
    yield f'{{\n  "format": "{COLLECTION}",\n  "statements": ['
    between, end = "\n    ", "]"
    for piece in pieces:
        yield between + piece
        between, end = ",\n    ", "\n  ]"
    others = [_not_applicable(n).model_dump(mode="json") for n in not_applicable()]
    yield f'{end},\n  "not_applicable": {_indented(others, 2)}\n}}\n'


def _indented(value: Any, columns: int) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return text.replace("\n", "\n" + " " * columns)


def _not_applicable(found: NotApplicable) -> NotApplicableForm:
    return NotApplicableForm(what=found.what, clause=clause_form(found.clause), why=found.why)


def statements_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the collection, with that of the statements in it."""
    schema = StatementsDocument.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": COLLECTION} | schema
