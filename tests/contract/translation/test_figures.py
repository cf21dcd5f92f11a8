"""Figures in running text: what each language writes in its own way means the same."""

from __future__ import annotations

from fractions import Fraction

import pytest

from makegood.contract.translation.figures import Figure, figures, number_of
from makegood.contract.translation.languages import known_language
from makegood.contract.wrong import Wrong


def only(text: str, language: str) -> Figure:
    found = figures(text, language)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("english", "others"),
    [
        ("99.9 %", {"de": "99,9 %", "fr": "99,9 %", "ja": "99.9 %", "es": "99,9 %", "pl": "99,9%"}),
        ("99.95 percent", {"de": "99,95 Prozent", "fr": "99,95 pour cent", "ja": "99.95パーセント"}),
        ("1,250.00 EUR", {"de": "1.250,00 EUR", "fr": "1\u202f250,00 EUR", "ja": "1,250.00 EUR", "it": "1.250 euro"}),
        ("$500", {"de": "500 $", "fr": "500 $US", "ja": "500米ドル", "pt": "US$ 500", "es": "500 USD"}),
        ("12,500,000 JPY", {"de": "12.500.000 JPY", "ja": "12,500,000円", "fr": "12 500 000 JPY"}),
        ("30 days", {"de": "30 Tagen", "fr": "30 jours", "ja": "30日以内", "es": "30 días", "pl": "30 dni"}),
        ("30 days", {"ru": "30 дней", "nl": "30 dagen", "sv": "30 dagar", "ko": "30일", "zh": "30天", "tr": "30 gün"}),
        ("2 weeks", {"de": "14 Tage", "fr": "2 semaines", "it": "2 settimane"}),
        ("90 minutes", {"de": "90 Minuten", "fr": "90 min", "ja": "90分", "cs": "90 minut"}),
        ("72 hours", {"de": "72 Stunden", "fr": "72 h", "ja": "72時間", "fi": "72 tuntia"}),
        (
            "15 business days",
            {"de": "15 Werktagen", "fr": "15 jours ouvrés", "ja": "15営業日", "es": "15 días hábiles"},
        ),
        ("15 business days", {"hu": "15 munkanapon"}),
        ("3 months", {"de": "3 Kalendermonate", "fr": "3 mois", "ja": "3か月", "pt": "3 meses"}),
        (
            "Sunday",
            {"de": "sonntags", "fr": "le dimanche", "ja": "日曜日に", "es": "los domingos", "pl": "w niedzielę"},
        ),
        ("Wednesdays", {"de": "Mittwoch", "fr": "mercredi", "pt": "quarta-feira", "ru": "по средам"}),
        ("02:00", {"de": "2 Uhr", "fr": "2 h 00", "ja": "2時", "nl": "2.00 uur"}),
        ("2 pm", {"de": "14:00 Uhr", "fr": "14h00", "it": "14:00"}),
        ("noon", {"fr": "midi", "es": "12:00"}),
        (
            "1 January 2026",
            {"de": "1. Januar 2026", "fr": "1er janvier 2026", "ja": "2026年1月1日", "es": "1 de enero de 2026"},
        ),
        ("December 31, 2026", {"de": "31.12.2026", "fr": "31/12/2026", "en_US": "12/31/2026", "ja": "2026-12-31"}),
        (
            "US Eastern time",
            {"de": "Nordamerikanische Ostküstenzeit", "fr": "heure de l’Est", "ja": "アメリカ東部時間"},
        ),
        ("Europe/Berlin", {"de": "mitteleuropäische Zeit", "fr": "heure d’Europe centrale", "es": "Europe/Berlin"}),
        ("thirty (30) days", {"de": "dreißig (30) Tage", "fr": "trente jours", "es": "treinta (30) días"}),
        ("0.5 percentage points", {"de": "0,5 Prozentpunkte", "fr": "0,5 point de pourcentage"}),
    ],
)
def test_the_same_figure_in_other_languages(english: str, others: dict[str, str]) -> None:
    meant = only(english, "en")
    for language, text in others.items():
        assert meant.same_as(only(text, language)), f"{language}: {text}: {figures(text, language)} is not {meant}"


@pytest.mark.parametrize(
    ("english", "language", "text"),
    [
        ("99.9 %", "de", "99,5 %"),
        ("1,250 EUR", "de", "1,250 EUR"),
        ("1.25 EUR", "de", "1.250 EUR"),
        ("30 days", "de", "30 Werktage"),
        ("72 hours", "fr", "3 jours"),
        ("500 USD", "ja", "500ユーロ"),
        ("Sunday", "fr", "samedi"),
        ("02:00", "de", "14:00 Uhr"),
        ("1 February 2026", "fr", "02/01/2026"),
        ("US Eastern time", "de", "Rocky-Mountain-Zeit"),
        ("Europe/Berlin", "de", "Europe/Madrid"),
        ("1 %", "de", "1 Prozentpunkt"),
        ("P1", "de", "P2"),
    ],
)
def test_another_figure_is_not_the_same(english: str, language: str, text: str) -> None:
    assert not only(english, "en").same_as(only(text, language))


@pytest.mark.parametrize(
    ("digits", "language", "value"),
    [
        ("1.250", "de", "1250"),
        ("1.250", "en", "1.25"),
        ("1,250", "de", "1.25"),
        ("1,250", "en", "1250"),
        ("1.250,50", "de", "1250.5"),
        ("1\u202f250,5", "fr", "1250.5"),
        ("1’250.50", "de_CH", "1250.5"),
        ("99.9", "de", "99.9"),
        ("0,05", "fr", "0.05"),
        ("1.000.000", "it", "1000000"),
    ],
)
def test_number_signs_are_those_of_the_language(digits: str, language: str, value: str) -> None:
    assert number_of(digits, language) == Fraction(value)


def test_words_that_are_mostly_no_numbers_are_none() -> None:
    assert figures("an agreement, one of them, a customer", "en") == ()
    assert figures("eine Vereinbarung mit einem Kunden", "de") == ()
    assert figures("the month, the minutes of the month and a secondary matter", "en") == ()


def test_a_figure_of_one_in_words_need_not_have_its_like() -> None:
    assert [f.firm for f in figures("an hour and 1 hour", "en")] == [False, True]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("German", "de"),
        ("french", "fr"),
        ("Deutsch", "de"),
        ("日本語", "ja"),
        ("pt-BR", "pt_BR"),
        ("British English", "en_GB"),
    ],
)
def test_a_language_is_known_by_its_name_or_its_code(name: str, code: str) -> None:
    assert known_language(name) == code


@pytest.mark.parametrize(("name", "hint"), [("Germn", "did you mean `German`?"), ("xx", "write its English name")])
def test_an_unknown_language_is_told_with_a_repair(name: str, hint: str) -> None:
    found = known_language(name)
    assert isinstance(found, Wrong)
    assert hint in found.hint
