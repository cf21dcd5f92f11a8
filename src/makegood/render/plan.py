"""A plan as text: a line for each agreement, order, check or alerts that would change, and below it key by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from makegood.model.alerts import Alerts
from makegood.model.plan import Happens, PlannedChange
from makegood.render.printable import printable

SIGNS: Final = {Happens.ADDED: "+", Happens.CHANGED: "~", Happens.REMOVED: "-"}
MOST_SHOWN: Final = 160
"""Of a value so many characters are shown."""


def counted(alerts: Alerts) -> str:
    """`2 rules, 1 escalation, 1 rotation, 2 people, 3 channels`."""
    parts = [(len(alerts.rules), "rule"), (len(alerts.escalations), "escalation"), (len(alerts.rotations), "rotation")]
    parts += [(len(alerts.people), "person"), (len(alerts.channels), "channel")]
    plural = {"person": "people"}
    return ", ".join(f"{n:,} {word if n == 1 else plural.get(word, word + 's')}" for n, word in parts)


def plan_text(changes: Sequence[PlannedChange]) -> str:
    """Every change, and a last line that counts them."""
    if not changes:
        return "nothing changes\n"
    lines = [line for change in changes for line in _lines(change)]
    counts = Counter(change.happens for change in changes)
    lines.append(", ".join(f"{counts[each]:,} {each.value}" for each in Happens if counts[each]))
    return "\n".join(lines) + "\n"


def _lines(change: PlannedChange) -> Iterator[str]:
    says = f"  ({printable(change.says)})" if change.says else ""
    yield f"{SIGNS[change.happens]} {change.kind} {printable(change.name)}{says}"
    for path, before, after in change.keys:
        if change.happens is Happens.ADDED:
            yield f"    {printable(path)}: {_short(after)}"
        elif before or after:
            yield f"    {printable(path)}: {_short(before) or 'nothing'} → {_short(after) or 'nothing'}"
        else:
            yield f"    {printable(path)}"


def _short(value: str) -> str:
    shown = printable(value)
    return shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"


def plan_document(changes: Sequence[PlannedChange]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "kind": change.kind,
            "name": change.name,
            "happens": change.happens.value,
            "says": change.says,
            "keys": [{"path": path, "before": before, "after": after} for path, before, after in change.keys],
        }
        for change in changes
    ]
