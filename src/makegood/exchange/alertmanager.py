"""The webhook of an Alertmanager (version 4) as facts: each alert is an incident with when it began and was resolved.

An alert is known by its fingerprint and its start. While it fires it is one fact; its end is a further one, which
supersedes the first. What an Alertmanager sends again says nothing new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.facts import Item, ItemKind
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Instant

BEGAN, RESOLVED = "alert began", "alert resolved"
MOST = 1_000
"""Alerts in one webhook that are read."""
LONGEST = 2_000
SERVICE_LABELS = ("service", "job")
_NO_END = re.compile(r"0001-01-01T00:00:00(\.0+)?Z")


@dataclass(frozen=True, slots=True)
class Told:
    """One alert of a webhook: the fact that it fires, and the one that it ended, where it did."""

    began: Item
    ended: Item | None


def read_webhook(
    raw: bytes, source: str, now: Instant, services: Sequence[str] = (), of: str = ""
) -> tuple[tuple[Told, ...], list[Problem]]:
    """The alerts of a webhook as incidents, and every problem in it; no alerts where one is an error.

    The label `service`, or else `job`, names the service; one that is none of `services`, where these are given, is
    kept as a fact of the incident, which then concerns no service. Labels and annotations are facts of it. The ids of a
    tenant's, `of` which it is, are apart from all others, so that nobody's end ends another one's incident.
    """
    problems: list[Problem] = []
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return (), [error("alertmanager", Place(source), "this is no JSON")]
    alerts = said.get("alerts") if isinstance(said, dict) else None
    if not isinstance(said, dict) or said.get("version") != "4" or not isinstance(alerts, list):
        what = "this is no webhook of an Alertmanager"
        return (), [error("alertmanager", Place(source), what, 'it has `version: "4"` and `alerts`')]
    if len(alerts) > MOST:
        return (), [
            error("alertmanager", Place(source), f"this has {len(alerts):,} alerts", f"at most {MOST:,} are read")
        ]
    group = str(said.get("groupKey", ""))
    told = [
        one
        for number, alert in enumerate(alerts)
        if (one := _told(alert, f"{source}.alerts[{number}]", source, group, now, services, problems, of)) is not None
    ]
    return (() if problems else tuple(told)), problems


def _told(
    alert: object,
    where: str,
    source: str,
    group: str,
    now: Instant,
    services: Sequence[str],
    problems: list[Problem],
    of: str,
) -> Told | None:
    if not isinstance(alert, dict):
        problems.append(error("alertmanager", Place(where), "an alert is an object"))
        return None
    labels, annotations = (_words(alert, key, where, problems) for key in ("labels", "annotations"))
    starts, ends = _instant(alert, "startsAt", where, problems), _end(alert, where, problems)
    if starts is None or labels is None or annotations is None or isinstance(ends, Problem):
        return None
    if ends is not None and ends < starts:
        problems.append(error("alertmanager", Place(where), "this alert ends before it starts"))
        return None
    fingerprint = str(alert.get("fingerprint", ""))
    if not re.fullmatch(r"[0-9a-f]{8,64}", fingerprint):
        problems.append(
            error(
                "alertmanager",
                Place(f"{where}.fingerprint"),
                "this is no fingerprint of an alert",
                "",
                "Alertmanager writes 16 letters and digits, 0 to 9 and a to f",
            )
        )
        return None
    named = next((labels[name] for name in SERVICE_LABELS if labels.get(name)), "")
    service = named if not services or named in services else ""
    facts = tuple(sorted({**labels, **annotations, "group": group, "fingerprint": fingerprint}.items()))
    facts = tuple((name, value) for name, value in facts if value)
    key = f"alertmanager{f'/{of}/' if of else '-'}{fingerprint}-{starts}"
    begun = min(starts, now)  # their clock may be ahead; nothing is known before it happens
    began = Item(key, now, source, "", ItemKind.INCIDENT, service, "", facts, ((BEGAN, begun),))
    if ends is None:
        return Told(began, None)
    events = ((BEGAN, begun), (RESOLVED, min(ends, now)))
    return Told(began, Item(f"{key}-resolved", now, source, key, ItemKind.INCIDENT, service, "", facts, events))


def _words(alert: Mapping[str, Any], key: str, where: str, problems: list[Problem]) -> dict[str, str] | None:
    said = alert.get(key, {})
    if isinstance(said, dict) and all(isinstance(v, str) for v in said.values()):
        return {_plain(str(name)): _plain(value) for name, value in said.items()}
    problems.append(error("alertmanager", Place(f"{where}.{key}"), "labels and annotations are texts by name"))
    return None


def _plain(text: str) -> str:
    """A text of others in one line, without what a terminal or a reader of e-mail would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST]


def _instant(alert: Mapping[str, Any], key: str, where: str, problems: list[Problem]) -> Instant | None:
    said = alert.get(key)
    found = numbers.instant(_cut(said)) if isinstance(said, str) else Wrong("nothing is written here")
    if isinstance(found, Wrong):
        problems.append(error("alertmanager", Place(f"{where}.{key}"), f"this is no instant: {found.what}"))
        return None
    return found


def _cut(text: str) -> str:
    """An instant without the digits below a microsecond, which Go writes."""
    return re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text)


def _end(alert: Mapping[str, Any], where: str, problems: list[Problem]) -> Instant | Problem | None:
    said = alert.get("endsAt")
    if alert.get("status") != "resolved" or said is None or (isinstance(said, str) and _NO_END.fullmatch(said)):
        return None
    found = _instant(alert, "endsAt", where, problems)
    return problems[-1] if found is None else found


def facts_of(told: Sequence[Told], there: Mapping[str, bool]) -> Iterator[Item]:
    """The facts that are new, given which ids are there already: in the order in which they may be recorded."""
    for one in told:
        if not there.get(one.began.id):
            yield one.began
        if one.ended is not None and not there.get(one.ended.id):
            yield one.ended
