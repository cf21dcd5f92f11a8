"""Incidents and planned work of a status page, one by one, as the page tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from makegood.exchange.foreign_json import Record
from makegood.exchange.moments import written
from makegood.exchange.statuspage_components import Components
from makegood.model.spans import Instant

IMPACT = {"none": 0, "minor": 1, "major": 2, "critical": 3}
MAINTENANCE = "maintenance"
STATUSES = (
    *("investigating", "identified", "monitoring", "resolved", "postmortem"),
    *("scheduled", "in_progress", "verifying", "completed"),
)
ENDED = ("resolved", "postmortem", "completed")

KNOWN_INCIDENT = (
    *("id", "name", "status", "impact", "created_at", "updated_at", "started_at", "monitoring_at", "resolved_at"),
    *("scheduled_for", "scheduled_until", "shortlink", "page_id", "incident_updates", "components", "metadata"),
    *("impact_override", "reminder_intervals", "scheduled_remind_prior", "scheduled_reminded_at", "postmortem_body"),
    *("postmortem_body_last_updated_at", "postmortem_ignored", "postmortem_notified_subscribers"),
    *("postmortem_notified_twitter", "postmortem_published_at", "scheduled_auto_completed"),
    *("scheduled_auto_in_progress", "scheduled_auto_transition", "auto_transition_deliver_notifications_at_end"),
    *("auto_transition_deliver_notifications_at_start", "auto_transition_to_maintenance_state"),
    *("auto_transition_to_operational_state", "auto_tweet_at_beginning", "auto_tweet_on_completion"),
    *("auto_tweet_on_creation", "auto_tweet_one_hour_before", "backfill_date", "backfilled"),
)
KNOWN_UPDATE = (
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components"),
    *("deliver_notifications", "custom_tweet", "tweet_id", "wants_twitter_update", "twitter_updated_at"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A status that an update gave to a component, from an instant (µs UTC) on."""

    at: Instant
    component: str
    status: str


@dataclass(frozen=True)
class Incident:
    """One incident as its page tells of it. Instants in µs UTC; `changes` in order of time.

    `begin` is when it began, None where the page does not say; `told` is the last instant of which the page says
    anything about it; `end` is None where it was not seen to end. `posted` is when the page first showed it.
    """

    record: Record
    id: str
    name: str
    impact: str
    components: tuple[str, ...]
    changes: tuple[Change, ...]
    begin: Instant | None
    told: Instant
    end: Instant | None
    posted: Instant | None
    scheduled: tuple[Instant | None, Instant | None]


def read(record: Record, components: Components) -> Incident | None:
    """One incident; None with its problems in the findings where something of it cannot be right."""
    record.knows(*KNOWN_INCIDENT)
    before = record.findings.count
    name, impact = record.ident("id"), record.word("impact", (*IMPACT, MAINTENANCE), "none")
    posted, resolved = record.instant("created_at"), record.instant("resolved_at")
    scheduled = record.instant("scheduled_for"), record.instant("scheduled_until")
    begin = min((at for at in (posted, record.instant("started_at")) if at is not None), default=None)
    for listed in record.records("components"):
        components.listed(listed)
    updates = _updates(record, components, begin)
    begin = begin if begin is not None or not updates else updates[0].at
    ended = [update.at for update in updates if update.status in ENDED]
    end = resolved if resolved is not None else min(ended, default=None)
    _in_order(record, begin, end, components.now, is_work=impact == MAINTENANCE or scheduled[0] is not None)
    if record.findings.count > before:
        return None
    changes = [Change(u.at if i else begin or u.at, code, s) for i, u in enumerate(updates) for code, s in u.affected]
    listed_here = (c.text("id") for c in record.records("components"))
    of = tuple(dict.fromkeys(c for c in (*listed_here, *(c.component for c in changes)) if c))
    return Incident(
        record, name, record.text("name"), MAINTENANCE if scheduled[0] is not None else impact, of, tuple(changes),
        begin, max([begin or 0, *(u.at for u in updates)]), end, posted, scheduled,
    )  # fmt: skip


def each_once(incidents: Iterable[Incident]) -> None:
    """A problem for every incident that has the id of an earlier one."""
    first: dict[str, Incident] = {}
    for incident in incidents:
        if first.setdefault(incident.id, incident) is not incident:
            what = f"has the id `{incident.id}` of {first[incident.id].record.where}"
            incident.record.error(what, "one incident has one end", "keep the later telling of the two")


@dataclass(frozen=True, slots=True)
class _Update:
    at: Instant
    status: str
    affected: tuple[tuple[str, str], ...]


def _updates(record: Record, components: Components, begin: Instant | None) -> list[_Update]:
    """The updates in order of time; the page may show one as of an earlier time than it was written at."""
    found = list[_Update]()
    for update in record.records("incident_updates"):
        update.knows(*KNOWN_UPDATE)
        status = update.word("status", STATUSES)
        shown = [at for at in (update.instant("display_at"), update.instant("created_at")) if at is not None]
        affected = tuple(components.affected(update))
        if shown:
            found.append(_Update(max(min(shown), begin or 0), status, affected))
        else:
            update.error("has neither `created_at` nor `display_at`", "its place in time is not known")
    return sorted(found, key=lambda update: update.at)


def _in_order(record: Record, begin: Instant | None, end: Instant | None, now: Instant, is_work: bool) -> None:
    if begin is not None and end is not None and end < begin:
        record.error(f"ends at {written(end)}, before it begins at {written(begin)}", "", "correct it on the page")
    elif end is not None and end > now:
        record.error(f"ends at {written(end)}, which lies in the future; it is {written(now)}")
    if begin is not None and begin > now and not is_work:
        record.error(f"begins at {written(begin)}, which lies in the future; it is {written(now)}")
