"""A translation as a document: its header block, and clauses of prose without rules.

```sla
translation of: hosting
version: 2026-01-01
language: German
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from makegood.contract import values
from makegood.contract.document import Document, read_document
from makegood.contract.encoding import read_bytes
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, Shape, from_words
from makegood.contract.translation.languages import known_language
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Problem, error
from makegood.model.terms import Clause

LEAD: Final = "translation of"
"""The first key of the block by which a document says that it is a translation."""


def _language(text: str) -> str | Wrong:
    known = known_language(text)
    return known if isinstance(known, Wrong) else text


LANGUAGE: Shape[str] = from_words("a language", "German", _language)
_OF = Key(LEAD, values.NAME, "the name of the agreement", like="web-hosting")
_VERSION = Key("version", values.WORDS, "the version that it translates", like="2026-01-01")
_LANGUAGE = Key("language", LANGUAGE, "the language that it is in, by its English name or its code")
TABLE: tuple[Key[Any], ...] = (_OF, _VERSION, _LANGUAGE)


@dataclass(frozen=True, slots=True)
class Translation:
    """A document that says in another language what a version of an agreement says."""

    document: Document
    of: str
    version: str
    language: str
    place: Place


def is_translation(raw: bytes) -> bool:
    """Whether a file says of itself that it is a translation."""
    if f"{LEAD}:".encode() not in raw:
        return False
    text, _ = read_bytes(raw, "")
    return text is not None and leading(read_document(text, "")[0]) is not None


def leading(document: Document) -> Keyed | None:
    """The block by which a document is a translation, or None where it is none."""
    blocks = (block.node for clause in document.clauses for block in clause.rules)
    return next((node for node in blocks if node.entries and node.entries[0][0].text == LEAD), None)


def read_translation(raw: bytes, source: str) -> tuple[Translation | None, list[Problem]]:
    """The translation in a file's bytes, or None; and every problem of its text and of its header."""
    text, problems = read_bytes(raw, source)
    if text is None:
        return None, problems
    document, found = read_document(text, source)
    problems = [*problems, *found]
    header = leading(document)
    if header is None:
        hint = f"write a block `{LEAD}: NAME` with version and language under the first heading"
        problems.append(error("no-header", Place(source, 1, 1), "this document is no translation", "", hint))
        return None, problems
    report = Report(Clause(document.clauses[0].id), problems)
    fields = Fields(header, TABLE, report, "a translation")
    of, version, language = fields.get(_OF), fields.get(_VERSION), fields.get(_LANGUAGE)
    for clause in document.clauses:
        for block in clause.rules:
            if block.node is not header:
                first = block.node.entries[0][0]
                what, why = f"a translation has no rules, and this is a `{first.text}`", "the prevailing text is judged"
                report.error("rule-in-translation", block.place, what, why, "delete the block")
    return (None if report.failed else Translation(document, of, version, language, header.place)), problems
