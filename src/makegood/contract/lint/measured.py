"""What can be measured at all: the shortest outage that is seen and counted, against the target, the rows, the text."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.contract.lint.ground import Situation, length_name, length_words, lengths_of, share_words
from makegood.contract.lint.tiers.table import tables
from makegood.model.detection import Begins, Ends
from makegood.model.problem import Problem, note, warning
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration
from makegood.model.terms import (
    Commitment,
    Counted,
    Counts,
    DetectRule,
    EvidenceKind,
    MeasureKind,
    OutageRule,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import PeriodKind

AVERAGE_YEAR = Fraction(146_097, 400) * DAY
"""The Gregorian year, from which the month of 30.44 days comes that some texts reckon with."""


def measured_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about what the detection and the outage rule can show."""
    terms = situation.terms
    for outage in terms.outages.values():
        detect = terms.detects.get(outage.detect)
        if detect is not None:
            yield from _seen_and_counted(situation, outage, detect)
    for commitment in terms.commitments.values():
        yield from _allowed(situation, commitment)
        yield from _finer(situation, commitment)
    yield from _rows_too_fine(situation)


def shortest_confirmed(detect: DetectRule, outage: OutageRule) -> Duration:
    """The shortest outage that one location confirms; 0 where states are reported, or intervals measured."""
    if detect.evidence is not EvidenceKind.OBSERVATIONS:
        return 0
    slots = detect.fails_after if outage.begins is Begins.FIRST_FAILURE else 1
    if outage.ends is Ends.CONFIRMATION:
        slots += detect.recovers_after - 1
    return slots * detect.every


def shortest_seen(detect: DetectRule, outage: OutageRule) -> Duration:
    """The shortest outage that can be shown: where locations must agree, their failures may share a single slot."""
    confirmed = shortest_confirmed(detect, outage)
    return confirmed if detect.locations == "1" else min(confirmed, detect.every)


