"""The maintenances of Uptime Kuma: single ones with their span; what recurs or is set by hand is left to be recorded.

Kuma knows monitors, and an agreement services: the order says which services a monitor's check is about.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from makegood.calendar.zone import UnknownZone, Zone
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.foreign_json import counted, plain_words
from makegood.exchange.sqlite_file import columns_of
from makegood.model.facts import Maintenance
from makegood.model.spans import Span

COLUMNS = {"id", "title", "strategy", "active", "start_date", "end_date"}
AS_SERVER = ("", "SAME_AS_SERVER")


@dataclass(frozen=True)
class Work:
    """The maintenances that were taken, and notes on those that were not."""

    maintenances: tuple[Maintenance, ...] = ()
    notes: tuple[str, ...] = ()


def read_work(file: Foreign, db: sqlite3.Connection, tables: set[str], checks: Mapping[int, str]) -> Work:
    """The maintenances of the monitors that are taken; `checks` are our names by the monitors' ids."""
    if not {"maintenance", "monitor_maintenance"} <= tables:
        return Work()
    has = columns_of(db, "maintenance")
    if not has >= COLUMNS:
        return Work(notes=("maintenances were left out: their table has a layout that is not known",))
    touched: dict[object, list[str]] = {}
    for monitor, work in db.execute("select monitor_id, maintenance_id from monitor_maintenance"):
        if monitor in checks:
            touched.setdefault(work, []).append(checks[monitor])
    zone = "timezone" if "timezone" in has else "null"
    server = _server_zone(db) if "setting" in tables else ""
    made, left = list[Maintenance](), Counter[str]()
    for id_, title, strategy, active, start, end, where in db.execute(
        f"select id, title, strategy, active, start_date, end_date, {zone} from maintenance order by id"
    ):
        of = touched.get(id_, [])
        services = tuple(dict.fromkeys(service for check in of for service in file.services.get(check, ())))
        span = _announced(start, end, server if str(where or "") in AS_SERVER else str(where))
        if why := _why_not(strategy, active, of, services):
            left[why] += 1
        elif span is None:
            left["their dates, or the zone of their dates, cannot be read"] += 1
        else:
            purpose = plain_words(str(title or ""))
            made.append(Maintenance(f"kuma-{id_}", file.now, file.by, "", services, span, "scheduled", purpose))
    notes = [f"left out: {counted(count, 'maintenance')}, because {why}" for why, count in left.items()]
    if made:
        notes.append("a maintenance in Kuma is no notice: who was told of it, and when, is recorded with notices")
    return Work(tuple(made), tuple(notes))


def _why_not(strategy: object, active: object, checks: list[str], services: tuple[str, ...]) -> str:
    if strategy != "single":
        return "they recur or are set by hand: record each time as a maintenance"
    if not active:
        return "they are switched off"
    if not checks:
        return "none of the monitors that are taken is in them"
    if not services:
        return "the order says which services a monitor is about: give --order"
    return ""


def _server_zone(db: sqlite3.Connection) -> str:
    row = db.execute("select value from setting where key = 'serverTimezone'").fetchone()
    return str(row[0] or "").strip('"') if row else ""


def _announced(start: object, end: object, zone: str) -> Span | None:
    """The span between two dates with times on the clock of a place; None where they cannot be read."""
    try:
        place = Zone.named(zone)
    except UnknownZone:
        return None
    edges = list[int]()
    for text in (str(start or ""), str(end or "")):
        day, clock = numbers.day(text[:10]), numbers.clock_time(text[11:16])
        if isinstance(day, Wrong) or isinstance(clock, Wrong):
            return None
        edges.append(place.instant(day, clock))
    return Span(edges[0], edges[1]) if edges[0] < edges[1] else None
