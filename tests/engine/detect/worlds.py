"""Small worlds to detect in: written as one line of signs per location, or drawn at random.

`.` is up, `x` down, `o` unknown, a blank missing, `-` not expected there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from makegood.engine.detect import detect, gridded
from makegood.model.detection import Begins, Detection, Ends, Observations
from makegood.model.findings import Finding
from makegood.model.grid import OPEN, Carry, Grid, Runs
from makegood.model.spans import MINUTE, Spans
from tests.engine.detect.oracle import Answer, Row, Rule, answer

WORDS = ("up", "down", "unknown")
SIGNS = {".": "up", "x": "down", "o": "unknown"}
OFFSET = 17 * MINUTE


@dataclass(frozen=True)
class World:
    """Rows of results on slots 0 to `slots`, and the slots expected of each location."""

    slots: int
    rows: tuple[Row, ...]
    expected: tuple[tuple[int, int], ...]

    def grid(self, first: int = 0, last: int | None = None) -> Grid:
        names = tuple(f"L{i}" for i in range(len(self.expected)))
        seen = observed(list(self.rows), names)
        return gridded(seen, first, self.slots if last is None else last, np.array(self.expected, dtype=np.int64))

    def answer(self, rule: Rule, favourable: bool, known: int | None = None) -> Answer:
        end = self.slots if known is None else known
        ranges = [range(first, min(last, end)) for first, last in self.expected]
        rows = [(s, i, o) for s, i, o in self.rows if s in ranges[i]]
        return answer(rows, ranges, rule, favourable)


def observed(rows: list[Row], names: tuple[str, ...]) -> Observations:
    table = np.array([(s, i, WORDS.index(o)) for s, i, o in rows], dtype=np.int64).reshape(-1, 3)
    return Observations(names, OFFSET, MINUTE, table[:, 0], table[:, 1].astype(np.int32), table[:, 2].astype(np.int8))


def drawn(*lines: str) -> World:
    """A world from a picture."""
    slots = max(map(len, lines))
    rows = [(k, i, SIGNS[sign]) for i, line in enumerate(lines) for k, sign in enumerate(line) if sign in SIGNS]
    expected = []
    for line in lines:
        there = [k for k, sign in enumerate(line.ljust(slots)) if sign != "-"]
        first, last = (there[0], there[-1] + 1) if there else (OPEN, OPEN)
        expected.append((first, last if last < slots else OPEN))
    return World(slots, tuple(rows), tuple(expected))


def detection(rule: Rule) -> Detection:
    begins, ends = Begins(rule.begins), Ends(rule.ends)
    return Detection(MINUTE, rule.fails_after, rule.recovers_after, rule.quorum, begins, ends)


def spans(slots: set[int]) -> Spans:
    """Slots as time."""
    return Spans([(OFFSET + k * MINUTE, OFFSET + (k + 1) * MINUTE) for k in slots])


def picture(found: Spans, slots: int) -> str:
    return "".join("x" if OFFSET + k * MINUTE in found else "." for k in range(slots))


def found(world: World, rule: Rule) -> Finding:
    return detect(detection(rule), world.grid())[0].of(0)


def fed(world: World, rule: Rule, cuts: list[int]) -> list[Finding]:
    """The findings of the grids between the cuts, each from the carry of the one before."""
    made, carry = [], None
    for first, last in zip([0, *cuts], [*cuts, world.slots], strict=True):
        findings, carry = detect(detection(rule), world.grid(first, last), carry)
        made.append(findings.of(0))
    return made


def stitched(made: list[Finding]) -> dict[str, list[Spans]]:
    """What stands in the end: each findings replace all that was said from their start on."""
    whole: dict[str, list[Spans]] = {}
    for findings in made:
        new = {
            "favourable": [findings.favourable.down, *findings.favourable.failing],
            "unfavourable": [findings.unfavourable.down, *findings.unfavourable.failing],
            "blind": list(findings.blind),
            "expected": list(findings.expected),
        }
        later = Spans([findings.span])
        for name, sets in new.items():
            whole[name] = [
                (old - later) | s for old, s in zip(whole.get(name, [Spans()] * len(sets)), sets, strict=True)
            ]
    return whole


def remembered(carry: Carry) -> int:
    """How many runs a carry holds."""
    assert isinstance(carry.unsettled.seen, Runs)
    return len(carry.unsettled.seen.start)


@st.composite
def worlds(draw: st.DrawFn, most_slots: int = 40, most_locations: int = 4, longest: int = 7) -> World:
    """Mostly stretches of one outcome, so that streaks and long blind runs are common; some repeats and
    contradictions."""
    slots = draw(st.integers(1, most_slots))
    locations = draw(st.integers(1, most_locations))
    rows: list[Row] = []
    expected = []
    for i in range(locations):
        first = draw(st.sampled_from([0, 0, 0, draw(st.integers(0, slots))]))
        last = draw(st.sampled_from([OPEN, OPEN, OPEN, draw(st.integers(first, slots + 3))]))
        expected.append((first, last))
        lengths = draw(
            st.lists(st.tuples(st.sampled_from(["up", "down", "unknown", ""]), st.integers(1, longest)), max_size=slots)
        )
        signs = [outcome for outcome, length in lengths for _ in range(length)][:slots]
        rows += [(k, i, outcome) for k, outcome in enumerate(signs) if outcome]
    extra = st.tuples(st.integers(0, slots - 1), st.integers(0, locations - 1), st.sampled_from(WORDS))
    rows += draw(st.lists(extra, max_size=3))
    return World(slots, tuple(rows), tuple(expected))


@st.composite
def rules(draw: st.DrawFn, locations: int) -> Rule:
    return Rule(
        fails_after=draw(st.integers(1, 4)),
        recovers_after=draw(st.integers(1, 4)),
        quorum=draw(st.integers(1, locations)),
        begins=draw(st.sampled_from([str(b) for b in Begins])),
        ends=draw(st.sampled_from([str(e) for e in Ends])),
    )


@st.composite
def cases(draw: st.DrawFn, most_slots: int = 40, longest: int = 7) -> tuple[World, Rule]:
    world = draw(worlds(most_slots, longest=longest))
    return world, draw(rules(len(world.expected)))
