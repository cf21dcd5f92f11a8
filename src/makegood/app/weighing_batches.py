"""Whether the results of a batch may count, by when they began, when it came, and what its location was given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from makegood.app.hub import Rules
from makegood.evidence.batch import Batch, RowBatch
from makegood.exchange.moments import written
from makegood.model.spans import Instant
from makegood.store.alarms import Alarm, AlarmKind
from makegood.store.sql.agents import Agent, Reached


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch is held against: the time (µs UTC, as the clocks agree on it), who sent it, and the batch before."""

    now: Instant
    agent: Agent
    last: Reached


def weigh(
    one: Batch, known: Known, given: Collection[str], lost: range, rules: Rules
) -> tuple[str, list[Alarm]]:  # fmt: skip
    """Why the results of a batch do not count, empty where they do, and the alarms that are to be recorded with it.

    `lost` are the numbers that are missing before it. The alarm of a flag is given once, by the first of batches that
    follow each other with the same flag.
    """
    alarms = list[Alarm]()

    def alarm(kind: AlarmKind, says: str) -> None:
        alarms.append(Alarm(kind, known.now, one.location, says, one.sequence))

    if lost:
        which = f"batch {lost[0]}" if len(lost) == 1 else f"batches {lost[0]}-{lost[-1]}"
        alarm(AlarmKind.LOST, f"{which} will not come: its spool was full, or they are gone with its folder")
    found = _flag(one, known, given, rules)
    if found is None:
        return "", alarms
    kind, says = found
    if known.last.flag != kind.value:
        alarm(kind, f"{says}; its results do not count")
    return kind.value, alarms


def _flag(one: Batch, known: Known, given: Collection[str], rules: Rules) -> tuple[AlarmKind, str] | None:
    strange = sorted(set(_told_of(one)) - set(given))
    if strange:
        more = f" and {len(strange) - 1:,} more" if len(strange) > 1 else ""
        return AlarmKind.FOREIGN, f"batch {one.sequence} tells of `{strange[0]}`{more}, which it was never given"
    first, last = _begins(one)
    number = f"batch {one.sequence}"
    told = known.agent.told
    if not told.get("trusted", True) and one.sequence >= int(told.get("tied", 0)):
        return AlarmKind.SKEWED, f"{number} is dated by a clock that was wrong when its agent last asked for work"
    if max(last, one.closed) > known.now + rules.skew:
        return AlarmKind.SKEWED, f"{number} tells of {written_or_far(max(last, one.closed))}, which is still to come"
    if one.closed < last:
        return AlarmKind.SKEWED, f"{number} was closed before its last result began"
    if first < known.agent.enrolled - rules.slack and known.agent.enrolled <= known.now + rules.skew:
        return AlarmKind.BACKDATED, f"{number} tells of {written_or_far(first)}, before its agent was enrolled"
    if known.last.closed is not None and first < known.last.closed - rules.slack:
        when = written_or_far(known.last.closed)
        return (
            AlarmKind.BACKDATED,
            f"{number} tells of {written_or_far(first)}, and the one before was closed at {when}",
        )
    if first < known.now - rules.spool - rules.slack:
        return AlarmKind.BACKDATED, f"{number} tells of {written_or_far(first)}, longer ago than a spool holds"
    return None


def _told_of(one: Batch) -> tuple[str, ...]:
    """The checks that a batch has a result of."""
    check = one.samples()[0]
    return tuple(one.checks[n] for n in sorted(set(check.tolist())))


def _begins(one: Batch) -> tuple[Instant, Instant]:
    """When the first and the last result began; of slots, those."""
    if isinstance(one, RowBatch):
        return int(one.begun[0]), int(one.begun[-1])
    return one.span


def written_or_far(instant: Instant) -> str:
    """An instant in words, also one beyond what a calendar has."""
    try:
        return written(instant)
    except OverflowError:
        return f"{instant} µs"
