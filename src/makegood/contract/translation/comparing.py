"""A translation against the text that prevails: the same clauses in the same order, and in each the same figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from makegood.contract.document import Clause
from makegood.contract.translation.document import Translation
from makegood.contract.translation.figures import Figure, figures
from makegood.contract.translation.languages import known_language
from makegood.contract.translation.structure import structure_findings
from makegood.contract.written import Agreement
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Problem, error, note, warning

ENGLISH: Final = "en"
"""The language of an agreement that names none."""

_NO_PROSE: Final = re.compile(
    r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1[`~]*[ \t]*$|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+|[\w.+-]+@[\w.-]+\w"
    r"|^[ \t]*\d+[.)](?=\s)",
    re.MULTILINE | re.DOTALL,
)
_BLANK: Final = re.compile(r"\n[ \t]*\n")


def translation_findings(agreement: Agreement, translation: Translation) -> list[Problem]:
    """Every difference between a translation and the prevailing text, by line of the translation."""
    found = [*_header(agreement, translation)]
    own = _code(agreement.header.prevailing_language or ENGLISH)
    other = _code(translation.language)
    theirs = {clause.id: clause for clause in translation.document.clauses}
    ours = {clause.id: clause for clause in agreement.document.clauses}
    source = translation.document.source
    found += structure_findings(agreement.document.clauses, translation.document.clauses, source)
    for name, clause in ours.items():
        if (translated := theirs.get(name)) is not None:
            found += _clause(clause, translated, own, other, source)
    return sorted(found, key=lambda p: (p.where.line, p.where.column, p.code, p.what))


def _code(language: str) -> str:
    known = known_language(language)
    return ENGLISH if isinstance(known, Wrong) else known


def _header(agreement: Agreement, translation: Translation) -> Iterator[Problem]:
    header, at = agreement.header, translation.place
    if translation.version != header.version:
        what = f"this translates version {translation.version}, and the agreement is version {header.version}"
        hint = "translate the new version, or name the document of the old one"
        yield warning("translation-version", at, what, "its figures may be those of another version", hint)
    prevailing = header.prevailing_language
    if not prevailing:
        what = f"`{header.name}` names no prevailing language, and here it is in {translation.language}"
        why = "where the two differ, nothing says which one counts; the document with the rules is judged"
        yield warning(
            "no-prevailing-language", at, what, why, "write `prevailing language: English` in its first block"
        )
    elif isinstance(known_language(prevailing), Wrong):
        what = f"the prevailing language, {prevailing}, is not known here: its text is compared as English"
        yield note("prevailing-language", at, what, "", "write its English name, such as `German`")
    elif _code(prevailing) == _code(translation.language):
        what = f"{prevailing} prevails, and this translation is in {translation.language} as well"
        hint = "correct the language, here or in the agreement"
        yield error("translation-prevails", at, what, "the text that prevails is the one with the rules", hint)


def _clause(ours: Clause, theirs: Clause, own: str, other: str, source: str) -> Iterator[Problem]:
    heading = Place(source, theirs.line, 1, theirs.id)
    yield from _figures(ours.title, theirs.title, own, other, lambda _: heading)
    mine, yours = _prose(ours), _prose(theirs)
    mine_parts, your_parts = list(_paragraphs(mine)), list(_paragraphs(yours))
    aligned = len(mine_parts) == len(your_parts)
    for (_, one), (start, two) in zip(mine_parts, your_parts, strict=True) if aligned else [((0, mine), (0, yours))]:

        def place(at: int, start: int = start) -> Place:
            return _place(theirs, yours, start + at, source)

        yield from _figures(one, two, own, other, place)


def _figures(ours: str, theirs: str, own: str, other: str, place: Callable[[int], Place]) -> Iterator[Problem]:
    mine, yours = list(figures(ours, own)), list(figures(theirs, other))
    for figure in list(mine):
        same = next((f for f in yours if figure.same_as(f)), None)
        if same is not None:
            mine.remove(figure)
            yours.remove(same)
    mine, yours = [f for f in mine if f.firm], [f for f in yours if f.firm]
    for figure in list(yours):
        like = next((f for f in mine if f.kind == figure.kind), None)
        like = like or (next((f for f in mine if f.value == figure.value), None) if len(yours) > 1 else None)
        like = like or (mine[0] if len(mine) == len(yours) == 1 else None)
        if like is not None:
            mine.remove(like)
        yield _drift(_shown(ours, like), _shown(theirs, figure), place(figure.start))
    start = len(theirs) - len(theirs.lstrip())
    for figure in mine:
        yield _drift(_shown(ours, figure), "", place(start))


def _drift(said: str, translated: str, place: Place) -> Problem:
    if said and translated:
        what = f"the prevailing text says “{said}”, and the translation “{translated}”"
    elif said:
        what = f"the prevailing text says “{said}”, and the translation does not"
    else:
        what = f"the translation says “{translated}”, and the prevailing text does not"
    why = "who reads the translation expects what the agreement does not give"
    return warning("translation-drift", place, what, why, "correct the translation, or the text that prevails")


def _shown(text: str, figure: Figure | None) -> str:
    return " ".join(text[figure.start : figure.end].split()) if figure is not None else ""


def _prose(clause: Clause) -> str:
    """The prose with everything blanked that is none, so that every character keeps its place."""
    return _NO_PROSE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), clause.prose)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Each paragraph with its place in the text; runs of blank lines part them."""
    at = 0
    for match in [*_BLANK.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[at:end].strip():
            yield at, text[at:end]
        at = match.end() if match else end


def _place(clause: Clause, prose: str, at: int, source: str) -> Place:
    before = prose[:at]
    return Place(source, clause.prose_line + before.count("\n"), at - before.rfind("\n"), clause.id)
