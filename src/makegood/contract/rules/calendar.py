"""`calendar`: a named local time, with zone, business hours and holidays."""

from __future__ import annotations

from datetime import date
from typing import Any

from makegood.calendar.zone import UnknownZone, Zone, known_zones
from makegood.contract import values
from makegood.contract.nodes import Keyed, Many, Node
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, object_schema, optional
from makegood.contract.wrong import Wrong
from makegood.model.when import Calendar, Holidays


def _zone(text: str) -> str | Wrong:
    try:
        Zone.named(text)
    except UnknownZone as unknown:
        return Wrong(f"`{text}` is no time zone", str(unknown), "write an IANA name such as `America/New_York`")
    return text


def _holidays(node: Node, report: Report) -> Holidays | None:
    if isinstance(node, Keyed):
        fields = Fields(node, HOLIDAY_TABLE, report, "a list of holidays")
        return Holidays(fields.get(_CODE), fields.get(_SUBDIVISION), fields.get(_CATEGORIES), fields.get(_DATES))
    if isinstance(node, Many):
        dates: tuple[date, ...] | None = values.DATES.read(node, report)
        return None if dates is None else Holidays(dates=dates)
    code = values.WORDS.read(node, report)
    return None if code is None else Holidays() if code == "none" else Holidays(code=code)


_CODE = Key("of", values.WORDS, "a country or market code, such as US or XNYS", "", like="US")
_SUBDIVISION = Key("subdivision", values.WORDS, "a state or province of the country", "", like="CA")
_CATEGORIES = Key(
    "categories", values.WORD_LIST, "which of the country's lists, such as government", (), like="[government]"
)
_DATES = Key("dates", values.DATES, "further dates, written out", (), like="[2026-12-24]")
HOLIDAY_TABLE: tuple[Key[Any], ...] = (_CODE, _SUBDIVISION, _CATEGORIES, _DATES)

ZONE_NAME = from_words("an IANA time zone", "America/New_York", _zone, schema={"enum": sorted(known_zones())})
_HOLIDAYS = {"anyOf": [values.WORDS.schema, values.DATES.schema, object_schema(HOLIDAY_TABLE)]}
HOLIDAYS: Shape[Holidays] = Shape("a country's code, dates, `none`, or a mapping", "US", _holidays, _HOLIDAYS)

ZONE = Key("zone", ZONE_NAME, "the IANA zone whose clock counts")
HOURS = Key(
    "hours",
    values.WINDOWS,
    "the weekly hours; around the clock where not written",
    (),
    like="Monday to Friday 09:00-17:00",
)
HOLIDAY_LIST: Key[Holidays | None] = Key("holidays", optional(HOLIDAYS), "the days without hours", None)
TABLE: tuple[Key[Any], ...] = (ZONE, HOURS, HOLIDAY_LIST)


def read(name: str, node: Keyed, report: Report) -> Calendar:
    """The calendar that the mapping describes."""
    fields = Fields(node, TABLE, report, "a calendar")
    return Calendar(name, fields.get(ZONE), fields.get(HOURS), fields.get(HOLIDAY_LIST))
