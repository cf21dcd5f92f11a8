"""Who is on call at an instant, and until when: turns by local date and clock, overrides, layers in order.

A turn begins at the first instant at which its date's clock shows the hand-over time (DESIGN §3.1), never by adding
hours, so that a hand-over at 09:00 stays at 09:00 when clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from makegood.calendar.window import weekly
from makegood.calendar.zone import Zone
from makegood.model.alerts import Layer, Rotation
from makegood.model.spans import DAY, Instant, Span


@dataclass(frozen=True, slots=True)
class Shift:
    """A span in which one person is on call; nobody where `person` is empty. `why` says what put them there."""

    person: str
    span: Span
    why: str


def on_call(rotation: Rotation, at: Instant) -> str:
    """The person on call at an instant; empty where nobody is."""
    for one in reversed(rotation.overrides):
        if at in one.during:
            return one.person
    zone = Zone.named(rotation.zone)
    for layer in rotation.layers:
        if layer.hours and not len(weekly(layer.hours, zone, Span(at, at + 1))):
            continue
        if person := _turn(layer, zone, at):
            return person
    return ""


def shifts(rotation: Rotation, over: Span) -> list[Shift]:
    """Who is on call throughout a span, shift by shift without gaps; of the same person and reason one shift."""
    edges = sorted({over.start, over.end, *(edge for edge in _edges(rotation, over) if edge in over)})
    found: list[Shift] = []
    for start, end in pairwise(edges):
        person, why = on_call(rotation, start), _why(rotation, start)
        if found and (found[-1].person, found[-1].why) == (person, why):
            found[-1] = Shift(person, Span(found[-1].span.start, end), why)
        else:
            found.append(Shift(person, Span(start, end), why))
    return found


def _turn(layer: Layer, zone: Zone, at: Instant) -> str:
    """Whose turn it is in a layer; empty before its first hand-over."""
    number = _turn_number(layer, zone, at)
    return layer.people[number % len(layer.people)] if number >= 0 else ""


def _turn_number(layer: Layer, zone: Zone, at: Instant) -> int:
    """The number of the turn that holds an instant, from 0 on; below 0 before the first."""
    number = (zone.date_of(at) - layer.starts).days // layer.days
    while number >= 0 and _begin(layer, zone, number) > at:
        number -= 1
    return number


def _begin(layer: Layer, zone: Zone, number: int) -> Instant:
    return zone.instant(layer.starts + timedelta(days=number * layer.days), layer.at)


def _edges(rotation: Rotation, over: Span) -> Iterator[Instant]:
    zone = Zone.named(rotation.zone)
    for one in rotation.overrides:
        yield from (one.during.start, one.during.end)
    for layer in rotation.layers:
        for hours in weekly(layer.hours, zone, Span(over.start - DAY, over.end + DAY)) if layer.hours else ():
            yield from (hours.start, hours.end)
        number = max(0, _turn_number(layer, zone, over.start))
        while (begin := _begin(layer, zone, number)) < over.end:
            yield begin
            number += 1


def _why(rotation: Rotation, at: Instant) -> str:
    if any(at in one.during for one in rotation.overrides):
        return "override"
    zone = Zone.named(rotation.zone)
    for number, layer in enumerate(rotation.layers, 1):
        if layer.hours and not len(weekly(layer.hours, zone, Span(at, at + 1))):
            continue
        if _turn(layer, zone, at):
            return f"layer {number}" if len(rotation.layers) > 1 else "turn"
    return "nobody"
