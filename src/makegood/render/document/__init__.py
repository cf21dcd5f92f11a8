"""The published JSON form of a statement, its schema, and a reader that recomputes its derivation."""

from makegood.render.document.collection import (
    COLLECTION,
    StatementsDocument,
    collection_of,
    statement_piece,
    statements_json,
    statements_schema,
)
from makegood.render.document.shape import FORMAT, StatementDocument
from makegood.render.document.steps import TraceDiffers, trace_from_document
from makegood.render.document.write import statement_document, statement_json, statement_schema

__all__ = [
    "COLLECTION",
    "FORMAT",
    "StatementDocument",
    "StatementsDocument",
    "TraceDiffers",
    "collection_of",
    "statement_document",
    "statement_json",
    "statement_piece",
    "statement_schema",
    "statements_json",
    "statements_schema",
    "trace_from_document",
]
