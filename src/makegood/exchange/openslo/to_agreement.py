"""Objectives as an agreement: its text, with a clause and its rules for each, and what stays unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.contract.numbers import decimal
from makegood.exchange.openslo.objectives import Goal, Lost, Method, Objective, Window
from makegood.model.when import PeriodKind, Weekday

SERVICE_FACT = "openslo service"
"""The fact of an order's service that says which service of OpenSLO it is, where there are several."""

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def agreement_text(name: str, title: str, objectives: Sequence[Objective], lost: Sequence[Lost], today: date) -> str:
    """The agreement `NAME.sla.md`: a header, the times, a clause for each objective, and what has no rule."""
    named = _Names()
    services = list(dict.fromkeys(o.service for o in objectives))
    windows = dict.fromkeys(o.window for o in objectives)
    periods = {window: named.give(_period_name(window)) for window in windows}
    zones = {zone: named.give(slug(zone)) for zone in dict.fromkeys(o.window.zone for o in objectives)}
    several = services if len(services) > 1 else []
    parts = [
        f"# {_line(title)} {{#terms}}",
        "Objectives that were written for OpenSLO. An objective is an aim: it is recorded, and binds nobody. Write "
        "`strength: promise` in its rule to make it a promise.",
        _header(slug(name), title, today),
        "## 1. Time {#time}",
        *_times(zones, periods),
    ]
    for number, objective in enumerate(objectives, 2):
        parts += _clause(number, objective, periods[objective.window], named, several)
    if lost:
        listed = "\n".join(str(each) for each in dict.fromkeys(lost))
        parts += [f"## {len(objectives) + 2}. Not taken over {{#not-taken-over}}", _fenced("text", listed)]
    return "\n\n".join(parts) + "\n"


class _Names:
    """Names of rules, each given once."""

    def __init__(self) -> None:
        self.given: set[str] = set()

    def give(self, name: str) -> str:
        found = next(n for n in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if n not in self.given)
        self.given.add(found)
        return found


def slug(words: str) -> str:
    """A name as rules have it: lower-case words joined by hyphens."""
    found = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return found if found[:1].isalpha() else f"slo-{found}".rstrip("-")


def _header(name: str, title: str, today: date) -> str:
    keys = [
        f"agreement: {name}",
        f"title: {_quoted(title)}",
        "version: one",
        f"effective: {today}",
        "provider: not said in OpenSLO",
    ]
    return _rule(*keys)


def _times(zones: dict[str, str], periods: dict[Window, str]) -> Iterator[str]:
    yield "Local time is that of " + " and of ".join(zones) + "."
    for zone, name in zones.items():
        yield _rule(f"calendar: {name}", f"zone: {zone}")
    for window, name in periods.items():
        told, keys = _period(window)
        yield told
        yield _rule(f"period: {name}", f"is: {window.kind.value}", f"in: {zones[window.zone]}", *keys)


def _period(window: Window) -> tuple[str, list[str]]:
    """A window in a sentence, and the keys of its rule."""
    match window.kind:
        case PeriodKind.DAYS:
            return f"A window of {window.days} days ends with each date.", [f"days: {window.days}"]
        case PeriodKind.WEEK:
            day = Weekday(window.first).name.title()
            return f"A week starts on {day}.", [f"week starts: {day}"]
        case PeriodKind.BILLING_MONTH:
            return f"A month starts on its day {window.anchor}.", [f"anchor: {window.anchor}"]
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            month = _MONTHS[window.first - 1]
            return f"A {window.kind.value} is one of a year that starts in {month}.", [f"year starts: {month}"]
        case _:
            return f"Each {window.kind.value} is judged by itself.", []


def _period_name(window: Window) -> str:
    return f"rolling-{window.days}-days" if window.kind is PeriodKind.DAYS else slug(window.kind.value)


