"""What a statement says, in the words and sentences that the terminal and the page share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from makegood.model.spans import Spans
from makegood.model.statement import (
    Coverage,
    Deadline,
    Figures,
    GateResult,
    NotApplicable,
    Outage,
    Pins,
    Price,
    RestsOn,
    Statement,
    Timed,
    Verdict,
)
from makegood.model.terms import Counts, MeasureKind, Strength
from makegood.render.lengths import duration, operands
from makegood.render.moments import days, local_stretch, moment, rfc3339
from makegood.render.shares import percent
from makegood.render.values import items, number


class Tone(StrEnum):
    """What a verdict is to the reader; a colour may say it, but never alone."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    PLAIN = "plain"


TONES = {
    Verdict.MET: Tone.GOOD,
    Verdict.BREACHED: Tone.BAD,
    Verdict.INSUFFICIENT: Tone.OPEN,
    Verdict.UNSTATED: Tone.OPEN,
    Verdict.RUNNING: Tone.PLAIN,
    Verdict.RECORDED: Tone.PLAIN,
    Verdict.NOT_APPLICABLE: Tone.PLAIN,
}

WANTED = {Strength.PROMISE: "was promised", Strength.EFFORTS: "was to be sought", Strength.AIM: "is an aim"}


@dataclass(frozen=True, slots=True)
class Part:
    """One class of the period's time. `name` is the class, `says` what it means, `spans` where it lies."""

    name: str
    says: str
    spans: Spans

    @property
    def length(self) -> str:
        return duration(self.spans.total)


def runs(statement: Statement) -> tuple[Figures, ...]:
    """The figures once where both runs agree, else the favourable and the unfavourable ones."""
    return (statement.favourable,) if statement.exact else (statement.favourable, statement.unfavourable)


def reasons(found: Sequence[NotApplicable]) -> dict[str, dict[str, list[str]]]:
    """What does not apply, gathered: why, then by clause the names."""
    gathered: dict[str, dict[str, list[str]]] = {}
    for one in found:
        gathered.setdefault(one.why, {}).setdefault(str(one.clause), []).append(one.what)
    return gathered


DELIVERED: Mapping[MeasureKind, str] = {
    MeasureKind.RATIO: "available",
    MeasureKind.TOTAL: "down in all",
    MeasureKind.LONGEST: "in the longest outage",
    MeasureKind.COUNT: "counted",
    MeasureKind.COUNTS: "good",
    MeasureKind.MEAN: "as the mean of the intervals",
    MeasureKind.SUM: "in all",
    MeasureKind.PERCENTILE: "at the percentile",
    MeasureKind.GREATEST: "as the greatest",
    MeasureKind.LEAST: "as the least",
    MeasureKind.ELAPSED: "taken",
    MeasureKind.MEAN_ELAPSED: "taken on the mean",
    MeasureKind.IN_TIME: "in time",
    MeasureKind.PERIODS: "as the mean of the periods",
    MeasureKind.UNSTATED: "in a way that is not stated",
}
"""What a figure of each kind is, said behind it."""


OPEN: Mapping[RestsOn, str] = {
    RestsOn.TIME: "was not seen",
    RestsOn.INTERVALS: "was not measured",
    RestsOn.ITEMS: "is not done yet",
}
"""What the two runs differ in, by what a figure is made of."""

EITHER: Mapping[RestsOn, tuple[str, str]] = {
    RestsOn.TIME: ("if what was not seen was up", "if what was not seen was down"),
    RestsOn.INTERVALS: (
        "if what was not measured was as good as it can have been",
        "if what was not measured was as bad as it can have been",
    ),
    RestsOn.ITEMS: ("if what is not done yet is done in time", "if what is not done yet is done too late"),
}
"""The favourable and the unfavourable run, by what a figure is made of."""


def figure(value: Fraction, statement: Statement, apart_from: Iterable[Fraction] = ()) -> str:
    """A figure in what it counts: `99.883 %`, `4 h 2 min`, `3 messages`."""
    match statement.counts:
        case Counts.SHARE:
            return percent(value, apart_from)
        case Counts.TIME:
            return duration(value)
        case _:
            return f"{number(value)} {statement.unit}".rstrip()


