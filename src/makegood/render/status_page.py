"""The public page of services: the state of each, its 90 days, its outages and what excuses them; small and plain.

It needs no script. A bar of days is one path for each kind of day; what it shows stands below it in words too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from makegood.model.spans import Instant, Span
from makegood.model.status import Day, DayKind, ServiceStatus, State, ToldOutage
from makegood.render import moments
from makegood.render.lengths import duration
from makegood.render.pages import page
from makegood.render.reasons import short_reasons

WORDS = {State.UP: "up", State.DOWN: "down", State.UNKNOWN: "not known"}
DAY_WORDS = {
    DayKind.DOWN: "with an outage",
    DayKind.EXCUSED: "with an excused outage",
    DayKind.UNKNOWN: "not seen throughout",
    DayKind.UP: "up",
    DayKind.NONE: "without evidence",
}
MOST_OUTAGES = 10
"""Outages of a service that the page lists."""


def status_page(services: Sequence[ServiceStatus], title: str = "Service status") -> str:
    """The page. It says nothing of when it was made, so that the same knowledge is the same page."""
    return page(
        "status.html.j2", title=title, headline=_headline(services), services=services, words=WORDS, paths=paths,
        width=width, spoken=spoken, outages=lambda one: one.outages[:MOST_OUTAGES], told=told, since=since,
        stretch=moments.local_stretch, day=moments.day, more=lambda one: max(0, len(one.outages) - MOST_OUTAGES),
    )  # fmt: skip


def _headline(services: Sequence[ServiceStatus]) -> tuple[str, str]:
    """The worst state of all, as a class and a sentence."""
    if not services:
        return State.UNKNOWN.value, "No service is shown here."
    down = [one.title for one in services if one.state is State.DOWN]
    unseen = [one.title for one in services if one.state is State.UNKNOWN]
    if down:
        says = f"{_listed(down)} {'is' if len(down) == 1 else 'are'} down."
        return State.DOWN.value, says
    if unseen:
        return State.UNKNOWN.value, f"Of {_listed(unseen)} nothing is known right now."
    return State.UP.value, "Everything is up." if len(services) > 1 else f"{services[0].title} is up."


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def paths(days: Sequence[Day]) -> list[tuple[str, str]]:
    """For each kind of day that there is its class and its path, four units for each day."""
    drawn: dict[str, list[str]] = {}
    for n, one in enumerate(days):
        drawn.setdefault(one.kind.value, []).append(f"M{4 * n} 0h3v9h-3z")
    return [(kind, "".join(parts)) for kind, parts in drawn.items()]


def width(days: Sequence[Day]) -> int:
    """How wide the bar is."""
    return max(1, 4 * len(days) - 1)


def spoken(days: Sequence[Day]) -> str:
    """What the bar shows, in a sentence: `90 days: 2 with an outage, 88 up`."""
    counted = Counter(one.kind for one in days)
    parts = [f"{counted[kind]} {says}" for kind, says in DAY_WORDS.items() if counted[kind]]
    return f"{len(days)} {'day' if len(days) == 1 else 'days'}: {', '.join(parts)}"


def since(at: Instant, zone: str) -> str:
    """`since Sun 8 Feb 2026 02:10 −05:00`."""
    return f"since {moments.local(at, zone)}"


def told(one: ToldOutage, zone: str) -> str:
    """An outage in a line, with how much of it was excused, and by which reasons it began; not where they were seen."""
    words = short_reasons(one.failures)
    why = f" ({', '.join(words)})" if words else ""
    if one.end is None:
        return f"{moments.local(one.begin, zone)}, not over{why}"
    long = one.end - one.begin
    says = f"{moments.local_stretch(Span(one.begin, one.end), zone)}, {duration(long)}"
    if one.excused:
        says += ", excused" if one.excused == long else f", of which {duration(one.excused)} excused"
    return says + why
