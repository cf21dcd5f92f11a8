"""Deadlines that cannot be kept, contradict each other, or miss a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from makegood.contract.lint.ground import Situation, length_words, lengths_of
from makegood.contract.lint.money import at_stake
from makegood.model.problem import Place, Problem, note, warning
from makegood.model.spans import DAY, HOUR, Duration
from makegood.model.terms import (
    ClockRule,
    Commitment,
    GateKind,
    MeasureKind,
    RemedyForm,
    RemedyRule,
    Terms,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Allowance, Calendar, DayCount

_OCCURRENCE = ("outage begins", "first outage begins", "incident detected")
_BUSINESS = (DayCount.BUSINESS_DAYS, DayCount.BUSINESS_TIME)
_OTHERWISE = "otherwise"


def deadline_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about the clocks and notices of one situation."""
    for clock in situation.terms.clocks.values():
        yield from _calendar(situation, clock)
        yield from _labels(situation, clock)
        yield from _order(situation, clock)
    for remedy in situation.terms.remedies.values():
        if remedy.form in (RemedyForm.CREDIT, RemedyForm.CHARGE):
            clocks = [c for c in situation.terms.clocks.values() if c.of == remedy.name]
            claims = [c for c in clocks if c.duty_of == "customer"]
            for claim in claims:
                yield from _before_the_figures(situation, claim, remedy)
                yield from _before_the_report(situation, claim, remedy)
                yield from _consequence_first(situation, claim, clocks)
            yield from _two_claims(situation, claims, remedy)
    yield from _notices(situation)


