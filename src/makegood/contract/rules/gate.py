"""The conditions of an exclusion: gates that hold or fail for a whole announcement, and clips that are spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed, Node
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, mapping_of, object_schema, one_of
from makegood.model.terms import Gate, GateKind, Strength
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, WeeklyWindow

FIELDS = ("kind", "purpose", "directed by", "evidence", "committed")
"""Fields of a fact that a gate may compare."""


def in_words(key: str, gate: Gate) -> str:
    """A condition as a reader would say it: `notice at least 72 h before the start, via email`."""
    match gate.kind:
        case GateKind.NOTICE:
            length = f"at least {gate.notice}" if isinstance(gate.notice, Allowance) else str(gate.notice)
            words = f"notice {length} before the start"
        case GateKind.WITHIN | GateKind.OUTSIDE:
            hours = " and ".join(str(w) for w in gate.windows) or f"the hours of {gate.calendar}"
            words = f"{key} {hours}"
        case GateKind.LASTING:
            words = f"lasting {gate.lasting}"
        case GateKind.ANNOUNCED:
            words = "announced before the start"
        case GateKind.OF_EACH_OUTAGE | GateKind.OUTAGES_LASTING:
            words = f"{gate.kind.value} {gate.lasting}"
        case GateKind.FACT:
            words = f"{key} is {' or '.join(gate.values)}"
    return words + (f", via {' or '.join(gate.channels)}" if gate.channels else "")


_BEFORE: Key[Threshold[int] | Allowance] = Key(
    "before", values.NOTICE, "how long before the announced start the last contact must have it"
)
_VIA = Key("via", values.WORD_LIST, "the channels that count", (), like="email")
_IN = Key("in", values.NAME, "the calendar in which days of notice are counted", "", like="business-days")
_FORCE = Key(
    "force",
    one_of("condition", "effort", "aim"),
    "whether it must hold, is an effort, or is only hoped for",
    "condition",
)
NOTICE_TABLE: tuple[Key[Any], ...] = (_BEFORE, _VIA, _IN, _FORCE)
ANNOUNCED_TABLE: tuple[Key[Any], ...] = (_VIA, _FORCE)
_SPAN = Key("window", values.WINDOWS, "weekly windows", ())
_CALENDAR = Key("hours of", values.NAME, "a calendar whose hours are the window", "", like="business-hours")
WINDOW_TABLE: tuple[Key[Any], ...] = (_SPAN, _CALENDAR, _IN, _FORCE)
_FACT_VALUE = Key("is", values.WORD_LIST, "the values of which the fact must have one", like="[standard, regular]")
FACT_TABLE: tuple[Key[Any], ...] = (_FACT_VALUE, _FORCE)


def _forced(gate: Gate, force: str) -> Gate:
    if force == "effort":
        return replace(gate, effort=True, strength=Strength.EFFORTS)
    return replace(gate, strength=Strength.AIM) if force == "aim" else gate


def _notice(node: Node, report: Report) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, NOTICE_TABLE, report, "a notice")
        gate = Gate(GateKind.NOTICE, "", notice=fields.get(_BEFORE), channels=fields.get(_VIA))
        return _forced(replace(gate, notice_calendar=fields.get(_IN)), fields.get(_FORCE))
    before: Threshold[int] | Allowance | None = values.NOTICE.read(node, report)
    return None if before is None else Gate(GateKind.NOTICE, "", notice=before)


def _announced(node: Node, report: Report) -> Gate | None:
    """Announced at all before it starts: `yes`, or with its channels and force."""
    if isinstance(node, Keyed):
        fields = Fields(node, ANNOUNCED_TABLE, report, "an announcement")
        return _forced(Gate(GateKind.ANNOUNCED, "", channels=fields.get(_VIA)), fields.get(_FORCE))
    return None if values.YES_NO.read(node, report) is None else Gate(GateKind.ANNOUNCED, "")


def _window(kind: GateKind, node: Node, report: Report) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, WINDOW_TABLE, report, "a window")
        gate = Gate(kind, "", windows=fields.get(_SPAN), calendar=fields.get(_CALENDAR) or fields.get(_IN))
        return _forced(gate, fields.get(_FORCE))
    windows: tuple[WeeklyWindow, ...] | None = values.WINDOWS.read(node, report)
    return None if windows is None else Gate(kind, "", windows=windows)


def _fact(key: str, node: Node, report: Report) -> Gate | None:
    if isinstance(node, Keyed):
        fields = Fields(node, FACT_TABLE, report, f"the condition `{key}`")
        return _forced(Gate(GateKind.FACT, "", key, fields.get(_FACT_VALUE)), fields.get(_FORCE))
    found = values.WORD_LIST.read(node, report)
    return None if found is None else Gate(GateKind.FACT, "", key, found)


def _one(key: str, node: Node, report: Report) -> Gate | None:
    match key:
        case "notice":
            return _notice(node, report)
        case "within" | "wholly within":
            return _window(GateKind.WITHIN, node, report)
        case "outside" | "wholly outside":
            return _window(GateKind.OUTSIDE, node, report)
        case "lasting":
            lasting = values.THRESHOLD_DURATION.read(node, report)
            return None if lasting is None else Gate(GateKind.LASTING, "", lasting=lasting)
        case "of each outage" | "outages lasting":
            length = values.THRESHOLD_DURATION.read(node, report)
            return None if length is None else Gate(GateKind(key), "", lasting=length)
        case "announced":
            return _announced(node, report)
        case _:
            return _fact(key, node, report)


GATE_NAMES = (*FIELDS, "notice", "wholly within", "wholly outside", "lasting", "announced")
CLIP_NAMES = ("within", "outside", "lasting", "of each outage", "outages lasting")


def _read(names: tuple[str, ...], what: str) -> Any:
    def read(node: Keyed, report: Report) -> tuple[Gate, ...]:
        Fields(node, [Key(n, values.WORDS, "") for n in names], report, what)
        found = [(key.text, _one(key.text, value, report)) for key, value in node.entries if key.text in names]
        named = [(key, gate) for key, gate in found if gate is not None]
        if report.failed:  # a value that was refused has no words, and these terms bind nobody
            return tuple(gate for _, gate in named)
        return tuple(replace(gate, says=in_words(key, gate)) for key, gate in named)

    return read


def _deciding(node: Keyed, report: Report) -> tuple[Gate, ...]:
    """Gates decide: an aim among them would decide nothing, and say so nowhere."""
    found: tuple[Gate, ...] = _read(GATE_NAMES, "`gates`")(node, report)
    for gate in found:
        if gate.strength is Strength.AIM:
            what, why = "an aim decides nothing, so it is no gate", f"`{gate.says}` would never refuse an excuse"
            report.error("aim-as-gate", node.place, what, why, "write it under `expect`")
    return found


_WINDOWS = ("within", "outside", "wholly within", "wholly outside")
_SCHEMAS: Mapping[str, dict[str, Any]] = {
    **{name: {"anyOf": [values.WORD_LIST.schema, object_schema(FACT_TABLE)]} for name in FIELDS},
    **{name: {"anyOf": [values.WINDOWS.schema, object_schema(WINDOW_TABLE)]} for name in _WINDOWS},
    "notice": {"anyOf": [values.NOTICE.schema, object_schema(NOTICE_TABLE)]},
    **dict.fromkeys(("lasting", "of each outage", "outages lasting"), values.THRESHOLD_DURATION.schema),
    "announced": {"anyOf": [values.YES_NO.schema, object_schema(ANNOUNCED_TABLE)]},
}


def _conditions(says: str, example: str, names: tuple[str, ...], read: Any) -> Shape[tuple[Gate, ...]]:
    properties = {name: _SCHEMAS[name] for name in names}
    shape: Shape[tuple[Gate, ...]] = mapping_of(says, example, read)
    return replace(shape, schema={"type": "object", "properties": properties, "additionalProperties": False})


GATES = _conditions("conditions", "{kind: standard, notice: at least 72 h}", GATE_NAMES, _deciding)
CLIPS = _conditions(
    "spans", "{within: Sunday 02:00-06:00, lasting: at most 4 h}", CLIP_NAMES, _read(CLIP_NAMES, "`clips`")
)
EXPECTED_NAMES = (*GATE_NAMES, "within", "outside")
EXPECTED = _conditions(
    "what is expected",
    "{notice: {before: at least 24 h, force: effort}}",
    EXPECTED_NAMES,
    _read(EXPECTED_NAMES, "`expect`"),
)
CONDITIONS = _conditions("conditions of a fact", "{directed by: provider}", FIELDS, _read(FIELDS, "`unless`"))
CAUSES = list_of(values.WORDS)
