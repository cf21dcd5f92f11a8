"""Corrections of service level objectives in Datadog: announced work, and spans attributed to something else.

The JSON of `/api/v1/slo/correction` is read, one correction or many. Scheduled maintenance and deployments become
maintenances, everything else causes, in the words of the category. A correction is no notice: nobody's acceptance of
anything is recorded by it, so that a clause that asks for a notice finds none.
A file of monitors' downtimes is handed to its own reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from makegood.exchange import datadog_downtimes
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import shown
from makegood.exchange.datadog_rules import Rules, with_start, zone_named
from makegood.exchange.foreign_json import Findings, Record, json_of, looks_like_json, plain_words
from makegood.exchange.moments import written
from makegood.exchange.naming import Naming
from makegood.exchange.table import Unreadable
from makegood.model.facts import AnyFact, Cause, Maintenance
from makegood.model.spans import SECOND, Duration, Instant, Span

WORK = ("Scheduled Maintenance", "Deployment")
CATEGORIES = (*WORK, "Outside Business Hours", "Other")
KNOWN = (
    *("category", "created_at", "creator", "description", "duration", "end", "modified_at", "modifier", "rrule"),
    *("slo_id", "slo_query", "start", "timezone"),
)


def tells(file: Foreign) -> bool:
    """Whether it holds corrections, or downtimes of monitors."""
    if datadog_downtimes.tells(file):
        return True
    if not looks_like_json(file, b"data", b"attributes", b"category", b"start"):
        return False
    return any(_is_correction(entry) for entry in _entries(json_of(file)))


def read(file: Foreign) -> Brought:
    """The corrections as maintenances and causes, or the downtimes as maintenances, one for each time.

    Options: `kind`, of downtimes. Raises Unreadable, and OSError as `open` does.
    """
    if datadog_downtimes.tells(file):
        return datadog_downtimes.read(file)
    document = json_of(file)
    if not isinstance(document, dict) or "data" not in document:
        raise Unreadable("this is no file of corrections or downtimes: it should be one object with `data`")
    findings = Findings(str(file.path))
    if file.options.get("kind"):
        hint = "take --kind away"
        findings.error("foreign-option", "--kind is of downtimes, and this is a file of corrections",
                       "a correction has its category", hint)  # fmt: skip
    data = document["data"]
    top = Record({"data": data if isinstance(data, list) else [data]}, "", findings)
    naming = Naming(file.names, findings, "objective")
    reading = _Reading(file, findings, naming)
    facts = [fact for record in top.records("data") for fact in reading.facts(record)]
    notes = [*reading.notes, *naming.finish(), *findings.left_aside()]
    if any(isinstance(fact, Maintenance) for fact in facts):
        notes.insert(0, "a correction is no notice: who was told of the work, and when, is recorded with notices")
    return Brought(file.source or "datadog", tuple(facts), notes=tuple(notes), problems=findings.all())


def _entries(value: object) -> Sequence[object]:
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, list) else [data]


def _is_correction(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    attributes = entry.get("attributes")
    of = isinstance(attributes, dict) and {"category", "start"} <= attributes.keys()
    return entry.get("type", "correction") == "correction" and of


@dataclass
class _Reading:
    """One reading of a file; `notes` gather, and how many rules were searched in vain."""

    file: Foreign
    findings: Findings
    naming: Naming

    def __post_init__(self) -> None:
        self.rules = Rules(self.file.now)
        self.notes = self.rules.notes
        self.ids: dict[str, str] = {}

    def facts(self, record: Record) -> Iterator[AnyFact]:
        record.knows("id", "type", "attributes")
        entry = record.record("attributes")
        entry.knows(*KNOWN)
        before = self.findings.count
        name, category = record.ident("id"), entry.word("category", CATEGORIES)
        if not category and self.findings.count == before:
            entry.error("says no category", "it decides between work and other causes")
        objective = entry.text("slo_id")
        if not objective and self.findings.count == before:
            objective = self._asked_for(entry, name)
        spans = self._spans(entry, name)
        if name and self.ids.setdefault(name, record.where) != record.where:
            record.error(f"has the id `{shown(name)}` of {self.ids[name]}", "", "keep one of the two")
        if self.findings.count > before or not objective or not spans:
            return
        service = self.naming.of(objective)
        if service is None:
            return
        words = plain_words(entry.text("description"))
        recurs = bool(entry.text("rrule"))
        for span in spans:
            ident = f"datadog-{name}"
            yield self._fact(with_start(ident, span) if recurs else ident, category, service, span, words)

    def _fact(self, ident: str, category: str, service: str, span: Span, words: str) -> AnyFact:
        said = category.lower()
        if category in WORK:
            return Maintenance(ident, self.file.now, self.file.by, "", (service,), span, said, words)
        evidence = f"correction in Datadog: {words}" if words else "correction in Datadog"
        return Cause(ident, self.file.now, self.file.by, "", service, span, said, plain_words(evidence))

    def _asked_for(self, entry: Record, name: str) -> str:
        if query := entry.text("slo_query"):
            why = "which services those are is not in the file"
            self.notes.append(
                f"correction {shown(name)}, for what the query `{shown(query)}` finds, was left out: {why}"
            )
        else:
            entry.error("names no objective in `slo_id`", "it would concern nothing")
        return ""

    def _spans(self, entry: Record, name: str) -> list[Span]:
        """When the correction holds; empty after a problem or a note."""
        start, end = entry.seconds("start"), entry.seconds("end")
        duration, rule = self._duration(entry), entry.text("rrule")
        if start is None:
            if entry.value.get("start") is None:
                entry.error("says no start")
            return []
        if end is not None and end <= start:
            entry.error(f"ends at {written(end)}, which is not after its start at {written(start)}")
            return []
        if rule:
            return self._recurring(entry, rule, start, end, duration)
        if end is None and duration is not None:
            end = start + duration
        if end is None:
            self.notes.append(
                f"correction {shown(name)} has no end yet and was left out: import it again when it has one"
            )
            return []
        return [Span(start, end)]

    def _duration(self, entry: Record) -> Duration | None:
        value = entry.value.get("duration")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 366 * 86_400:
            entry.error(f"has `duration: {shown(str(value))}`, which is no number of seconds up to a year")
            return None
        return value * SECOND

    def _recurring(
        self, entry: Record, rule: str, start: Instant, end: Instant | None, duration: Duration | None
    ) -> list[Span]:
        if duration is None:
            if entry.value.get("duration") is None:
                entry.error("recurs and says no duration", "how long each time lasts is not known")
            return []
        zone = zone_named(entry, entry.text("timezone"))
        return [] if zone is None else self.rules.spans(entry, rule, start, duration, zone, end)
