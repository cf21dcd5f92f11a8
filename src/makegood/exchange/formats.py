"""The formats of other programs: how each is told by its content, and who reads it. The one table of them.

A format is added here and nowhere else; `makegood import --from` offers it then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from makegood.exchange import datadog, healthchecks, ical, kuma, prometheus, statuspage
from makegood.exchange.brought import Brought, Foreign


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name after `--from`, what it is in words, and the options that are its own.

    `tells` is whether a file is one by its content: never true of a file of another format. `read` makes of it what can
    be made. Both raise Unreadable for a file that cannot be looked at, and OSError as `open` does.
    """

    name: str
    says: str
    tells: Callable[[Foreign], bool]
    read: Callable[[Foreign], Brought]
    options: Sequence[str] = ()


_ALL: tuple[Format, ...] = (
    Format(
        "statuspage",
        "incidents and planned work of a status page, in the JSON of Statuspage v2",
        statuspage.tells,
        statuspage.read,
        ("down-from", "down-by", "polls", "components", "fetched"),
    ),
    Format(
        "healthchecks",
        "flips of one check in healthchecks, as JSON or as a table",
        healthchecks.tells,
        healthchecks.read,
        ("grace", "fetched"),
    ),
    Format("kuma", "the database of Uptime Kuma, kuma.db", kuma.tells, kuma.read),
    Format(
        "datadog",
        "corrections of service level objectives, or downtimes of monitors, in Datadog",
        datadog.tells,
        datadog.read,
        ("kind",),
    ),
    Format(
        "prometheus",
        "a range of samples, as /api/v1/query_range of Prometheus answers",
        prometheus.tells,
        prometheus.read,
        prometheus.OPTIONS,
    ),
    Format("icalendar", "events of a calendar, .ics, as announced work", ical.tells, ical.read, ical.OPTIONS),
)

FORMATS: Mapping[str, Format] = {one.name: one for one in _ALL}
"""Every format by its name."""


def told(file: Foreign) -> list[Format]:
    """The formats that a file may be by its content: one, none where it is of no other program, seldom several."""
    return [one for one in FORMATS.values() if one.tells(file)]
