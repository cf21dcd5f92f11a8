"""Incidents of a status page in the JSON of Statuspage (v2): what it reported of its components, and its planned work.

`incidents.json` tells of the last incidents whole, `scheduled-maintenances.json` of work alone, `summary.json` of what
is unresolved at one instant. A component is down while the page gives it a status at or above the one chosen; where an
incident gives no status of its components, its impact decides for all of it. A component under maintenance is unknown:
the page does not say that it worked. Announced work becomes maintenances, and its post on the page a notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import shown
from makegood.exchange.foreign_json import Findings, Record, counted, json_of, looks_like_json, plain_words
from makegood.exchange.moments import written
from makegood.exchange.naming import Naming
from makegood.exchange.polls import Polls, read_polls
from makegood.exchange.statuspage_components import Components, read_components
from makegood.exchange.statuspage_incidents import IMPACT, MAINTENANCE, Incident, each_once
from makegood.exchange.statuspage_incidents import read as read_incident
from makegood.exchange.table import Unreadable
from makegood.exchange.told_spans import Stretch, states_of
from makegood.model.facts import DOWN, UNKNOWN, AnyFact, Maintenance, Notice
from makegood.model.spans import Instant, Span

SEVERITY = {"operational": 0, "degraded_performance": 1, "partial_outage": 2, "major_outage": 3}
UNDER_MAINTENANCE = "under_maintenance"
DOWN_FROM = {word: IMPACT[word] for word in ("minor", "major", "critical")}
"""From which severity on a component is down: degraded performance, a partial outage, a major outage."""
DOWN_BY = ("status", "impact")


def tells(file: Foreign) -> bool:
    """Whether it is a page's incidents, planned work, or summary."""
    if not looks_like_json(file, b"page") or not any(w in file.raw for w in (b'"incidents"', b'"scheduled_maintenanc')):
        return False
    value = json_of(file)
    lists = (value.get(name) for name in ("incidents", "scheduled_maintenances")) if isinstance(value, dict) else ()
    return any(isinstance(found, list) for found in lists) and isinstance(value.get("page"), dict)


def read(file: Foreign) -> Brought:
    """Everything that a page's file tells. Options: `down-from`, `down-by`, `polls`, `components`, `fetched`.

    Raises Unreadable for a file that is no such JSON, and OSError as `open` does.
    """
    document = json_of(file)
    if not isinstance(document, dict):
        raise Unreadable("this is no file of a status page: it should be one object with `page` and `incidents`")
    findings = Findings(str(file.path))
    top = Record(document, "", findings)
    top.knows("page", "incidents", "scheduled_maintenances", "components", "status")
    page = top.record("page")
    components = read_components(top, _components(file, findings), file.now)
    incidents = [read_incident(record, components) for record in _entries(top)]
    found = [incident for incident in incidents if incident is not None]
    each_once(found)
    polls = read_polls(Path(file.options["polls"]), file.now) if "polls" in file.options else None
    return _Page(file, findings, page, components, found, polls, "components" in document).brought()


def _components(file: Foreign, findings: Findings) -> Record | None:
    """The page's own list of components, where its user names the file that holds it."""
    if "components" not in file.options:
        return None
    value = json_of(replace(file, path=Path(file.options["components"])))
    if not isinstance(value, dict) or not isinstance(value.get("components"), list):
        raise Unreadable("--components names no list of components: give the page's components.json or summary.json")
    return Record(value, "components.json", findings)


def _entries(top: Record) -> Sequence[Record]:
    return [*top.records("incidents"), *top.records("scheduled_maintenances")]