def _clause(number: int, objective: Objective, period: str, named: _Names, services: Sequence[str]) -> Iterator[str]:
    name = slug(objective.name)
    anchor = named.give(name)
    yield f"## {number}. {_line(objective.title)} {{#{anchor}}}"
    if asides := "\n".join(filter(None, (objective.description, *objective.told, objective.query))):
        yield _fenced("text", asides)
    only = [f"only where: {{{SERVICE_FACT}: {_quoted(objective.service)}}}"] if services else []
    for part in _by_slice(objective):
        yield _prose(part)
        figure = named.give(f"{anchor}-figure")
        yield from _measure(part, anchor, figure, named)
        for goal in part.goals:
            called = anchor if goal is objective.goals[0] else named.give(f"{anchor}-{_called(objective, goal)}")
            yield _rule(
                f"target: {called}", "each: service", *only, f"over: {period}", f"measures: {figure}",
                f"is: at least {_percent(goal.share)}", "strength: aim",
            )  # fmt: skip


def _by_slice(objective: Objective) -> Iterator[Objective]:
    """The objective once for each way of cutting time into slices: its goals may cut it differently."""
    ways = dict.fromkeys((goal.slice_share, goal.slice_length) for goal in objective.goals)
    for way in ways:
        yield replace(objective, goals=tuple(g for g in objective.goals if (g.slice_share, g.slice_length) == way))


def _called(objective: Objective, goal: Goal) -> str:
    return slug(goal.title) if goal.title else str(objective.goals.index(goal) + 1)


def _measure(objective: Objective, name: str, figure: str, named: _Names) -> Iterator[str]:
    metric, goal = f"metric: {_quoted(objective.metric)}", objective.goals[0]
    raw = [f"value: {_quoted(objective.raw)}", 'unit: "%"'] if objective.raw else []
    columns = [
        f"{key}: {_quoted(word)}" for key, word in (("good", objective.good), ("valid", objective.valid)) if key != word
    ]
    if objective.method is Method.SLICES:
        seen, down = named.give(f"{name}-detection"), named.give(f"{name}-downtime")
        bad = (
            f"{_quoted(objective.raw)}: below {_percent(_needed(goal))}"
            if raw
            else f"failed: more than {_percent(1 - _needed(goal))}"
        )
        yield _rule(f"detect: {seen}", "reads: measurements", metric, f"down when: {{{bad}}}")
        yield _rule(f"outage: {down}", f"from: {seen}", f"grain: {_length(goal)}")
        yield _rule(f"measure: {figure}", "is: ratio of time", f"of: {down}")
    elif objective.method is Method.RATIO_SLICES:
        yield _rule(f"measure: {figure}", "is: mean of intervals", metric, *columns, *raw, f"interval: {_length(goal)}")
    else:
        kind = "mean of intervals" if raw else "ratio of counts"
        yield _rule(f"measure: {figure}", f"is: {kind}", metric, *columns, *raw)


def _prose(objective: Objective) -> str:
    shares = " and beside it ".join(f"at least {_percent(goal.share)}" for goal in objective.goals)
    goal = objective.goals[0]
    match objective.method:
        case Method.OCCURRENCES if objective.raw:
            return f"The mean of what is recorded is {shares}."
        case Method.OCCURRENCES:
            return f"Of all that counts, {shares} is good."
        case Method.RATIO_SLICES:
            return f"The mean share of good ones, of one interval of {_length(goal)} after the other, is {shares}."
    bad = f"when more than {_percent(1 - _needed(goal))} of what counts in it is not good"
    bad = f"when below {_percent(_needed(goal))} of it is good" if objective.raw else bad
    return f"Of the time, {shares} lies in good slices. A slice of {_length(goal)} is down {bad}."


def _needed(goal: Goal) -> Fraction:
    return goal.slice_share if goal.slice_share is not None else Fraction(1)


def _length(goal: Goal) -> str:
    return duration_words(goal.slice_length or 0)


def _percent(share: Fraction) -> str:
    return f"{decimal(share * 100)} %"


def _rule(*keys: str) -> str:
    return _fenced("sla", "\n".join(keys))


def _fenced(tag: str, text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{tag}\n{text}\n{fence}"


def _quoted(words: str) -> str:
    """Words as a value of YAML: as they are where that is safe, else in double quotes."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9 _./-]*[A-Za-z0-9]|[A-Za-z]", words) and words not in ("unstated", "null"):
        return words
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _line(words: str) -> str:
    """Words for a heading: on one line, without what Markdown or an anchor would take for its own."""
    return " ".join(re.sub(r"[{}`<>\[\]#]", " ", words).split()) or "Objective"
