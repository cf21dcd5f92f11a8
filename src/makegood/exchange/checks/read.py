"""Files of checks, `NAME.checks.yaml`: strict YAML that says what is watched, how often, how and from where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, cast

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, mapping_of
from makegood.contract.values import POSITIVE
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.credentials import credentials
from makegood.exchange.checks.http import HTTP
from makegood.exchange.checks.plain import DNS, PING, TCP, TLS
from makegood.exchange.checks.texts import CAPTURED, as_written, errors, key_text, place_text, sent, too_many
from makegood.exchange.checks.told import HEARTBEAT, SIGNAL
from makegood.exchange.checks.workflow import WORKFLOW
from makegood.exchange.documents import ID, WORDS, gather, in_order, like, read_document
from makegood.model.checks import (
    HUB,
    Check,
    HeartbeatProbe,
    HttpProbe,
    PingProbe,
    Probe,
    SignalProbe,
)
from makegood.model.problem import Place, Problem, error, warning
from makegood.model.spans import DAY, SECOND

ENDING: Final = ".checks.yaml"
LONGEST_SLOT: Final = 31 * DAY
MOST_LOCATIONS: Final = 1_000
_DEFAULT: Final = Check("", "", HeartbeatProbe())
_LABEL: Final = r"[a-zA-Z][a-zA-Z0-9_]{0,63}"
_OURS: Final = ("check", "service", "location", "state", "kind", "order", "agreement")

CHECK: Final = Key("check", like(ID, "shop-front"), "its name, by which orders and facts name it")
SERVICE: Final = Key("service", like(ID, "shop"), "the service that it watches")
TITLE: Final = Key("title", WORDS, "its name for people", "", like="The front page of the shop")
EVERY: Final = Key("every", POSITIVE, "the length of its slots: one probe in each, from each location", _DEFAULT.every)
TIMEOUT: Final = Key(
    "timeout", like(POSITIVE, "10 s"), "how long the whole probe may take; no longer than a slot", _DEFAULT.timeout
)


def _location(text: str) -> str | Wrong:
    if text == HUB:
        why = "heartbeats and signals are told to the hub, and nothing is probed from it"
        return Wrong(f"`{HUB}` is no location that probes", why, "name a location")
    return text


def _locations(node: Node, report: Report) -> tuple[str, ...] | None:
    items = node.items if isinstance(node, Many) else (node,)
    found: list[str] = []
    for item in items:
        name = ID.read(item, report)
        if name is None or isinstance(item, Many | Keyed):
            continue
        if isinstance(wrong := _location(name), Wrong):
            report.error("wrong-value", item.place, wrong.what, wrong.why, wrong.hint)
        elif name in found:
            report.error("duplicate-name", item.place, f"the location `{name}` is listed twice", "", "keep one")
        found.append(name)
    if not items:
        report.error("missing-key", node.place, "no location is listed", "", "take it away, and all of them run it")
    return None if too_many(node, len(found), "locations", report, MOST_LOCATIONS) else tuple(found)


def _labels(node: Node, report: Report) -> Mapping[str, str] | None:
    if not isinstance(node, Keyed):
        report.error("wrong-shape", node.place, "expected labels with their values", "", "write `{team: web}`")
        return None
    found: dict[str, str] = {}
    for key, value in node.entries:
        words = _LABEL_VALUE.read(value, report)
        if not re.fullmatch(_LABEL, key.text):
            why = "it has letters, digits and `_`, as a label of a metric has"
            report.error(
                "wrong-value", key.place, f"`{key.text[:80]}` is no name of a label", why, "write as in `team`"
            )
        elif key.text in _OURS:
            why = "metrics have a label of this name already"
            report.error("wrong-value", key.place, f"the label `{key.text}` cannot be set", why, "rename it")
        found[key.text] = words or ""
    return None if too_many(node, len(found), "labels", report) else MappingProxyType(found)


_LABEL_VALUE: Final = as_written("the value of a label", "web", sent(200, lines=False, secrets=False))
LOCATIONS: Final = Key[tuple[str, ...]](
    "locations", Shape("a list of locations", "[fra, nyc]", _locations, list_of(ID).schema),
    "the locations that run it; all of them where not written", _DEFAULT.locations,
)  # fmt: skip
LABELS: Final = Key[Mapping[str, str]](
    "labels",
    Shape("labels with their values", "{team: web}", _labels,
          {"type": "object", "additionalProperties": _LABEL_VALUE.schema}),
    "what people and metrics are told beside; it changes nothing", _DEFAULT.labels,
)  # fmt: skip
GENERAL: Final[Sequence[Key[Any]]] = (CHECK, SERVICE, TITLE, EVERY, TIMEOUT, LOCATIONS, LABELS)
KINDS: Final[Mapping[str, Key[Any]]] = {
    name: Key(name, cast("Shape[Any]", shape), says, None)
    for name, shape, says in (
        ("http", HTTP, "asks for a URL over HTTP"),
        ("tcp", TCP, "connects to a port"),
        ("dns", DNS, "asks a name server"),
        ("tls", TLS, "shakes hands, and looks at the certificate"),
        ("ping", PING, "sends ICMP echo requests"),
        ("workflow", WORKFLOW, "does several requests over HTTP, one after another"),
        ("heartbeat", HEARTBEAT, "waits to be told"),
        ("signal", SIGNAL, "asks a Prometheus server for a number"),
    )
}
"""What a check does: one of these keys, each with its shape."""
TABLE: Final[Sequence[Key[Any]]] = (*GENERAL, *KINDS.values())


def _probe(node: Keyed, fields: Fields, report: Report) -> Probe | None:
    written = [name for name in KINDS if node.get(name) is not None]
    found = [fields.get(KINDS[name]) for name in written]
    if not written:
        known = ", ".join(f"`{name}`" for name in KINDS)
        report.error("missing-key", node.place, "a check does not say what it does", "", f"write one of {known}")
    for name in written[1:]:
        what = f"this check says `{written[0]}` and `{name}`"
        report.error("several-probes", key_text(node, name).place, what, "a check does one thing", "make it two checks")
    return cast("Probe | None", found[0]) if len(found) == 1 else None


def _check(node: Keyed, report: Report) -> Check | None:
    before = errors(report)
    fields = Fields(node, TABLE, report, "a check")
    name, service, title = fields.get(CHECK), fields.get(SERVICE), fields.get(TITLE)
    every, timeout, locations = fields.get(EVERY), fields.get(TIMEOUT), fields.get(LOCATIONS)
    labels, probe = fields.get(LABELS), _probe(node, fields, report)
    if errors(report) > before or probe is None:
        return None
    if node.get("timeout") is None:
        timeout = min(timeout, every)
    check = Check(name, service, probe, every, timeout, locations, title, labels)
    _timed(node, check, report)
    if check.told:
        _told(node, check, report)
    if isinstance(probe, HttpProbe | SignalProbe) and (found := CAPTURED.search(probe.url)):
        what, why = f"nothing captures `{found[1]}`", "only a workflow has captured values"
        report.error("unknown-name", place_text(node, _kind(probe)).place, what, why, "write the URL as it is")
    return check if errors(report) == before else None


def _timed(node: Keyed, check: Check, report: Report) -> None:
    place = place_text(node, "every").place
    if not SECOND <= check.every <= LONGEST_SLOT:
        why = "a slot is at least 1 s and at most 744 h long"
        report.error("wrong-value", place, "these slots cannot be", why, "write for example `1 min`")
    elif check.timeout > check.every:
        what = "the timeout is longer than a slot"
        why = "a probe would still run when the next one begins"
        report.error(
            "timeout-too-long", place_text(node, "timeout").place, what, why, "shorten it, or write a longer `every`"
        )
    probe = check.probe
    if isinstance(probe, PingProbe) and (probe.requests - 1) * probe.interval >= check.timeout:
        what = f"{probe.requests} requests so far apart are not sent within the timeout"
        hint = "send fewer, or nearer to each other, or write a longer `timeout`"
        report.error("never-up", place_text(node, "ping").place, what, "such a check is never up", hint)


def _told(node: Keyed, check: Check, report: Report) -> None:
    """What a check cannot say that no location probes."""
    kind = _kind(check.probe)
    if node.get("locations") is not None:
        why = f"a {kind} comes to the hub, and no location probes it"
        report.error(
            "not-probed", key_text(node, "locations").place, f"a {kind} has no locations", why, "take them away"
        )
    if kind == "heartbeat" and node.get("timeout") is not None:
        hint = "take it away; `grace` says how long a heartbeat may be late"
        report.error(
            "not-probed", key_text(node, "timeout").place, "a heartbeat has no timeout", "nothing is asked", hint
        )


def _kind(probe: Probe) -> str:
    return type(probe).__name__.removesuffix("Probe").lower()


Found = list[tuple[Check, Keyed]]


def _with_place(node: Keyed, report: Report) -> tuple[Check, Keyed] | None:
    check = _check(node, report)
    return None if check is None else (check, node)


CHECKS: Final = Key(
    "checks",
    list_of(mapping_of("a check", "{check: shop-front, service: shop, http: https://shop.example}", _with_place, TABLE),
            single=False),
    "the checks",
)  # fmt: skip
FILE_TABLE: Final[Sequence[Key[Any]]] = (CHECKS,)


def read_checks(raw: bytes, source: str) -> tuple[tuple[Check, ...] | None, list[Problem]]:
    """The checks of a strict-YAML file in the order written, and every problem in it; None when one is an error."""
    placed, problems = read_placed(raw, source)
    return (None if placed is None else tuple(check for check, _ in placed)), problems


def read_placed(raw: bytes, source: str) -> tuple[list[tuple[Check, Place]] | None, list[Problem]]:
    """The checks of a file, each with the place where it begins; for problems that are found later."""
    node, problems = read_document(raw, source)
    if node is None:
        where, hint = Place(source, 1, 1), "write `checks:` and below it a list; `[]` is one without checks"
        return None, problems or [error("no-checks", where, "this file holds no checks", "", hint)]
    report = gather()
    report.problems.extend(problems)
    if not isinstance(node, Keyed):
        report.error(
            "wrong-shape", node.place, "expected `checks:` and below it a list", "", "write `checks:` above it"
        )
        return None, in_order(report)
    found = Fields(node, FILE_TABLE, report, "a file of checks").get(CHECKS)
    placed = [(check, at) for check, at in cast("Found", found or ())]
    _twice(node, report)
    for check, at in placed:
        report.problems += _written_down(check, at)
    if report.failed:
        return None, in_order(report)
    return [(check, place_text(at, "check").place) for check, at in placed], in_order(report)


def _twice(node: Keyed, report: Report) -> None:
    """Names that two checks have, also where something else is wrong with one of them."""
    seen: dict[str, int] = {}
    listed = node.get("checks")
    for item in listed.items if isinstance(listed, Many) else ():
        name = item.get("check") if isinstance(item, Keyed) else None
        if not isinstance(name, Text) or not name.text:
            continue
        if name.text in seen:
            what, why = f"two checks are called `{name.text}`", f"the first one in line {seen[name.text]}"
            report.error("duplicate-name", name.place, what, why, "rename one of them")
        seen.setdefault(name.text, name.place.line)


def _written_down(check: Check, at: Keyed) -> list[Problem]:
    inside = place_text(at, _kind(check.probe))
    found = []
    for key, what in dict.fromkeys(credentials(check)):
        place = (place_text(inside, key) if isinstance(inside, Keyed) else inside).place
        said = f"{what} of the check `{check.name}` looks like a credential"
        why = "a file of checks is read by many, and stands in the log for ever"
        found.append(
            warning("written-credential", place, said, why, "write it as `{secret.NAME}`, and tell it to the location")
        )
    return found
