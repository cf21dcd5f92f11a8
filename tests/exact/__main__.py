"""The long run of pairs, and one pair looked at.

    python -m tests.exact run --pairs 10000000                 ten million from number 0 on, on every core
    python -m tests.exact run --first 4200000 --pairs 5800000  the rest of them, after an interruption
    python -m tests.exact show 1234                            one pair, made as simple as it stays wrong
    python -m tests.exact seldom --pairs 40000                 a few pairs that together reach what is seldom reached

Every pair is told by one number, so that any part of the run can be repeated anywhere. The exit code is 1 where a pair
differs or a boundary was never hit.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import zoneinfo
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import fields, is_dataclass
from itertools import islice

import numpy as np

from tests.exact.compare import judged
from tests.exact.draw import drawn
from tests.exact.edges import Edges
from tests.exact.pairs import SELDOM, WANTED, Judged, judge_all, judge_one
from tests.exact.simpler import simplest

WIDTH = 140
ENOUGH = 5_000
"""Pairs in which every boundary is hit."""
EACH = 2_000
"""Pairs that one process judges before it reports."""


def main() -> int:
    """Run or show, as the arguments say."""
    os.environ["PYTHONTZPATH"] = ""
    _pinned_zones()
    parser = argparse.ArgumentParser(prog="python -m tests.exact", description="Pairs of an agreement and facts.")
    what = parser.add_subparsers(dest="what", required=True)
    run = what.add_parser("run", help="judge many pairs and hold each against the oracle")
    run.add_argument("--first", type=int, default=0, help="the number of the first pair; default 0")
    run.add_argument("--pairs", type=int, default=10_000_000, help="how many; default ten million")
    run.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one for each core")
    show = what.add_parser("show", help="one pair, and what differs in it")
    show.add_argument("seed", type=int)
    seldom = what.add_parser("seldom", help="a few pairs that together lie on every side of what is seldom reached")
    seldom.add_argument("--pairs", type=int, default=100_000, help="how many to look through; default 100,000")
    given = parser.parse_args()
    if given.what == "seldom":
        return _seldom(given.pairs)
    if given.what == "show":
        return _show(given.seed)
    return _run(given.first, given.pairs, given.processes)


def _pinned_zones() -> None:
    """Zones from the pinned tzdata, as in the tests."""
    zoneinfo.reset_tzpath(to=())


def _run(first: int, pairs: int, processes: int) -> int:
    begun, last, all_of = time.monotonic(), first + pairs, Judged()
    parts = (range(n, min(n + EACH, last)) for n in range(first, last, EACH))
    done: dict[int, int] = {}
    unbroken = first
    try:
        with ProcessPoolExecutor(processes, initializer=_pinned_zones) as pool:
            for part, found in _in_turn(pool, parts, 3 * processes):
                all_of.pairs += found.pairs
                all_of.edges.hit += found.edges.hit
                all_of.wrong |= found.wrong
                for seed, what in found.wrong.items():
                    print(f"\npair {seed} differs: {what[0]}", flush=True)
                done[part.start] = part.stop
                while unbroken in done:
                    unbroken = done.pop(unbroken)
                _progress(all_of, pairs, time.monotonic() - begun)
    except KeyboardInterrupt:
        print(f"\ngo on with: scripts/check.py pairs --first {unbroken} --pairs {last - unbroken}")
        return 1
    print(f"\n{all_of.pairs} pairs from number {first} on, {len(all_of.wrong)} differ")
    if pairs < ENOUGH:
        print(f"boundaries are asked for from {ENOUGH:,} pairs on")
        return 1 if all_of.wrong else 0
    missed = all_of.edges.missed(WANTED, 1)
    print("every boundary hit, and beside it" if not missed else "boundaries missed: " + "; ".join(missed))
    return 1 if all_of.wrong or missed else 0


def _seldom(pairs: int) -> int:
    """The first pair for each side that no pair before it lies on."""
    left = {(kind, side) for kind, sides in SELDOM.items() for side in sides}
    chosen: dict[int, set[tuple[str, int]]] = {}
    with ProcessPoolExecutor(initializer=_pinned_zones) as pool:
        for found in pool.map(_sides_of, range(pairs), chunksize=250):
            seed, sides = found
            if sides & left:
                chosen[seed] = sides
                left -= sides
            if not left:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    print(tuple(chosen))
    print("still missing: " + "; ".join(f"{kind} {side}" for kind, side in sorted(left)) if left else "all of them")
    return 1 if left else 0


def _sides_of(seed: int) -> tuple[int, set[tuple[str, int]]]:
    edges = Edges()
    judge_one(seed, edges)
    return seed, {side for side in edges.hit if side[0] in SELDOM}


def _in_turn(pool: ProcessPoolExecutor, parts: Iterator[range], ahead: int) -> Iterator[tuple[range, Judged]]:
    """Parts as they are done, with only some waiting at a time."""
    waiting = {pool.submit(judge_all, part): part for part in islice(parts, ahead)}
    while waiting:
        done = next(as_completed(waiting))
        yield waiting.pop(done), done.result()
        for part in islice(parts, 1):
            waiting[pool.submit(judge_all, part)] = part


def _progress(judged: Judged, pairs: int, seconds: float) -> None:
    rate = judged.pairs / seconds
    left = (pairs - judged.pairs) / rate / 60
    said = (
        f"{judged.pairs:,} of {pairs:,} pairs, {rate:,.0f} a second, {left:,.0f} min left, {len(judged.wrong)} differ"
    )
    print(f"\r{said}   ", end="" if sys.stdout.isatty() else "\n", flush=True)


def _show(seed: int) -> int:
    q, _ = drawn(seed)
    simple = simplest(q)
    found = judged(simple)
    print("\n".join(_lines(simple, "")))
    print("\n".join(found) or "nothing differs")
    return 1 if found else 0


def _lines(value: object, indent: str) -> Iterator[str]:
    """A value as an outline, without what is at its default."""
    if isinstance(value, Mapping):
        parts = [(str(key), one) for key, one in value.items()]
    elif isinstance(value, tuple) and any(is_dataclass(one) for one in value):
        parts = [(str(n), one) for n, one in enumerate(value)]
    elif is_dataclass(value):
        held = [(f.name, getattr(value, f.name), f.default) for f in fields(value)]
        parts = [(name, one) for name, one, default in held if not _is_plain(one, default)]
    else:
        yield f"{indent}{value!r}"
        return
    for name, one in parts:
        flat = repr(one)
        if len(flat) + len(indent) + len(name) < WIDTH:
            yield f"{indent}{name}: {flat}"
        else:
            yield f"{indent}{name}:"
            yield from _lines(one, f"{indent}  ")


def _is_plain(value: object, default: object) -> bool:
    if isinstance(value, np.ndarray):
        return False
    return value == default or value in ((), {}, "", None)


if __name__ == "__main__":
    sys.exit(main())
