"""Objects of OpenSLO v1 from a YAML file of one or more documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from makegood.contract.encoding import read_bytes
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.numbers import number
from makegood.contract.shape import Report
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.wrong import Wrong
from makegood.exchange.documents import gather, in_order
from makegood.exchange.openslo.indicators import measured, words_at
from makegood.exchange.openslo.objectives import API, Goal, Lost, Method, Objective
from makegood.exchange.openslo.windows import length, read_window
from makegood.model.problem import Place, Problem, Severity

_NOT_TAKEN: Final = {
    "AlertPolicy": "alerting is no promise",
    "AlertCondition": "alerting is no promise",
    "AlertNotificationTarget": "alerting is no promise",
    "DataSource": "measurements are imported, and say where they come from",
}
_KNOWN: Final = ("description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives")


@dataclass
class Read:
    """What a file holds: the objectives that could be understood, the titles of services, and what is lost."""

    objectives: list[Objective] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


def read_openslo(raw: bytes, source: str) -> tuple[Read, list[Problem]]:
    """The objectives of a file, and every problem in it; with an error nothing of it is to be used."""
    report, found = gather(), Read()
    text, problems = read_bytes(raw, source)
    report.problems.extend(problems)
    objects = list(_objects(text, source, report)) if text is not None else []
    indicators = {name: spec for kind, name, spec in objects if kind == "SLI"}
    for kind, name, node in objects:
        if kind == "Service":
            found.services[name] = words_at(node, "metadata", "displayName") or name
        elif kind == "SLO":
            objective = _slo(name, node, indicators, report, found.lost)
            if objective is not None:
                found.objectives.append(objective)
        elif kind in _NOT_TAKEN:
            found.lost.append(Lost(f"{kind} {name}", "all of it", _NOT_TAKEN[kind]))
        elif kind != "SLI":
            found.lost.append(Lost(f"{kind} {name}", "all of it", "no kind of OpenSLO v1"))
    if text is not None and not any(kind == "SLO" for kind, _, _ in objects) and not report.failed:
        report.error("openslo-empty", Place(source, 1, 1), "no SLO is in this file", "", "name a file with `kind: SLO`")
    return found, in_order(report)


def _objects(text: str, source: str, report: Report) -> Iterator[tuple[str, str, Keyed]]:
    """Kind, name and node of every object; documents are parted by lines of `---`."""
    line = 1
    for part in re.split(r"(?m)^---[ \t]*(?:#.*)?\n", text.replace("\r\n", "\n")):
        node, problems = read_yaml(part, source, line)
        report.problems.extend(p for p in problems if p.severity is Severity.ERROR)
        for item in node.items if isinstance(node, Many) else [node]:
            if isinstance(item, Keyed):
                yield from _object(item, report)
            elif item is not None and (not isinstance(item, Text) or item.text):
                report.error(
                    "openslo-object",
                    item.place,
                    "this is no object of OpenSLO",
                    "",
                    f"begin it with `apiVersion: {API}`",
                )
        line += part.count("\n") + 1


def _object(node: Keyed, report: Report) -> Iterator[tuple[str, str, Keyed]]:
    version, kind, name = words_at(node, "apiVersion"), words_at(node, "kind"), words_at(node, "metadata", "name")
    if version != API:
        at = node.get("apiVersion") or node
        what = f"`{version}` is not read" if version else "this object says no `apiVersion`"
        report.error("openslo-version", at.place, what, "versions differ in their keys", f"write it in {API}")
    elif not kind or not name:
        missing = "kind" if not kind else "metadata.name"
        report.error("openslo-object", node.place, f"this object says no `{missing}`", "", f"write `{missing}`")
    else:
        yield kind, name, node


def _slo(name: str, node: Keyed, indicators: Mapping[str, Keyed], report: Report, lost: list[Lost]) -> Objective | None:
    spec, where = node.get("spec"), f"SLO {name}"
    if not isinstance(spec, Keyed):
        report.error("openslo-object", node.place, f"the SLO `{name}` has no `spec`", "", "write `spec`")
        return None
    before = len(report.problems)
    words = words_at(spec, "budgetingMethod")
    method = next((m for m in Method if m.value == words), None)
    if method is None:
        at = spec.get("budgetingMethod") or spec
        hint = "write " + ", ".join(f"`{m.value}`" for m in Method)
        report.error("openslo-method", at.place, f"`{words}` is no budgeting method", "", hint)
    indicator = _indicator(spec, indicators, report)
    asides: list[str] = []
    window = read_window(spec.get("timeWindow"), report, asides)
    if spec.get("timeWindow") is None:
        report.error(
            "openslo-window",
            spec.place,
            f"the SLO `{name}` has no time window",
            "nothing says over what time it is judged",
            "write `timeWindow`",
        )
    goals = tuple(_goals(spec, method, report, lost, where))
    if len(report.problems) > before or indicator is None or method is None or window is None:
        return None
    what = measured(indicator, spec, lost, where)
    lost.extend(Lost(where, aside) for aside in asides)
    _left(node, spec, lost, where)
    return Objective(
        name,
        words_at(node, "metadata", "displayName") or name,
        words_at(spec, "service"),
        method,
        window,
        what.metric,
        goals,
        words_at(spec, "description"),
        what.told,
        what.query,
        what.raw,
        what.good,
        what.valid,
        node.place,
    )


def _indicator(spec: Keyed, indicators: Mapping[str, Keyed], report: Report) -> Keyed | None:
    """The SLI that is meant, inline or by its name."""
    inline, named = spec.get("indicator"), spec.get("indicatorRef")
    if isinstance(inline, Keyed):
        return inline
    if isinstance(named, Text) and named.text in indicators:
        return indicators[named.text]
    at = named or spec
    what = f"there is no SLI `{named.text}` in this file" if isinstance(named, Text) else "this SLO has no indicator"
    report.error("openslo-indicator", at.place, what, "", "write it inline as `indicator`, or add the SLI to the file")
    return None


def _goals(spec: Keyed, method: Method | None, report: Report, lost: list[Lost], where: str) -> Iterator[Goal]:
    listed = spec.get("objectives")
    items = listed.items if isinstance(listed, Many) else ()
    if not items:
        report.error(
            "openslo-target", spec.place, "this SLO has no objectives", "", "write `objectives` with a `target`"
        )
    for item in items:
        share = _share(item, "target", Fraction(1), report)
        share = _share(item, "targetPercent", Fraction(100), report) if share is None else share
        if share is None:
            report.error("openslo-target", item.place, "this objective has no target", "", "write `target: 0.999`")
            continue
        if isinstance(item, Keyed) and (item.get("indicator") or item.get("indicatorRef")):
            lost.append(Lost(where, "indicators of a composite objective", "each commitment measures one thing"))
        slice_share = _share(item, "timeSliceTarget", Fraction(1), report)
        written = item.get("timeSliceWindow") if isinstance(item, Keyed) else None
        slice_length = length(written.text) if isinstance(written, Text) else None
        if method in (Method.SLICES, Method.RATIO_SLICES) and slice_length is None:
            report.error(
                "openslo-slice",
                (written or item).place,
                "slices of time have no length",
                "",
                "write `timeSliceWindow: 1m`",
            )
        if method is Method.SLICES and not slice_share:
            report.error(
                "openslo-slice", item.place, "nothing says when a slice is good", "", "write `timeSliceTarget: 0.95`"
            )
        yield Goal(share, words_at(item, "displayName"), slice_share, slice_length)


def _share(item: Node, key: str, of: Fraction, report: Report) -> Fraction | None:
    value = item.get(key) if isinstance(item, Keyed) else None
    if not isinstance(value, Text):
        return None
    found = number(value.text)
    if isinstance(found, Wrong) or not 0 <= found <= of:
        what = f"`{key}: {value.text}` is no share"
        report.error(
            "openslo-target",
            value.place,
            what,
            f"it lies between 0 and {of}",
            f"write `{key}: {of * Fraction(999, 1000)}`",
        )
        return Fraction(1)
    return found / of


def _left(node: Keyed, spec: Keyed, lost: list[Lost], where: str) -> None:
    """Every key of an SLO that is not taken."""
    for key in spec.keys():  # noqa: SIM118 -- a node, no mapping
        if key == "alertPolicies":
            lost.append(Lost(where, "alertPolicies", "alerting is no promise"))
        elif key not in _KNOWN:
            lost.append(Lost(where, key, "no key of OpenSLO v1"))
    metadata = node.get("metadata")
    keys = metadata.keys() if isinstance(metadata, Keyed) else ()
    why = "rules have names, and no labels"
    lost.extend(Lost(where, key, why) for key in keys if key not in ("name", "displayName"))