def share(statement: Statement) -> str:
    """`99.883 %`; where the runs over the unseen differ, the least and the greatest."""
    edges = () if statement.target_edge is None else (statement.target_edge,)
    found = [figures.ratio for figures in runs(statement)]
    known = sorted({ratio for ratio in found if ratio is not None})
    if not known:
        return "no figure" if statement.counts is not Counts.SHARE else "no ratio"
    shown = [figure(value, statement, (*edges, *known)) for value in known]
    if None in found:
        return f"{shown[0]} or no ratio" if statement.measure is MeasureKind.RATIO else f"{shown[0]}, or without bound"
    return shown[0] if len(shown) == 1 else f"{shown[0]} to {shown[1]}"


def headline(statement: Statement) -> str:
    """One sentence beside the verdict: what was delivered, and what was promised."""
    wanted = f"{statement.target} {WANTED[statement.strength]}"
    if statement.measure is MeasureKind.UNSTATED:
        return f"How it is measured is unstated; {wanted}{_no_credit(statement)}."
    delivered = f"{share(statement)} {DELIVERED[statement.measure]}"
    if all(figures.ratio is None for figures in runs(statement)) and statement.counts is not Counts.SHARE:
        delivered = "No figure"
    if statement.timed is not None and (late := how_late(statement.timed, statement)):
        delivered = f"{delivered}, {late}"
    match statement.verdict:
        case Verdict.NOT_APPLICABLE:
            nothing = (
                "No time was covered" if statement.measure is MeasureKind.RATIO else "There was nothing to measure"
            )
            return f"{nothing}; {wanted}."
        case Verdict.INSUFFICIENT:
            return f"{delivered}, depending on what {OPEN[statement.rests_on]}; {wanted}."
        case Verdict.RUNNING:
            return f"{delivered} so far; {wanted}."
        case Verdict.RECORDED:
            return f"{delivered}; {wanted}, so this is recorded and nothing follows from it."
        case Verdict.UNSTATED:
            return f"{delivered}; what was promised is unstated{_no_credit(statement)}."
        case _:
            return f"{delivered}; {wanted}."


def _no_credit(statement: Statement) -> str:
    """That no credit follows from what is unstated, where there could be one."""
    open_lines = [line for line in statement.favourable.lines if line.unstated_clause is not None]
    if statement.verdict is not Verdict.UNSTATED or not open_lines:
        return ""
    return f", so no credit can be worked out (clause {open_lines[0].unstated_clause})"


def available(figures: Figures, statement: Statement) -> str:
    """`40,273 of 40,320 min available`: both operands of a share, or the figure itself."""
    done = DELIVERED[statement.measure]
    if statement.measure is MeasureKind.UNSTATED:
        return "no figure: how it is measured is unstated"
    if statement.measure is MeasureKind.RATIO:
        return f"{operands(figures.numerator, figures.denominator)} {done}"
    if statement.counts is Counts.SHARE:
        return f"{number(figures.numerator)} of {number(figures.denominator)} {done}"
    return f"{figure(figures.ratio, statement)} {done}" if figures.ratio is not None else "nothing bounds the figure"


def down(statement: Statement) -> str:
    """The downtime that counts, or its least and its most; a dash where the figure is not made of time."""
    if statement.rests_on is not RestsOn.TIME:
        return "—"
    least, most = sorted((statement.favourable.down, statement.unfavourable.down))
    return duration(least) if least == most else f"{duration(least)} to {duration(most)}"


def operand_lines(statement: Statement) -> tuple[str, ...]:
    """Both operands under each run, with the downtime; none where the headline says all there is."""
    if statement.exact and statement.counts is not Counts.SHARE:
        return ()
    shown = [_operands(figures, statement) for figures in runs(statement)]
    if statement.exact:
        return tuple(shown)
    return tuple(f"{line}, {when}" for line, when in zip(shown, EITHER[statement.rests_on], strict=True))


def _operands(figures: Figures, statement: Statement) -> str:
    if statement.measure is not MeasureKind.RATIO:
        return available(figures, statement)
    if not figures.denominator:
        return "no time in the denominator"
    return f"{available(figures, statement)}, {duration(figures.down)} down"


