"""The conditions of an exclusion: gates that hold or fail for a whole announcement, and clips that are spans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, mapping_of, one_of
from makegood.model.terms import Gate, GateKind, Strength
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, WeeklyWindow

FIELDS = ("kind", "purpose", "directed by", "evidence", "committed")
"""Fields of a fact that a gate may compare."""


def _says(key: str, node: Node) -> str:
    if isinstance(node, Text):
        return f"{key}: {node.text}"
    if isinstance(node, Keyed):
        return f"{key}: " + ", ".join(f"{k.text} {_plain(v)}" for k, v in node.entries)
    return f"{key}: " + ", ".join(_plain(item) for item in node.items)


def _plain(node: Node) -> str:
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Keyed):
        return ", ".join(f"{k.text} {_plain(v)}" for k, v in node.entries)
    return " or ".join(_plain(item) for item in node.items)


_BEFORE: Key[Threshold[int] | Allowance] = Key(
    "before", values.NOTICE, "how long before the announced start the last contact must have it"
)
_VIA = Key("via", values.WORD_LIST, "the channels that count", ())
_IN = Key("in", values.NAME, "the calendar in which days of notice are counted", "")
_FORCE = Key(
    "force",
    one_of("condition", "effort", "aim"),
    "whether it must hold, is an effort, or is only hoped for",
    "condition",
)
_NOTICE_KEYS: tuple[Key[Any], ...] = (_BEFORE, _VIA, _IN, _FORCE)
_ANNOUNCED_KEYS: tuple[Key[Any], ...] = (_VIA, _FORCE)
_SPAN = Key("window", values.WINDOWS, "weekly windows", ())
_CALENDAR = Key("hours of", values.NAME, "a calendar whose hours are the window", "")
_WINDOW_KEYS: tuple[Key[Any], ...] = (_SPAN, _CALENDAR, _IN, _FORCE)
_FACT_VALUE = Key("is", values.WORD_LIST, "the values of which the fact must have one")
_FACT_KEYS: tuple[Key[Any], ...] = (_FACT_VALUE, _FORCE)


def _forced(gate: Gate, force: str) -> Gate:
    if force == "effort":
        return replace(gate, effort=True, strength=Strength.EFFORTS)
    return replace(gate, strength=Strength.AIM) if force == "aim" else gate


def _notice(node: Node, report: Report, says: str) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, _NOTICE_KEYS, report, "a notice")
        gate = Gate(GateKind.NOTICE, says, notice=fields.get(_BEFORE), channels=fields.get(_VIA))
        return _forced(replace(gate, notice_calendar=fields.get(_IN)), fields.get(_FORCE))
    before: Threshold[int] | Allowance | None = values.NOTICE.read(node, report)
    return None if before is None else Gate(GateKind.NOTICE, says, notice=before)


def _announced(node: Node, report: Report, says: str) -> Gate | None:
    """Announced at all before it starts: `yes`, or with its channels and force."""
    if isinstance(node, Keyed):
        fields = Fields(node, _ANNOUNCED_KEYS, report, "an announcement")
        return _forced(Gate(GateKind.ANNOUNCED, says, channels=fields.get(_VIA)), fields.get(_FORCE))
    return None if values.YES_NO.read(node, report) is None else Gate(GateKind.ANNOUNCED, says)


def _window(kind: GateKind, node: Node, report: Report, says: str) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, _WINDOW_KEYS, report, "a window")
        gate = Gate(kind, says, windows=fields.get(_SPAN), calendar=fields.get(_CALENDAR) or fields.get(_IN))
        return _forced(gate, fields.get(_FORCE))
    windows: tuple[WeeklyWindow, ...] | None = values.WINDOWS.read(node, report)
    return None if windows is None else Gate(kind, says, windows=windows)


def _fact(key: str, node: Node, report: Report, says: str) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, _FACT_KEYS, report, f"the condition `{key}`")
        return _forced(Gate(GateKind.FACT, says, key, fields.get(_FACT_VALUE)), fields.get(_FORCE))
    found = values.WORD_LIST.read(node, report)
    return None if found is None else Gate(GateKind.FACT, says, key, found)


def _one(key: str, node: Node, report: Report) -> Gate | None:
    says = _says(key, node)
    match key:
        case "notice":
            return _notice(node, report, says)
        case "within" | "wholly within":
            return _window(GateKind.WITHIN, node, report, says)
        case "outside" | "wholly outside":
            return _window(GateKind.OUTSIDE, node, report, says)
        case "lasting":
            lasting = values.THRESHOLD_DURATION.read(node, report)
            return None if lasting is None else Gate(GateKind.LASTING, says, lasting=lasting)
        case "announced":
            return _announced(node, report, says)
        case _:
            return _fact(key, node, report, says)


GATE_NAMES = (*FIELDS, "notice", "wholly within", "wholly outside", "lasting", "announced")
CLIP_NAMES = ("within", "outside", "lasting")


def _read(names: tuple[str, ...], what: str) -> Any:
    def read(node: Keyed, report: Report) -> tuple[Gate, ...]:
        Fields(node, [Key(n, values.WORDS, "") for n in names], report, what)
        found = [_one(key.text, value, report) for key, value in node.entries if key.text in names]
        return tuple(gate for gate in found if gate is not None)

    return read


GATES: Shape[tuple[Gate, ...]] = mapping_of(
    "conditions", "{kind: standard, notice: at least 72 h}", _read(GATE_NAMES, "the gates of an exclusion")
)
CLIPS: Shape[tuple[Gate, ...]] = mapping_of(
    "spans", "{within: Sunday 02:00-06:00, lasting: at most 4 h}", _read(CLIP_NAMES, "the clips of an exclusion")
)
EXPECTED: Shape[tuple[Gate, ...]] = mapping_of(
    "what is expected",
    "{notice: {before: at least 24 h, force: effort}}",
    _read((*GATE_NAMES, "within", "outside"), "what is expected"),
)
CONDITIONS: Shape[tuple[Gate, ...]] = mapping_of(
    "conditions of a fact", "{directed by: provider}", _read(FIELDS, "an exception")
)
CAUSES = list_of(values.WORDS)