def shortest_counted(detect: DetectRule, outage: OutageRule) -> Duration:
    """The least downtime that one whole outage adds, 0 where any length counts."""
    seen, slot = shortest_seen(detect, outage), detect.every if detect.evidence is EvidenceKind.OBSERVATIONS else 0
    least = seen
    if outage.shortest is not None and not outage.shortest.holds(seen):
        edge = outage.shortest.edge
        least = edge if not slot else -(-edge // slot) * slot
        if not outage.shortest.holds(least):
            least += slot
    if outage.counted is Counted.BEYOND and outage.shortest is not None:
        least -= outage.shortest.edge
    if outage.grain:
        least = max(outage.grain, least if outage.grain_down == "any" else least - 2 * outage.grain)
    return max(least, 0)


def _seen_and_counted(situation: Situation, outage: OutageRule, detect: DetectRule) -> Iterator[Problem]:
    seen = shortest_seen(detect, outage)
    if detect.timeout > detect.every:
        what = (
            f"a check may take {length_words(detect.timeout)}, and the next begins after {length_words(detect.every)}"
        )
        place = situation.place(detect.name, "answers within")
        why = "a result belongs to the slot in which its check began, and two checks then run at once"
        yield warning("check-outlasts-slot", place, what, why, "allow less time, or check less often")
    if outage.shortest is None or not seen or outage.counted is Counted.BEYOND:
        return
    place = situation.place(outage.name, "shortest")
    if outage.shortest.holds(seen):
        what = f"`shortest: {outage.shortest}` leaves nothing out"
        why = f"the detection shows no outage shorter than {length_words(seen)} in any case"
        yield note("shortest-leaves-nothing-out", place, what, why, "leave it out, or confirm outages sooner")
        return
    confirmed = shortest_confirmed(detect, outage)
    if not outage.shortest.holds(confirmed):
        what = f"an outage of {length_words(confirmed)} is confirmed, and then does not count"
        counts = f"counts it only if {outage.shortest}"
        why = f"clause {detect.clause} confirms it, and {counts}"
        if detect.clause.id != outage.clause.id:
            why = f"clause {detect.clause} confirms it, and clause {outage.clause} {counts}"
        hint = "make sure that both are meant; readers may take either for the definition of downtime"
        yield note("seen-not-counted", place, what, why, hint)


def _allowed(situation: Situation, commitment: Commitment) -> Iterator[Problem]:
    """The downtime that the text says the target allows, against what it allows in each period there is."""
    target, period = commitment.target, situation.terms.periods.get(commitment.period)
    allows = commitment.allows
    if allows is None or period is None or not _is_share(commitment):
        return
    assert isinstance(target, Threshold)
    share = 1 - Fraction(target.edge)
    lengths = lengths_of(period, situation.terms.effective)
    near = [share * length for length in lengths if _same(share * length, allows)]
    if near:
        yield from _rounded(situation, commitment, min(near, key=lambda exact: abs(exact - allows)))
        return
    plain = [n for n in lengths if n % DAY == 0] or list(lengths)
    given = ", ".join(f"{length_name(n, period.kind)} {length_words(share * n)}" for n in plain[-4:])
    what = f"no {period.kind.value} allows {length_words(allows)} at {share_words(Fraction(target.edge))}"
    why = f"exactly: {given}"
    if period.kind is PeriodKind.MONTH and _same(share * AVERAGE_YEAR / 12, allows):
        why += f"; {length_words(allows)} is that of a month of 30.44 days, a twelfth of the average year"
    hint = "read it as an illustration: the share decides; or write a `nominal length` if the period has one"
    yield note("allows-nowhere", situation.place(commitment.name, "allows"), what, why, hint)


def _rounded(situation: Situation, commitment: Commitment, exact: Fraction) -> Iterator[Problem]:
    assert commitment.allows is not None
    apart = abs(exact - commitment.allows)
    if apart >= SECOND:
        what = f"{length_words(commitment.allows)} is {length_words(exact)} with {length_words(apart)} rounded away"
        why = f"the share decides, and not this length: between the two lie {length_words(apart)}"
        hint = f"write {length_words(exact)}"
        yield note("allows-rounded", situation.place(commitment.name, "allows"), what, why, hint)


def _same(exact: Fraction, written: Duration) -> bool:
    """Whether a length is the exact one, or that one cut or rounded to the smallest unit written."""
    unit = next(u for u in (HOUR, MINUTE, SECOND, 1) if written % u == 0)
    return written in (exact // unit * unit, (exact / unit + Fraction(1, 2)) // 1 * unit)


def _is_share(commitment: Commitment) -> bool:
    return isinstance(commitment.target, Threshold) and commitment.counts is Counts.SHARE


def _finer(situation: Situation, commitment: Commitment) -> Iterator[Problem]:
    """A target that the first outage that counts must miss: whatever it says, it says 100 %."""
    least, longest = _least_and_longest(situation, commitment)
    target = commitment.target
    if not least or not longest or not isinstance(target, Threshold) or not _is_share(commitment):
        return
    edge = Fraction(target.edge)
    if target.side not in (Side.AT_LEAST, Side.MORE_THAN) or edge == 1 or (1 - edge) * longest >= least:
        return
    period = situation.terms.periods[commitment.period]
    what = f"{share_words(edge)} is finer than the shortest outage that counts"
    allowed = length_words((1 - edge) * longest)
    why = (
        f"it allows {allowed} in {length_name(longest, period.kind)}, and the least that one outage adds is "
        f"{length_words(least)}: the first one misses it, just as it would miss 100 %"
    )
    hint = "lower the target, or count shorter outages"
    yield warning("target-finer-than-outage", situation.place(commitment.name, "is"), what, why, hint)


def _least_and_longest(situation: Situation, commitment: Commitment) -> tuple[Duration, Duration]:
    terms = situation.terms
    measure, period = terms.measures.get(commitment.measure), terms.periods.get(commitment.period)
    outage = terms.outages.get(measure.of) if measure and measure.kind is MeasureKind.RATIO else None
    detect = terms.detects.get(outage.detect) if outage else None
    if outage is None or detect is None or period is None:
        return 0, 0
    return shortest_counted(detect, outage), lengths_of(period, terms.effective)[-1]


def _rows_too_fine(situation: Situation) -> Iterator[Problem]:
    """Rows between 100 % and the best figure that a counted outage leaves."""
    for table in tables(situation):
        commitment, asked = table.commitment, table.domain.asked
        if commitment is None or asked is None or not table.domain.time:
            continue
        least, longest = _least_and_longest(situation, commitment)
        if not least or not longest:
            continue
        best = 1 - Fraction(least, longest)
        for row, tier in enumerate(table.scale.tiers):
            low, high = tier.range.low, tier.range.high
            if low is None or low <= best or low >= asked.edge or (high is not None and high < best):
                continue
            period = situation.terms.periods[commitment.period]
            what = f"no whole outage leads into the row {table.says(row)}"
            why = (
                f"the least that one adds is {length_words(least)}, which leaves {share_words(best)} of "
                f"{length_name(longest, period.kind)}; only an outage cut by a period's end or an excuse leaves more"
            )
            yield warning("tier-too-fine", table.place(row), what, why, "count shorter outages, or delete the row")