def clock_rows(statement: Statement, timed: Timed) -> tuple[tuple[str, str], ...]:
    """The clock of one ticket or the like: since when, until when it had time, and when it was kept."""
    zone = statement.period.zone
    label = f", class {timed.label}" if timed.label else ""
    kept = moment(timed.stopped, zone) if timed.stopped is not None else "not yet"
    late = moment(timed.due, zone) if timed.due is not None else "never"
    return (
        ("Clock", f"{timed.clock}{label}, clause {timed.clause}"),
        ("Started", moment(timed.start, zone)),
        ("Late from", f"{late}: {timed.arithmetic}"),
        ("Kept at", kept),
    )


def parts(statement: Statement) -> tuple[Part, ...]:
    """The classes that have any time, in a fixed order; together they are the judged time, exactly. Of measured
    intervals they say how much was measured, and of tickets and the like there are none."""
    classes = statement.classes
    if statement.rests_on is RestsOn.ITEMS:
        return ()
    if statement.rests_on is RestsOn.INTERVALS:
        measured = (
            Part("measured", "", classes.up | classes.down),
            Part("unknown", "not measured, and it matters", classes.unknown),
            Part("excused", _excused_says(statement), classes.excused),
            Part("outside", "not covered by the promise", classes.outside),
        )
        return tuple(part for part in measured if part.spans.total)
    brief = classes.brief.total
    up = f"{duration(brief)} of it in outages too brief to count" if brief else ""
    every = (
        Part("up", up, classes.up),
        Part("down", "counted against the promise", classes.down),
        Part("unknown", "not seen, and it matters", classes.unknown),
        Part("excused", _excused_says(statement), classes.excused),
        Part("outside", "not covered by the promise", classes.outside),
    )
    return tuple(part for part in every if part.spans.total)


def _excused_says(statement: Statement) -> str:
    ways = [
        says
        for length, says in (
            (statement.favourable.excused_up, "counts as up"),
            (statement.favourable.excused_out, "leaves the ratio"),
        )
        if length
    ]
    return " and in part ".join(ways)


def not_kept_title(statement: Statement) -> str:
    """`2 tickets late, 1 not done yet`, of a share in time."""
    late = [t for t in statement.not_kept if how_late(t, statement)]
    still = len(statement.not_kept) - len(late)
    kind = statement.not_kept[0].kind
    words = [f"{items(len(late), kind)} late"] if late else []
    words += [f"{still if words else items(still, kind)} not done yet, and not late"] if still else []
    return ", ".join(words)


def how_late(timed: Timed, statement: Statement) -> str:
    """`3 h late`, `3 h late so far`, or nothing where it is not late."""
    until = timed.stopped if timed.stopped is not None else statement.as_of
    if timed.due is None or until < timed.due:
        return ""
    late = "late by an instant" if until == timed.due else f"{duration(until - timed.due)} late"
    return late + ("" if timed.stopped is not None else " so far")


def done_words(timed: Timed, statement: Statement) -> str:
    return moment(timed.stopped, statement.period.zone) if timed.stopped is not None else "not done yet"


def period(statement: Statement) -> str:
    """`2026-02: Sun 1 Feb 2026 – Sat 28 Feb 2026, America/New_York`."""
    p = statement.period
    return f"{p.label}: {days(p.first, p.last)}, {p.zone}"


def outages_title(outages: Sequence[Outage]) -> str:
    """`2 outages, 1 too brief to count, 1 more if what was not seen was down`: that nobody saw is no outage yet."""
    seen = [one for one in outages if not one.only_unfavourable]
    brief, unseen = sum(one.brief for one in seen), len(outages) - len(seen)
    words = items(len(seen), "outage") + (f", {brief} too brief to count" if brief else "")
    words += f", {unseen:,} more if what was not seen was down" if unseen else ""
    return words.capitalize()


def outage_words(outage: Outage) -> str:
    """What became of an outage: counted, excused, too brief, still open."""
    counted, excused = outage.counted.total, outage.excused.total
    words = [f"{duration(counted)} counts"] if counted else []
    words += [f"{duration(excused)} excused"] if excused else []
    words += ["too brief to count"] if outage.brief else []
    words += ["not ended yet"] if outage.open else []
    words += ["not seen: only if the unseen was down"] if outage.only_unfavourable else []
    return ", ".join(words) or "counts nothing"


