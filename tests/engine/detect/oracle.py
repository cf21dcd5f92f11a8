"""Detection slot by slot, as the design states it: slow, plain, and sharing no code with the engine.

Rows are (slot, location, outcome) with the outcome "up", "down" or "unknown"; a location is a number. Slots that are
down or failing come back as sets.
"""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[int, int, str]


@dataclass(frozen=True)
class Rule:
    fails_after: int
    recovers_after: int
    quorum: int
    begins: str
    ends: str


@dataclass(frozen=True)
class Answer:
    failing: list[set[int]]
    down: set[int]


def seen_in(rows: list[Row], locations: int) -> list[dict[int, str]]:
    """What each location saw; results that contradict each other say nothing."""
    heard: list[dict[int, set[str]]] = [{} for _ in range(locations)]
    for slot, location, outcome in rows:
        heard[location].setdefault(slot, set()).add(outcome)
    return [{slot: said.pop() if len(said) == 1 else "unknown" for slot, said in h.items()} for h in heard]


def blind(seen: list[dict[int, str]], location: int, slot: int) -> bool:
    return seen[location].get(slot, "unknown") == "unknown"


def may_have_failed(seen: list[dict[int, str]], expected: list[range], location: int, slot: int, quorum: int) -> bool:
    """Whether a blind slot is a failure in the unfavourable run."""
    saw = [i for i in range(len(seen)) if slot in expected[i] and not blind(seen, i, slot)]
    if len(saw) < quorum:
        return True
    for step in (-1, 1):
        other = slot + step
        while other in expected[location] and blind(seen, location, other):
            other += step
        if other in expected[location] and seen[location][other] == "down":
            return True
    return False


def failing_slots(bad: dict[int, bool], rule: Rule) -> set[int]:
    """The slots at which a location is failing, from success or failure of each of its slots."""
    failing: set[int] = set()
    is_failing, bads, goods = False, 0, 0
    for slot in sorted(bad):
        if bad[slot]:
            bads, goods = bads + 1, 0
        else:
            bads, goods = 0, goods + 1
        if not is_failing and bads == rule.fails_after:
            is_failing = True
            if rule.begins == "first failure":
                failing |= set(range(slot - rule.fails_after + 1, slot))
        elif is_failing and goods == rule.recovers_after:
            is_failing = False
            if rule.ends == "first success":
                failing -= set(range(slot - rule.recovers_after + 1, slot))
        if is_failing:
            failing.add(slot)
    return failing


def answer(rows: list[Row], expected: list[range], rule: Rule, favourable: bool) -> Answer:
    """One of the two runs. `expected` is the range of slots of each location, cut at the end of what is known."""
    seen = seen_in(rows, len(expected))
    failing = []
    for location, slots in enumerate(expected):
        bad = {}
        for slot in slots:
            if blind(seen, location, slot):
                bad[slot] = not favourable and may_have_failed(seen, expected, location, slot, rule.quorum)
            else:
                bad[slot] = seen[location][slot] == "down"
        failing.append(failing_slots(bad, rule))
    every = set().union(*failing)
    return Answer(failing, {slot for slot in every if sum(slot in f for f in failing) >= rule.quorum})
