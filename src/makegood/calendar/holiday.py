"""Public holidays: of a country, a part of it or a market, by the `holidays` library, and dates written out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.metadata import version

from makegood.model.when import Holidays

WRITTEN_OUT = "holiday named in the agreement"


class UnknownHolidays(ValueError):
    """A code, subdivision or category for which there is no list; `suggestions` are values to write instead."""

    def __init__(self, what: str, suggestions: tuple[str, ...] = ()) -> None:
        self.what = what
        self.suggestions = suggestions
        super().__init__(f"{what}; did you mean {' or '.join(suggestions)}?" if suggestions else what)


@cache
def holiday_source() -> str:
    """The library that lists of holidays come from, with its version: `holidays 0.109`; a statement pins it."""
    return f"holidays {version('holidays')}"


def holidays_of(named: Holidays, years: Iterable[int]) -> dict[date, str]:
    """The holidays in these years with their names, in order of date; days off in lieu of a weekend's holiday included.

    A code is an ISO 3166 country (`US`, also `USA`) or a market (`XNYS`, `XECB`); a subdivision is the library's code
    of it (`CA`); categories choose its lists (`public` where none is named; `government`; a `half_day` counts as a
    whole day). Raises UnknownHolidays.
    """
    wanted = set(years)
    found = {day: WRITTEN_OUT for day in named.dates if day.year in wanted}
    if named.code:
        check_holidays(named)
        for year in sorted(wanted):
            found |= _year(named.code, named.subdivision, named.categories, year)
    return dict(sorted(found.items()))


@cache
def check_holidays(named: Holidays) -> None:
    """Raises UnknownHolidays, with suggestions, unless the library has the code, its subdivision and its categories."""
    import holidays
    from holidays.registry import COUNTRIES, FINANCIAL, EntityLoader

    if not named.code:
        if named.subdivision or named.categories:
            raise UnknownHolidays("a subdivision or a category needs the code of a country or a market")
        return
    codes = {*EntityLoader.get_country_codes(), *EntityLoader.get_financial_codes()}
    if named.code not in codes:
        spoken = {words: entry[1] for words, entry in (COUNTRIES | FINANCIAL).items()}
        plain = named.code.strip().casefold().replace(" ", "_")
        near = [spoken[words] for words in get_close_matches(plain, spoken, 2, 0.8)]
        near = [code for code in (named.code.strip().upper(),) if code in codes] or near
        near = near or get_close_matches(named.code.upper(), sorted(codes), 3, 0.6)
        raise UnknownHolidays(f"there is no list of holidays for {named.code!r}", tuple(near))
    entity = getattr(holidays, named.code)
    if named.subdivision and named.subdivision not in entity.subdivisions:
        aliases = entity.subdivisions_aliases
        near = [aliases[found] for found in get_close_matches(named.subdivision, aliases, 2, 0.7)]
        near = near or get_close_matches(named.subdivision.upper(), entity.subdivisions, 3, 0.5)
        raise UnknownHolidays(f"{named.code} has no subdivision {named.subdivision!r}", tuple(near))
    for category in named.categories:
        if category not in entity.supported_categories:
            near = get_close_matches(category.casefold(), entity.supported_categories, 2, 0.5)
            raise UnknownHolidays(
                f"{named.code} has no holidays of the category {category!r}", tuple(near or entity.supported_categories)
            )


@cache
def _year(code: str, subdivision: str, categories: tuple[str, ...], year: int) -> dict[date, str]:
    """One year, with the neighbours' days off in lieu that fall into it.

    The names are in the place's own language: left alone, the library would take the language from the environment.
    """
    import holidays

    entity = getattr(holidays, code)
    listed = entity(
        years=(year - 1, year, year + 1),
        subdiv=subdivision or None,
        categories=categories or None,
        language=entity.default_language or "en_US",
        observed=True,
        expand=False,
    )
    return {day: name for day, name in listed.items() if day.year == year}
