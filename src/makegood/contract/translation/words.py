"""What CLDR does not say of a language: numbers in words, business days, and how a clock time is written.

A language without an entry is compared by its digits alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Words:
    """Numbers by word; beginnings of further unit words by kind; expressions for a clock time and for all of the time.

    `between` may stand between a number and its unit. `clock` has groups `h` and `m`.
    """

    one: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    between: str = ""
    clock: str = ""
    always: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    """Short names of zones that CLDR has in a longer form only, and the metazone of each."""


def _numbered(first: str, tens: Mapping[str, int]) -> dict[str, int]:
    return {word: number for number, word in enumerate(first.split(), 2)} | dict(tens)


_AMERICAN: Final = ("America_Eastern", "America_Central", "America_Mountain", "America_Pacific")


def _zones(*names: str) -> dict[str, str]:
    return dict(zip(names, _AMERICAN, strict=True))


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        ("one", "a", "an"),
        _numbered(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen twenty",
            {"thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "seventy-two": 72, "ninety": 90},
        ),
        {
            "business days": ("business day", "working day"),
            "business hours": ("business hour", "working hour"),
            "points": ("percentage point",),
            "days": ("calendar day",),
            "months": ("calendar month",),
            "USD": ("dollar",),
            "share": ("percent", "per cent"),
        },
        "or more|or fewer|or less|consecutive|full|whole|elapsed|started|complete|additional|other|further",
        r"(?P<h>\d{1,2})(?::(?P<m>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?",
        r"24 ?[x×/] ?7\b",
        _zones("eastern", "central time", "mountain time", "pacific time"),
    ),
    "de": Words(
        ("ein", "eine", "einem", "einen", "einer", "eines"),
        _numbered(
            "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
            "achtzehn neunzehn zwanzig",
            {"dreißig": 30, "vierzig": 40, "fünfundvierzig": 45, "fünfzig": 50, "sechzig": 60, "neunzig": 90},
        ),
        {
            "business days": ("geschäftstag", "werktag", "arbeitstag", "bankarbeitstag"),
            "business hours": ("geschäftsstunde", "arbeitsstunde"),
            "points": ("prozentpunkt",),
            "days": ("kalendertag", "tägig"),
            "months": ("kalendermonat", "monatig"),
            "hours": ("stündig",),
            "minutes": ("minütig",),
            "USD": ("dollar",),
        },
        "oder mehr|oder weniger|aufeinanderfolgende[nrs]?|aufeinander folgende[nrs]?|zusammenhängende[nrs]?"
        "|volle[nrs]?|ganze[nrs]?|angefangene[nrs]?|weitere[nrs]?|zusätzliche[nrs]?",
        r"(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?Uhr\b",
        r"24 ?[x×/] ?7\b|rund um die Uhr an sieben Tagen",
        _zones("ostküstenzeit", "us-zentralzeit", "rocky-mountain-zeit", "us-westküstenzeit"),
    ),
    "fr": Words(
        ("un", "une"),
        _numbered(
            "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
            "dix-neuf vingt",
            {"trente": 30, "quarante": 40, "quarante-cinq": 45, "cinquante": 50, "soixante": 60},
        ),
        {
            "business days": ("jours ouvrés", "jour ouvré", "jours ouvrables", "jour ouvrable"),
            "business hours": ("heures ouvrées", "heure ouvrée", "heures ouvrables"),
            "points": ("points de pourcentage", "point de pourcentage", "points"),
            "days": ("jours calendaires", "jour calendaire", "jours civils"),
            "months": ("mois civil", "mois calendaire"),
            "USD": ("dollar",),
        },
        "autres?|premi[eè]re?s",
        r"(?P<h>\d{1,2})[\s\u00a0\u202f]?h(?:eures)?[\s\u00a0\u202f]?(?P<m>\d{2})\b",
        r"24 ?(?:h|heures)? ?(?:sur|/) ?24(?:,| et)? (?:7 ?(?:j|jours)? ?(?:sur|/) ?7)|24 ?[x×/] ?7\b",
        _zones("heure de l’est", "heure du centre", "heure des rocheuses", "heure du pacifique"),
    ),
    "es": Words(
        ("un", "una"),
        _numbered(
            "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
            "dieciocho diecinueve veinte",
            {"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "noventa": 90},
        ),
        {
            "business days": ("días hábiles", "día hábil", "días laborables", "día laborable"),
            "business hours": ("horas hábiles", "horas laborables"),
            "points": ("puntos porcentuales", "punto porcentual"),
            "days": ("días naturales", "día natural"),
            "USD": ("dólar", "dólares"),
        },
    ),
    "it": Words(
        ("un", "uno", "una"),
        _numbered(
            "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
            "diciassette diciotto diciannove venti",
            {"trenta": 30, "quaranta": 40, "cinquanta": 50, "sessanta": 60, "novanta": 90},
        ),
        {
            "business days": ("giorni lavorativi", "giorno lavorativo"),
            "business hours": ("ore lavorative",),
            "points": ("punti percentuali", "punto percentuale"),
        },
    ),
    "nl": Words(
        ("een", "één"),
        _numbered(
            "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
            "achttien negentien twintig",
            {"dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "negentig": 90},
        ),
        {"business days": ("werkdag",), "business hours": ("werkuren",), "points": ("procentpunt",)},
        clock=r"(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))? uur\b(?! lang)",
    ),
    "pt": Words(
        ("um", "uma"),
        _numbered(
            "dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete "
            "dezoito dezanove vinte",
            {"duas": 2, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "noventa": 90},
        ),
        {
            "business days": ("dias úteis", "dia útil"),
            "business hours": ("horas úteis",),
            "points": ("pontos percentuais", "ponto percentual"),
        },
    ),
    "sv": Words(
        ("en", "ett"),
        _numbered("två tre fyra fem sex sju åtta nio tio elva tolv", {"tjugo": 20, "trettio": 30, "sextio": 60}),
        {"days": ("dag",), "business days": ("arbetsdag", "bankdag"), "points": ("procentenhet",)},
    ),
    "ja": Words(
        (),
        {},
        {
            "business days": ("営業日",),
            "business hours": ("営業時間",),
            "points": ("パーセントポイント", "ポイント"),
            "days": ("日間", "日"),
            "months": ("か月", "ヶ月", "カ月", "ヵ月", "箇月"),
            "hours": ("時間",),
            "minutes": ("分間", "分"),
            "seconds": ("秒間", "秒"),
        },
        "連続",
        r"(?P<h>\d{1,2})時(?!間)(?:(?P<m>\d{2})分)?",
        r"24時間365日|24 ?[x×/] ?7",
        _zones("米国東部時間", "米国中部時間", "米国山岳部時間", "米国太平洋時間"),
    ),
}
"""By the language's part of its code: `de` serves `de_AT`."""


def words_of(code: str) -> Words:
    """The words of a language; none where it has no entry."""
    return WORDS.get(code.partition("_")[0], Words())