def gate_words(gate: GateResult) -> str:
    """A condition, what was found about it where that says more, and by how much it missed."""
    found = "" if gate.found == gate.says else f" — {gate.found or 'not shown'}"
    short = f" ({duration(gate.short_by)} short)" if gate.short_by else ""
    return f"{gate.says}{found}{short}" + ("" if gate.deciding else "; it decides nothing")


def due(deadline: Deadline, statement: Statement) -> str:
    """The first instant that is late, and whether it has come; or why there is no date."""
    if deadline.late_from is None:
        return f"no date: {deadline.arithmetic}" if deadline.arithmetic else "no date"
    passed = " — passed" if deadline.late_from <= statement.as_of else ""
    return f"before {moment(deadline.late_from, statement.period.zone)}{passed}"


def next_due(statement: Statement) -> Deadline | None:
    """The deadline that comes first after the statement's own time."""
    ahead = [d for d in statement.deadlines if d.late_from is not None and d.late_from > statement.as_of]
    return min(ahead, key=lambda d: (d.late_from or 0, d.clock), default=None)


def price_words(price: Price, statement: Statement) -> str:
    """What an alternative of a reading would make of the statement."""
    words = [f"{price.verdict.value}, credit {price.amount}"]
    words += [f"({price.difference})"] if price.difference not in ("", "none") else []
    moved = [
        f"{clock} {'without deadline' if at is None else 'before ' + moment(at, statement.period.zone)}"
        for clock, at in sorted((price.late_from or {}).items())
    ]
    return " ".join(words) + ("; " + "; ".join(moved) if moved else "")


def coverage(statement: Statement) -> str:
    """How much was seen, by slots and logs: `120,880 of 120,960 slots seen (99.933 %)`, `the log page: all of it`."""
    seen, expected = statement.coverage.seen, statement.coverage.expected
    told = [f"{name}: {_told(spans, statement)}" for name, spans in statement.coverage.logs]
    if expected:
        told = [f"{seen:,} of {expected:,} slots seen ({percent(Fraction(seen, expected))})", *told]
    told += operators(statement.coverage)
    return "; ".join(told) or "nothing"


def operators(seen: Coverage) -> Iterator[str]:
    """How many of the locations somebody else ran than whoever runs the hub: `1 of 3 locations run by Acme`."""
    count = len(seen.locations)
    for name in dict.fromkeys(operator for _, operator in seen.locations if operator):
        theirs = sum(operator == name for _, operator in seen.locations)
        yield f"{theirs} of {count} {'location' if count == 1 else 'locations'} run by {name}"


def _told(spans: Spans, statement: Statement) -> str:
    """Which part of the judged time a log told of."""
    judged, hull = statement.judged, spans.hull
    if hull is None or spans == Spans([judged]):
        return "all of it"
    part = f"{duration(spans.total)} of {duration(judged.length)}, {local_stretch(hull, statement.period.zone)}"
    return part if spans == Spans([hull]) else f"{part}, with gaps"


def pins(pinned: Pins) -> Iterator[tuple[str, str]]:
    """What the statement was made with: name and value, hashes whole."""
    yield "makegood", pinned.engine
    yield "tzdata", pinned.tzdata
    for name, value in (("holidays", pinned.holidays), ("agreement", pinned.agreement), ("order", pinned.order)):
        if value:
            yield name, value.removeprefix(f"{name} ")
    for one in pinned.gone:
        if one.span is None:
            yield "without", f"{one.kind} {one.fact}, {one.because}"
        else:
            yield (
                "without",
                f"{one.kind} {rfc3339(one.span.start)}/{rfc3339(one.span.end)}, {one.because}",
            )
    yield from sorted(pinned.facts.items())
    yield from sorted(pinned.zones.items())


def signed_head(pinned: Pins) -> Iterator[tuple[str, str]]:
    """The signed head of the log that the facts are of, in parts to compare by hand; nothing for facts of no log."""
    if not pinned.head:
        return
    signed = json.loads(pinned.head)
    head = signed["head"]
    yield "log", head["log"]
    yield "length", f"{head['size']:,} {'entry' if head['size'] == 1 else 'entries'}"
    yield "last entry", rfc3339(int(head["at"]))
    yield "root", head["root"]
    yield "key", head["key"]
    yield "signature", signed["signature"]
