"""Findings about translations of an agreement."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, Family, family

TRANSLATIONS: Final[tuple[Family, ...]] = (
    family(
        "Translations",
        Code(
            "no-prevailing-language",
            "W",
            "an agreement with a translation names no prevailing language",
            "where the two differ, nothing says which one counts",
            "write `prevailing language`",
        ),
        Code(
            "prevailing-language",
            "N",
            "the prevailing language is not known here",
            "its text is compared as English",
            "write its English name",
        ),
        Code(
            "rule-in-translation",
            "E",
            "a translation has a rule",
            "rules stand in the prevailing text, and once",
            "delete the block",
        ),
        Code(
            "translation-drift",
            "W",
            "a number, a unit, a weekday or a zone differs from the prevailing text",
            "who reads the translation expects what the agreement does not give",
            "correct one of the two",
        ),
        Code(
            "translation-extra-clause",
            "W",
            "a translation has a clause that the prevailing text does not have",
            "clauses are aligned by their anchors",
            "correct the anchor, or delete the clause",
        ),
        Code(
            "translation-missing-clause",
            "W",
            "a clause is not translated",
            "its reader does not know of it",
            "translate it",
        ),
        Code(
            "translation-not-judged",
            "E",
            "a translation stands where an agreement is needed",
            "it has no rules to judge by",
            "name the agreement that it translates",
        ),
        Code(
            "translation-number",
            "W",
            "a clause has another number in the translation",
            "references would lead to another clause",
            "number it alike",
        ),
        Code(
            "translation-order",
            "W",
            "a clause stands elsewhere in the prevailing text",
            "clauses are cited by their place",
            "put it into the same order",
        ),
        Code(
            "translation-prevails",
            "E",
            "a translation is in the prevailing language",
            "the text that prevails is the one with the rules",
            "name another language",
        ),
        Code(
            "translation-version",
            "W",
            "a translation is of another version",
            "its figures may be those of that version",
            "translate the version that is in force",
        ),
    ),
)
