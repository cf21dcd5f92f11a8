"""A translation is held to the prevailing text clause by clause: nothing is reported of a true one, and drift is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.translation.comparing import translation_findings
from makegood.contract.translation.document import Translation, is_translation, read_translation
from makegood.contract.written import Agreement
from makegood.model.problem import Problem, Severity
from tests.contract.translation.mutations import Mutation, mutations

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LANGUAGES = ("de", "fr", "ja")
CAUGHT = 95
"""Of 100 mutations, that many at least; each text has between 80 and 100."""


@cache
def harbour(prevailing: str = "English") -> Agreement:
    """The example, with the prevailing language that its own text does not name."""
    text = (ROOT / "examples" / "harbour" / "harbour.sla.md").read_text(encoding="utf-8")
    named = "provider: Harbour Networking\n"
    if prevailing:
        text = text.replace(named, f"{named}prevailing language: {prevailing}\n", 1)
    read, problems = read_agreement(text.encode(), "harbour.sla.md")
    assert read is not None, problems
    return read


def text_of(language: str) -> str:
    return (HERE / f"harbour.{language}.sla.md").read_text(encoding="utf-8")


def translation(text: str) -> Translation:
    read, problems = read_translation(text.encode(), "translation.sla.md")
    assert read is not None, problems
    return read


def findings(text: str, prevailing: str = "English") -> list[Problem]:
    return translation_findings(harbour(prevailing), translation(text))


def told(text: str, prevailing: str = "English") -> list[str]:
    return [f"{p.code}: {p.what}" for p in findings(text, prevailing)]


def changed(language: str, old: str, new: str) -> str:
    text = text_of(language)
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_reported_of_a_true_translation(language: str) -> None:
    assert findings(text_of(language)) == []


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_changed_number_unit_weekday_or_zone_is_caught(language: str, seed: int) -> None:
    drawn = mutations(text_of(language), language, seed)
    missed = [mutation.what for mutation in drawn if not _caught(mutation)]
    assert len(missed) <= len(drawn) * (100 - CAUGHT) // 100, missed


def _caught(mutation: Mutation) -> bool:
    """Whether drift is reported in the clause that was changed."""
    return any(p.code == "translation-drift" for p in findings(mutation.text))


def test_there_are_enough_mutations_of_every_kind() -> None:
    for language in LANGUAGES:
        found = mutations(text_of(language), language, 1)
        assert len(found) >= 70
        assert len({m.text for m in found}) == len(found)
        assert not any(m.text == text_of(language) for m in found)


@pytest.mark.parametrize(
    ("language", "old", "new", "said"),
    [
        ("de", "zu mindestens 99,9 %", "zu mindestens 99,5 %", "says “99.9 %”, and the translation “99,5 %”"),
        ("de", "mindestens 72 Stunden", "mindestens 72 Minuten", "says “72 hours”, and the translation “72 Minuten”"),
        ("de", "Sie findet sonntags", "Sie findet samstags", "says “Sundays”, and the translation “samstags”"),
        ("de", "von 15 Geschäftstagen", "von 15 Tagen", "says “15 business days”, and the translation “15 Tagen”"),
        ("de", "06:00 Uhr", "07:00 Uhr", "says “06:00”, and the translation “07:00 Uhr”"),
        (
            "de",
            "P1, 4 Stunden für P2, 24 Stunden für P3 und 72",
            "P1, 4 Stunden für P2, einen Tag für P3 und 72",
            "“24 hours”, and the translation does not",
        ),
        ("de", "spätestens 30 Tage", "spätestens dreißig Tage und 2 Stunden", "“2 Stunden”, and the prevailing text"),
        ("fr", "50 % du total", "60 % du total", "says “50 %”, and the translation “60 %”"),
        ("fr", "du lundi au vendredi", "du lundi au jeudi", "says “Friday”, and the translation “jeudi”"),
        ("fr", "06:00, heure de l'Est", "06:00, heure du Centre", "and the translation “heure du Centre”"),
        ("ja", "月の終わりから30日", "月の終わりから45日", "says “30 days”, and the translation “45日”"),
    ],
)
def test_drift_is_told_with_both_texts(language: str, old: str, new: str, said: str) -> None:
    found = told(changed(language, old, new))
    assert len(found) == 1, found
    assert said in found[0]


def test_drift_is_told_at_its_place_in_the_translation() -> None:
    text = changed("de", "zu mindestens 99,9 %", "zu mindestens 99,5 %")
    (problem,) = findings(text)
    line, column = problem.where.line, problem.where.column
    assert text.split("\n")[line - 1][column - 1 :].startswith("99,5 %")
    assert (problem.where.source, problem.where.clause) == ("translation.sla.md", "availability")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dauert nicht länger als 4 Stunden", "dauert nicht länger als vier Stunden"),
        ("dauert nicht länger als 4 Stunden", "dauert nicht länger als vier (4) Stunden"),
        ("mindestens 2 Standorten", "mindestens zwei Standorten"),
        ("zwischen 02:00 und 06:00 Uhr", "zwischen 2 Uhr und 6 Uhr"),
        ("spätestens 30 Tage nach", "spätestens dreißig Tage nach"),
        ("innerhalb von 1 Stunde", "innerhalb einer Stunde"),
        ("02:00 und 06:00 Uhr Ostküstenzeit", "02:00 und 06:00 Uhr (America/New_York)"),
        ("02:00 und 06:00 Uhr Ostküstenzeit", "02:00 und 06:00 Uhr EST"),
    ],
)
def test_the_same_said_otherwise_is_no_drift(old: str, new: str) -> None:
    assert told(changed("de", old, new)) == []


def test_a_figure_that_moved_to_another_paragraph_is_drift() -> None:
    """The figures of the clause are all there, and not where they belong."""
    text = changed("de", "einer schriftlichen Ankündigung von 30\nTagen", "einer schriftlichen Ankündigung")
    assert len(told(text)) == 1
    swapped = changed("de", "mindestens 72 Stunden vorher", "mindestens 4 Stunden vorher").replace(
        "mindestens 4 Stunden vorher. Die Liste", "mindestens 72 Stunden vorher. Die Liste"
    )
    assert len(told(swapped)) == 2


def test_a_clause_that_is_missing_extra_moved_or_numbered_otherwise_is_told() -> None:
    text = text_of("de")
    without = text[: text.index("## 5.")] + text[text.index("## 6.") :]
    assert [t.partition(":")[0] for t in told(without)] == ["translation-missing-clause"]
    renamed = text.replace("{#exclusions}", "{#ausnahmen}")
    codes = {p.code: p for p in findings(renamed)}
    assert set(codes) == {"translation-missing-clause", "translation-extra-clause"}
    assert "write {#exclusions} behind its heading" in codes["translation-extra-clause"].hint
    five, six = text[text.index("## 5.") : text.index("## 6.")], text[text.index("## 6.") : text.index("## 7.")]
    exchanged = text.replace(five + six, six + five)
    assert [t.partition(":")[0] for t in told(exchanged)] == ["translation-order"]
    numbered = text.replace("## 6. Anträge", "## 9. Anträge")
    assert told(numbered) == [
        "translation-number: `requests` is number 9. here, and 6. in the prevailing text",
    ]


@pytest.mark.parametrize(
    ("header", "prevailing", "code", "severity"),
    [
        ("version: 2024-01-01", "English", "translation-version", Severity.WARNING),
        ("version: 2025-01-01", "", "no-prevailing-language", Severity.WARNING),
        ("version: 2025-01-01", "German", "translation-prevails", Severity.ERROR),
        ("version: 2025-01-01", "Klingon", "prevailing-language", Severity.NOTE),
    ],
)
def test_the_header_must_fit_the_agreement(header: str, prevailing: str, code: str, severity: Severity) -> None:
    found = findings(text_of("de").replace("version: 2025-01-01", header), prevailing)
    assert (code, severity) in [(p.code, p.severity) for p in found]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("language: German", "language: Germn", "wrong-value"),
        ("language: German", "", "missing-key"),
        ("language: German", "language: German\ntone: formal", "unknown-key"),
        ("## 1. ", "```sla\ncalendar: eastern\nzone: UTC\n```\n\n## 1. ", "rule-in-translation"),
        ("translation of: harbour", "translation of: Harbour Networking", "wrong-value"),
    ],
)
def test_a_header_that_is_wrong_is_refused(old: str, new: str, code: str) -> None:
    _, problems = read_translation(text_of("de").replace(old, new, 1).encode(), "translation.sla.md")
    assert code in [p.code for p in problems if p.severity is Severity.ERROR]


def test_a_translation_is_known_by_its_block_and_is_no_agreement() -> None:
    raw = text_of("fr").encode()
    assert is_translation(raw)
    assert not is_translation(b"# A\n\nThis is no translation of: anything.\n")
    agreement, problems = read_agreement(raw, "harbour.fr.sla.md")
    assert agreement is None
    assert [p.code for p in problems] == ["translation-not-judged"]


def test_any_text_and_any_language_is_compared_without_a_crash() -> None:
    text = (
        "# T {#agreement}\n\n```sla\ntranslation of: harbour\nversion: 2025-01-01\nlanguage: {}\n```\n\n٣٠ ६० 99,9 %\n"
    )
    for language in ("Arabic", "Hindi", "Polish", "Thai", "Finnish", "Hebrew", "Swiss High German", "pt-BR"):
        assert [p.code for p in findings(text.replace("{}", language)) if p.severity is Severity.ERROR] == []


@pytest.mark.parametrize(("translated", "drifts"), [("die von Berlin", 0), ("die von Paris", 1), ("die des Orts", 1)])
def test_a_zone_that_is_named_by_its_city_is_looked_for_by_its_city(translated: str, drifts: int) -> None:
    words = "Dates and hours are those of US Eastern time unless a clause says otherwise."
    text = (ROOT / "examples" / "harbour" / "harbour.sla.md").read_text(encoding="utf-8")
    assert words in text
    agreement, _ = read_agreement(text.replace(words, "Dates and hours are those of Berlin.").encode(), "x.sla.md")
    assert agreement is not None
    german = changed("de", "die der US-amerikanischen Ostküstenzeit", translated)
    found = translation_findings(agreement, translation(german))
    assert len([p for p in found if p.code == "translation-drift"]) == drifts
