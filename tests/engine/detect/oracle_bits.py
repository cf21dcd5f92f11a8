"""Detection once more, on one whole number a location: bit k is slot k. It shares no code with the engine either.

The latch is one addition: a carry that starts at a bit of `begin` runs up through `keep` and dies where that ends.
"""

from __future__ import annotations

from tests.engine.detect.oracle import Rule


def latched(begin: int, keep: int) -> int:
    """From each bit of `begin`, all of them in `keep`, up to where `keep` ends."""
    return (((keep + begin) ^ keep) | begin) & keep


def mirrored(bits: int, slots: int) -> int:
    return int(format(bits, f"0{slots}b")[::-1], 2) if slots else 0


def filled(seeds: int, inside: int, slots: int) -> int:
    """The runs of `inside` that hold a seed, from it on in both directions."""
    up = latched(seeds & inside, inside)
    down = latched(mirrored(seeds & inside, slots), mirrored(inside, slots))
    return up | mirrored(down, slots)


def in_a_row(bits: int, count: int) -> int:
    found = bits
    for step in range(1, count):
        found &= bits << step
    return found


def crowd(members: list[int], count: int, slots: int) -> int:
    """The slots at which at least so many of the members are set."""
    reached = [(1 << slots) - 1] + [0] * count
    for member in members:
        for k in range(count, 0, -1):
            reached[k] |= reached[k - 1] & member
    return reached[count]


def down(
    failed: list[int], seen: list[int], expected: list[int], rule: Rule, slots: int, favourable: bool
) -> tuple[list[int], int]:
    """The failing slots of each location and the slots that are down, in one of the two runs.

    `failed`, `seen` and `expected` hold a number for each location; what failed was seen, and what was seen was
    expected.
    """
    hopeless = ~crowd(seen, rule.quorum, slots)
    failing = []
    for fails, sees, due in zip(failed, seen, expected, strict=True):
        blind = due & ~sees
        bad = fails
        if not favourable:
            bad |= filled((fails << 1) | (fails >> 1), blind, slots) | (blind & hopeless)
        recovered = in_a_row(due & ~bad, rule.recovers_after)
        confirmed = latched(in_a_row(bad, rule.fails_after), due & ~recovered)
        if rule.ends == "first success":
            for step in range(1, rule.recovers_after):
                confirmed &= ~(recovered >> step)
        if rule.begins == "first failure":
            for _ in range(rule.fails_after - 1):
                confirmed |= (confirmed >> 1) & bad
        failing.append(confirmed & due)
    return failing, crowd(failing, rule.quorum, slots)