@dataclass
class _Page:
    """One reading of a page: its incidents in time, under our names."""

    file: Foreign
    findings: Findings
    page: Record
    components: Components
    incidents: Sequence[Incident]
    polls: Polls | None
    is_summary: bool

    def brought(self) -> Brought:
        self.page.knows("id", "name", "url", "time_zone", "updated_at")
        name = plain_words(self.page.text("name") or "status page")
        naming = Naming(self.file.names, self.findings, "component")
        notes = list[str]()
        self._strangers()
        until = self._until()
        stretches = {ours: list[Stretch]() for ours in self._quiet(naming)}
        facts = list[AnyFact]()
        for incident in self.incidents:
            ours = {code: naming.of(*self.components.names(code)) for code in incident.components}
            if not incident.components:
                ours = {"": naming.of(name, self.page.text("id"))}
            if incident.impact == MAINTENANCE:
                facts += self._work(incident, [o for o in ours.values() if o], name, notes)
            for code, service in ours.items():
                if service is not None:
                    of = stretches.setdefault(service, [])
                    of += self._stretches(incident, code, until)
        hint = "" if self.components.whole else "a component without incidents is known from --components summary.json"
        notes += naming.finish(self.components.all_names(), hint)
        notes += self.findings.left_aside()
        source = self.file.source or name
        if self.findings.problems or not stretches:
            return Brought(source, tuple(facts), notes=tuple(notes), problems=self.findings.all())
        since = self._since(until)
        states, opening = states_of(stretches, since, until)
        notes += self._about(stretches, since, until)
        return Brought(source, tuple(facts), states, opening, notes=tuple(notes), problems=self.findings.all())

    def _strangers(self) -> None:
        """A problem where the polls list incidents that the file does not hold: their time would pass for up."""
        held = {incident.id for incident in self.incidents}
        listed = sorted(set(self.polls.listing) - held) if self.polls and not self.findings.count else []
        if listed:
            some = ", ".join(f"`{shown(name)}`" for name in listed[:3]) + (" …" if len(listed) > 3 else "")
            what = f"the polls list {counted(len(listed), 'incident')} that the file does not hold: {some}"
            self.findings.error("foreign-value", what, "their time would pass for up", "give the file that holds them")

    def _quiet(self, naming: Naming) -> list[str]:
        """Our names of the components that the page lists, of which there may be no incident."""
        if not self.components.whole:
            return []
        found = [naming.of(*self.components.names(code)) for code in self.components.codes()]
        return [ours for ours in dict.fromkeys(found) if ours is not None]

    def _until(self) -> Instant:
        """The last instant that the page was looked at."""
        asked = self.file.options.get("fetched")
        told = [incident.told for incident in self.incidents if incident.told <= self.file.now]
        updated = self.page.instant("updated_at")
        at = [int(asked)] if asked else [*told, *([updated] if updated is not None else [])]
        at += [self.polls.at[-1]] if self.polls else []
        until = max(at, default=self.file.now)
        if updated is not None and updated > self.file.now:
            self.page.error(f"was updated at {written(updated)}, which lies in the future")
        if asked and int(asked) > self.file.now:
            self.findings.error("foreign-value", f"--fetched lies in the future: {written(int(asked))}")
        if asked and told and until < max(told):
            self.page.error(f"tells of {written(max(told))}, after it was fetched at {written(until)}", "",
                            "correct --fetched")  # fmt: skip
        return until

    def _since(self, until: Instant) -> Instant:
        """The first instant from which the page tells of every incident."""
        if self.polls:
            return self.polls.at[0]
        begins = [i.begin for i in self.incidents if i.begin is not None and i.impact != MAINTENANCE]
        return until if self.is_summary or not begins else min(*begins, until)

    def _stretches(self, incident: Incident, code: str, until: Instant) -> list[Stretch]:
        """When a component was down in an incident, or under maintenance; the last stretch ends with the incident."""
        begin, last = self._bounds(incident, until)
        if begin is None or last is None:
            return []
        steps = self._steps(incident, code, begin[1])
        stretches = list[Stretch]()
        for i, (at, outcome) in enumerate(steps):
            if outcome is None:
                continue
            first = begin if i == 0 and at <= begin[1] else (at, at)
            end = (steps[i + 1][0],) * 2 if i + 1 < len(steps) else last
            end = min(max(end[0], first[1]), last[1]), min(max(end[1], first[1]), last[1])
            if end[1] > first[0]:
                stretches.append(Stretch(first[0], min(first[1], end[0]), end[0], end[1], outcome))
        return stretches

    def _bounds(
        self, incident: Incident, until: Instant
    ) -> tuple[tuple[Instant, Instant] | None, tuple[Instant, Instant] | None]:
        """When the incident began and when it ended, each between two instants."""
        begin = (incident.begin, incident.begin) if incident.begin is not None else None
        if begin is None and self.polls is not None:
            begin = self.polls.begins_between(incident.id)
        if begin is None:
            incident.record.error("says neither `created_at` nor `started_at`", "and no poll lists it", "give --polls")
            return None, None
        if incident.end is not None:
            return begin, (incident.end, incident.end)
        told, still = max(incident.told, begin[1]), max(incident.told, until) + 1
        if self.polls is None:
            return begin, (still, still)
        seen, gone = self.polls.ends_between(incident.id, told)
        return begin, (seen, still if gone is None else gone)

    def _steps(self, incident: Incident, code: str, begin: Instant) -> list[tuple[Instant, int | None]]:
        """From each instant on: down, unknown, or None for what is not down."""
        from_ = DOWN_FROM[self.file.options.get("down-from", "major")]
        mine = [c for c in incident.changes if c.component == code]
        if not mine or self.file.options.get("down-by", "status") == "impact":
            return [(begin, DOWN)] if IMPACT.get(incident.impact, 0) >= from_ else []
        steps = list[tuple[Instant, int | None]]()
        for change in mine:
            down = SEVERITY.get(change.status, 0) >= from_
            outcome = UNKNOWN if change.status == UNDER_MAINTENANCE else DOWN if down else None
            if steps and steps[-1][0] == change.at:
                steps.pop()
            if not steps or steps[-1][1] != outcome:
                steps.append((change.at, outcome))
        return steps

    def _work(self, incident: Incident, services: Sequence[str], page: str, notes: list[str]) -> list[AnyFact]:
        start, end = incident.scheduled
        if start is None or end is None:
            notes.append(f"planned work {incident.id} was left out, because the page does not say from when to when")
            return []
        if end <= start:
            incident.record.error(f"is scheduled until {written(end)}, which is not after {written(start)}")
            return []
        if not services:
            return []
        facts: list[AnyFact] = []
        base = f"statuspage-{incident.id}", self.file.now, self.file.by
        purpose = plain_words(incident.name)
        facts.append(Maintenance(*base, "", tuple(dict.fromkeys(services)), Span(start, end), "scheduled", purpose))
        if incident.posted is not None and incident.posted <= self.file.now:
            facts.append(Notice(f"{base[0]}-notice", base[1], base[2], "", base[0], f"readers of {page}",
                                "status page", incident.posted))  # fmt: skip
        return facts

    def _about(self, stretches: Mapping[str, Sequence[Stretch]], since: Instant, until: Instant) -> list[str]:
        """What a person should know about the states that were made."""
        option = self.file.options.get("down-from", "major")
        by = self.file.options.get("down-by", "status")
        names = {"minor": "degraded performance", "major": "a partial outage", "critical": "a major outage"}
        what = f"a component with {names[option]} or worse" if by == "status" else f"an incident of impact {option} on"
        told = f"{what} counts as down (--down-from {option})" + (" (--down-by impact)" if by == "impact" else "")
        notes = [told, f"what the page told reaches from {written(since)} to {written(until)}"]
        every = [s for of in stretches.values() for s in of if s.outcome == DOWN]
        loose = sum(s.end < s.latest_end or s.earliest_begin < s.begin for s in every)
        if loose:
            of = (
                f"{loose:,} of the {len(every):,} spans of down time" if len(every) > 1 else "the one span of down time"
            )
            notes.append(f"the begin or the end of {of} is known between two instants only, and both are kept")
        still = [i.id for i in self.incidents if i.end is None and i.impact != MAINTENANCE]
        if still and self.polls is None:
            first = ", ".join(still[:3]) + (" …" if len(still) > 3 else "")
            until_when = "their components stay as they are for as long as the agreement lets a last state hold"
            notes.append(f"not resolved: {counted(len(still), 'incident')} ({first}); {until_when}")
        return notes
