"""The components of a status page: what they are called, gathered from wherever its files name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from makegood.exchange.foreign_json import Record, plain_words
from makegood.model.spans import Instant

STATUSES = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
KNOWN = (
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date"),
    *("group_id", "page_id", "group", "only_show_if_degraded", "components", "automation_email"),
)


class Components:
    """Names by component id. `whole` is whether the page's own list was read; `now` is the time of reading, µs UTC."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self.whole = False
        self._full: dict[str, dict[str, None]] = {}
        self._short: dict[str, str] = {}
        self._group_of: dict[str, str] = {}
        self._groups: set[str] = set()
        self._shorts: Counter[str] = Counter()

    def listed(self, record: Record) -> None:
        """Learn from an entry of a `components` list."""
        record.knows(*KNOWN)
        record.word("status", STATUSES)
        code, name = record.text("id", needed=True), plain_words(record.text("name", needed=True))
        if not code or not name:
            return
        if group := record.text("group_id"):
            self._group_of.setdefault(code, group)
        if code not in self._short:
            self._short[code] = name
            if record.value.get("group") is True:
                self._groups.add(code)
            else:
                self._shorts[name] += 1

    def affected(self, update: Record) -> Iterator[tuple[str, str]]:
        """The components that an update names, each with the status that it gives them."""
        for entry in update.records("affected_components"):
            entry.knows("code", "name", "old_status", "new_status")
            code, name = entry.text("code", needed=True), plain_words(entry.text("name"))
            status = entry.word("new_status", STATUSES)
            if code and name:
                self._full.setdefault(code, {})[name] = None
            if code and status:
                yield code, status

    def codes(self) -> list[str]:
        """Every component that is no group."""
        return [code for code in self._short if code not in self._groups]

    def names(self, code: str) -> tuple[str, ...]:
        """How a component is called: as the page shows it, with its group; by its id; by its name alone; as it was."""
        short, fulls = self._short.get(code, ""), tuple(self._full.get(code, ()))
        group = self._short.get(self._group_of.get(code, ""), "")
        shown = fulls[0] if fulls else f"{group} - {short}" if group and short else short
        if not shown:
            return (code,)
        alone = self._shorts[short] == 1
        if shown == short and not alone:
            shown = f"{short} ({code})"
        return (shown, code, *([short] if short and alone else []), *fulls[1:])

    def all_names(self) -> set[str]:
        """Every name by which a component of the page's own list may be called; empty where that list is not known."""
        return {name for code in self.codes() for name in self.names(code)} if self.whole else set()


def read_components(top: Record, apart: Record | None, now: Instant) -> Components:
    """The components of the file itself, where it lists them, and of a list given apart."""
    components = Components(now)
    for document in (top, apart):
        if document is not None and document.value.get("components") is not None:
            components.whole = True
            for record in document.records("components"):
                components.listed(record)
    return components