def bounds(allow: Allowance, calendar: Calendar | None = None) -> tuple[Duration, Duration]:
    """The least and the most elapsed time that an allowance can be, whenever it starts; generous on both sides."""
    n = allow.count
    match allow.unit:
        case DayCount.ELAPSED:
            return n, n
        case DayCount.BUSINESS_TIME:
            return n, n * 20 + 30 * DAY
        case DayCount.DAYS:
            return n * DAY - HOUR, (n + 1) * DAY + HOUR
        case DayCount.WEEKS:
            return n * 7 * DAY - HOUR, (n * 7 + 1) * DAY + HOUR
        case DayCount.MONTHS:
            return n * 28 * DAY - HOUR, (n * 31 + 1) * DAY + HOUR
        case DayCount.BUSINESS_DAYS:
            least = n if calendar is None or not calendar.hours else n + 2 * (n // 6)
            return least * DAY - HOUR, (n * 2 + 15) * DAY


def _calendar(situation: Situation, clock: ClockRule) -> Iterator[Problem]:
    for label, allow in clock.allow.items():
        if not isinstance(allow, Allowance) or allow.unit not in _BUSINESS:
            continue
        place = situation.place(clock.name, "allow", label) if label else situation.place(clock.name, "allow")
        yield from _business(situation, allow, clock.calendar, at=place, what=f"`{clock.name}`")
        return


def _notices(situation: Situation) -> Iterator[Problem]:
    for exclude in situation.terms.excludes:
        for gate in exclude.gates:
            if gate.kind is GateKind.NOTICE and isinstance(gate.notice, Allowance) and gate.notice.unit in _BUSINESS:
                place = situation.place(exclude.name, "gates", "notice")
                name = gate.notice_calendar or gate.calendar
                yield from _business(situation, gate.notice, name, at=place, what=f"`{exclude.name}`")


def _business(situation: Situation, allow: Allowance, name: str, at: Place, what: str) -> Iterator[Problem]:
    calendar = situation.terms.calendars.get(name)
    if not name:
        told = f"{what} counts {allow}, and no calendar says which days or hours are business"
        why = f"without one every day counts, weekends and holidays too: {_weekends(allow)}"
        hint = "write `in: NAME` with a calendar that has hours"
        yield warning("business-without-calendar", at, told, why, hint)
    elif isinstance(calendar, Calendar) and not calendar.hours:
        told = f"{what} counts {allow} in `{name}`, and that calendar has no hours"
        why = f"a calendar without hours is open around the clock, so that weekends count: {_weekends(allow)}"
        hint = f"write `hours: Monday to Friday 00:00-24:00` in `{name}`, or name another calendar"
        yield warning("business-without-hours", at, told, why, hint)
    elif isinstance(calendar, Calendar) and calendar.holidays is None:
        told = f"{what} counts {allow} in `{name}`, and no holidays are named there"
        why = "a public holiday then counts as a business day: each one makes the deadline a day earlier"
        hint = f"write `holidays:` in `{name}`: a country, dates, or `none` if none is left out"
        yield note("holidays-not-said", situation.place(name), told, why, hint)


def _weekends(allow: Allowance) -> str:
    """How far an allowance reaches with weekends and without, from a Monday."""
    if allow.unit is DayCount.BUSINESS_TIME:
        return f"{allow} are over {length_words(allow.count)} later, and not after that much business time"
    days, weekdays = allow.count, allow.count + 2 * (allow.count // 5)
    return f"{allow} after a Monday are over {days} days later" + (f" and not {weekdays}" if weekdays > days else "")


def _labels(situation: Situation, clock: ClockRule) -> Iterator[Problem]:
    rows = situation.terms.classes.get(clock.by_class)
    if not clock.by_class or rows is None or not rows.rows:
        return
    known = list(dict.fromkeys(row.label for row in rows.rows))
    for label in clock.allow:
        if label not in known and label != _OTHERWISE:
            near = get_close_matches(label, known, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`?" if near else "labels are " + ", ".join(f"`{k}`" for k in known)
            what = f"`{clock.by_class}` never gives `{label}`"
            why = "no row of the class has this label, so that this time is never used"
            yield warning("label-unknown", situation.place(clock.name, "allow", label), what, why, hint)
    missing = [] if _OTHERWISE in clock.allow else [label for label in known if label not in clock.allow]
    if missing:
        names = ", ".join(f"`{m}`" for m in missing)
        what = f"`{clock.name}` gives no time for {names}"
        why = f"`{clock.by_class}` gives that label, and nothing says how long it may take then"
        hint = f"write `{missing[0]}: …`, or `{missing[0]}: unstated` where the text leaves it out"
        yield warning("label-missing", situation.place(clock.name, "allow"), what, why, hint)


def _order(situation: Situation, clock: ClockRule) -> Iterator[Problem]:
    """A later label of a class that must be dealt with sooner than an earlier one."""
    rows = situation.terms.classes.get(clock.by_class)
    if rows is None:
        return
    labels = [r.label for r in rows.rows if isinstance(clock.allow.get(r.label), Allowance)]
    for n, label in enumerate(labels[1:], 1):
        allow = clock.allow[label]
        assert isinstance(allow, Allowance)
        for before in labels[:n]:
            other = clock.allow[before]
            assert isinstance(other, Allowance)
            if bounds(allow)[1] < bounds(other)[0]:
                what = f"`{label}` is given {allow}, less than the {other} of `{before}` above it"
                why = f"`{clock.by_class}` names `{before}` first, and what comes first is commonly the more urgent"
                hint = "compare the columns of the printed table; two of them may have been exchanged"
                yield warning("label-order", situation.place(clock.name, "allow", label), what, why, hint)
                break


def _allowance(clock: ClockRule) -> Allowance | None:
    found = clock.allow.get("")
    return found if isinstance(found, Allowance) else None


def _bounds(clock: ClockRule, terms: Terms) -> tuple[Duration, Duration] | None:
    allow, calendar = _allowance(clock), terms.calendars.get(clock.calendar)
    return None if allow is None else bounds(allow, calendar if isinstance(calendar, Calendar) else None)


def _lost(situation: Situation, remedy: RemedyRule) -> str:
    """What whoever claims too late gives up."""
    stake = at_stake(remedy, situation.terms)
    return f"; lost with it: {stake}" if stake else ""


def _before_the_figures(situation: Situation, claim: ClockRule, remedy: RemedyRule) -> Iterator[Problem]:
    """A claim that is counted from the outage, and falls due before the period's figure can exist."""
    allow = _allowance(claim)
    commitment = situation.terms.commitments.get(remedy.commitment)
    period = situation.terms.periods.get(commitment.period) if commitment else None
    if allow is None or period is None or not any(event in _OCCURRENCE for event in claim.starts):
        return
    if commitment is not None and _missed_by_any(commitment, situation.terms):
        return  # the outage itself is the miss, whatever the rest of the period is like
    longest = lengths_of(period, situation.terms.effective)[-1]
    # Day 0 is the date of the outage: on a period's first date, `30 days` end with the period's 31st.
    left = (allow.count + 1) * DAY if allow.unit is DayCount.DAYS else bounds(allow)[0]
    if left > longest + DAY:
        return
    what = f"a claim within {allow} of the outage can be due before anyone knows that it is justified"
    kind = period.kind.value
    days = longest // DAY
    late = "the claim is due no later than that" if left <= longest else f"{(left - longest) // HOUR} h are left then"
    why = f"the figure exists when the {kind} ends, and for an outage on the first of {days} days {late}"
    why += _lost(situation, remedy)
    hint = "count from `end of period`, or from when the statement is sent"
    yield warning("claim-before-figures", situation.place(claim.name, "allow"), what, why, hint)


def _missed_by_any(commitment: Commitment, terms: Terms) -> bool:
    """Whether any outage misses the target: of 100 %, and of no outage and no time at all."""
    measure, target = terms.measures.get(commitment.measure), commitment.target
    if measure is None or not isinstance(target, Threshold) or measure.rounding is not None:
        return False
    if measure.kind is MeasureKind.RATIO:
        return target.side in (Side.AT_LEAST, Side.EXACTLY) and target.edge == 1
    counted = measure.kind in (MeasureKind.COUNT, MeasureKind.TOTAL, MeasureKind.LONGEST)
    return counted and target.side in (Side.AT_MOST, Side.EXACTLY) and target.edge == 0


def _before_the_report(situation: Situation, claim: ClockRule, remedy: RemedyRule) -> Iterator[Problem]:
    """A report or statement that the provider may send after the claim is due."""
    due = _bounds(claim, situation.terms)
    if due is None or claim.starts != ("end of period",):
        return
    for clock in situation.terms.clocks.values():
        told = _bounds(clock, situation.terms)
        if clock.duty_of == "customer" or clock.of == claim.of or clock.starts != ("end of period",) or told is None:
            continue
        words = f"{clock.name} {clock.stops}".lower()
        if told[0] >= due[0] and any(word in words for word in ("report", "statement", "figures", "measurement")):
            what = (
                f"the claim is due within {_allowance(claim)} of the period, `{clock.name}` within {_allowance(clock)}"
            )
            late = length_words(max(told[1] - due[1], 0)) if told[1] > due[1] else ""
            why = "what shows the miss may arrive when it can no longer be claimed"
            why += (f", {late} too late" if late else "") + _lost(situation, remedy)
            hint = f"give the claim more time, or count it from `{clock.name}`"
            yield warning("claim-before-report", situation.place(claim.name, "allow"), what, why, hint)


def _consequence_first(situation: Situation, claim: ClockRule, clocks: list[ClockRule]) -> Iterator[Problem]:
    """An answer or payment that is due, from the same event, before the claim is."""
    claimed = _bounds(claim, situation.terms)
    for clock in clocks:
        due = _bounds(clock, situation.terms)
        if clock.duty_of == "customer" or claimed is None or due is None or clock.starts != claim.starts:
            continue
        if due[1] < claimed[1] and due[0] < claimed[0]:
            what = f"`{clock.name}` has {_allowance(clock)}, and `{claim.name}` {_allowance(claim)} from the same event"
            apart = length_words(claimed[1] - due[1])
            why = f"a claim made in time can come up to {apart} after it should have been answered or paid"
            hint = "count it from `claim received`, or give it more time than the claim has"
            yield warning("answer-before-claim", situation.place(clock.name, "allow"), what, why, hint)


def _two_claims(situation: Situation, claims: list[ClockRule], remedy: RemedyRule) -> Iterator[Problem]:
    by_start: dict[tuple[str, ...], ClockRule] = {}
    for claim in claims:
        first = by_start.setdefault(claim.starts, claim)
        if first is claim or first.allow == claim.allow or _allowance(first) is None or _allowance(claim) is None:
            continue
        what = f"`{first.name}` gives {_allowance(first)} and `{claim.name}` {_allowance(claim)} from the same event"
        if (first.stops or first.requires) and (claim.stops or claim.requires) and _acts(first) != _acts(claim):
            why = "both must be kept, and whoever misses the first gets nothing by keeping the second"
            why += _lost(situation, remedy)
            yield note("two-deadlines", situation.place(claim.name, "allow"), what, why, "tell the customer of both")
            continue
        one, other = _bounds(first, situation.terms), _bounds(claim, situation.terms)
        between = length_words(abs(one[1] - other[1])) if one and other else "the time"
        why = "the rules do not say that they time different acts, and for "
        why += f"{between} between the two a claim is both late and in time{_lost(situation, remedy)}"
        hint = "make it one clock with a reading, `allow: {among: […], chosen: …, because: …}`"
        yield warning("deadline-contradiction", situation.place(claim.name, "allow"), what, why, hint)


def _acts(clock: ClockRule) -> tuple[object, ...]:
    return clock.stops, clock.requires
