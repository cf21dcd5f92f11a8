"""A batch has one sequence of bytes, and no other bytes are a batch."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence.batch import Batch, Damaged, Roster, RowBatch, SlotBatch, read_batch
from makegood.evidence.figures import NoFigures
from makegood.model.results import Reason
from makegood.model.spans import MINUTE
from tests.store.batches import FIRST, ROSTER, Told, detailed, measuring, rows, slots

TOLD: list[Told] = [(0, "api", 0), (0, "shop", 1), (2, "api", 2)]


def test_the_bytes_of_rows_are_those_of_the_documentation() -> None:
    made = replace(rows("iad", 7, TOLD, latency=5), closed=9, previous=bytes(range(32))).body
    assert made[:16] == b"makegood.batch/2"
    assert made[16:20] == bytes([1, 1, 3, 0])
    assert made[20:28] == (3).to_bytes(4, "little") + bytes(4)
    assert made[28:60] == b"".join(n.to_bytes(8, "little") for n in (7, MINUTE, 0, 9))
    assert made[60:92] == bytes(range(32))
    assert made[92:124] == sha256(b'["api","shop"]').digest()
    assert made[124:127] == b"iad"
    begun = [FIRST * MINUTE, FIRST * MINUTE, (FIRST + 2) * MINUTE]
    assert made[127:151] == b"".join(at.to_bytes(8, "little") for at in begun)
    assert made[151:163] == b"".join(n.to_bytes(4, "little") for n in (0, 1, 0))
    assert made[163:166] == bytes([0, 1, 2])
    assert made[166:] == (5).to_bytes(4, "little") * 3


def test_details_follow_the_latencies_of_rows() -> None:
    made = detailed("iad", 7, TOLD).body
    assert made[16:18] == bytes([1, 3])
    assert made[178:181] == bytes([Reason.OK, Reason.STATUS, Reason.LATE])
    assert made[181:187] == b"".join(n.to_bytes(2, "little") for n in (200, 503, 0))
    none = 2**32 - 1
    parts = [(1000, 1001, none), (2000, 2001, none), (3000, 3001, none), (4000, 4001, none)]
    assert made[187:] == b"".join(n.to_bytes(4, "little") for part in parts for n in part)


def test_figures_follow_the_details_of_rows() -> None:
    made = measuring(7, [(0, "shop", "valid", "20"), (0, "shop", "good", "19.50"), (1, "api", "p95", "0.25")]).body
    assert made[16:18] == bytes([1, 7])
    at = 124 + 3 + 13 + 4 + 19
    names = b'{"metrics":[["api","requests"]],"words":["good","p95","valid"]}'
    assert made[at : at + 8] == len(names).to_bytes(4, "little") + (3).to_bytes(4, "little")
    assert made[at + 8 : at + 8 + len(names)] == names
    columns = [
        (8, [FIRST * MINUTE, FIRST * MINUTE, (FIRST + 1) * MINUTE]), (4, [1, 1, 0]), (4, [0, 0, 0]), (4, [0, 2, 1]),
        (8, [195, 20, 25]), (1, [1, 0, 2]),
    ]  # fmt: skip
    expected = b"".join(n.to_bytes(size, "little") for size, column in columns for n in column)
    assert made[at + 8 + len(names) :] == expected


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"metrics": (("api", "requests"), ("shop", "requests"))}, "each metric is of a figure"),
        ({"words": ("good",)}, "each quantity is of a figure"),
        ({"words": ("valid", "good")}, "quantities are sorted"),
        ({"metrics": (("", "requests"),)}, "what has a name"),
        ({"check": [2, 2]}, "a figure is of a check of the list"),
        ({"word": [1, 0]}, "figures ascend"),
        ({"word": [1, 1]}, "each quantity is of a figure"),
        ({"digits": [190, 20], "places": [1, 0]}, "no number ends with a decimal zero"),
        ({"digits": [10**18, 20]}, "a number has up to 18 digits"),
        ({"places": [-1, 0]}, "an index"),
        ({"start": [0]}, "of one length"),
    ],
)
def test_figures_that_cannot_be_are_none(change: dict[str, Any], why: str) -> None:
    whole = measuring(7, [(0, "shop", "valid", "20"), (0, "shop", "good", "19.5")])
    assert whole.figures is not None
    made: dict[str, Any] = {
        name: np.array(value) if isinstance(value, list) else value for name, value in change.items()
    }
    with pytest.raises((NoFigures, Damaged), match=why):
        replace(whole, figures=replace(whole.figures, **made))


def test_the_bytes_of_slots_are_two_bits_a_sample_in_the_order_of_slots() -> None:
    made = slots("iad", 7, TOLD).body
    assert made[16:28] == bytes([2, 0, 3, 0]) + (2).to_bytes(4, "little") + (3).to_bytes(4, "little")
    assert made[44:52] == FIRST.to_bytes(8, "little")
    assert made[127:] == bytes([0b11_11_01_00, 0b00_00_11_10])


@pytest.mark.parametrize(
    "made",
    [
        rows("fra", 1, TOLD),
        rows("fra", 1, TOLD, 9),
        detailed("fra", 1, TOLD),
        measuring(1, [(0, "shop", "valid", "20"), (0, "shop", "good", "19.5")]),
        slots("fra", 1, TOLD),
        slots("é", 2, TOLD, 3),
    ],
)
def test_a_batch_is_read_back_from_its_bytes_and_every_flipped_bit_is_another_or_none(made: Batch) -> None:
    assert read_batch(made.body, ROSTER).body == made.body
    for bit in range(8 * len(made.body)):
        changed = bytearray(made.body)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert read_batch(bytes(changed), ROSTER).body == bytes(changed)
        except Damaged:
            continue


@given(st.binary(max_size=120), st.integers(0, 2**32))
def test_bytes_that_are_no_batch_are_refused(tail: bytes, seed: int) -> None:
    head = rows("fra", 1, TOLD).body[: seed % 128]
    with pytest.raises(Damaged):
        read_batch(head[:123] + tail, ROSTER)


def test_a_batch_of_another_list_of_checks_is_refused() -> None:
    with pytest.raises(Damaged, match="list of checks"):
        read_batch(rows("fra", 1, TOLD).body, Roster(("api", "mail")))


def test_what_cannot_be_is_refused() -> None:
    begun, check, outcome = np.array([1, 1]), np.array([0, 0]), np.zeros(2, dtype=np.int8)
    for wrong in (
        lambda: RowBatch("fra", 1, MINUTE, ROSTER, begun, check, outcome),
        lambda: RowBatch("fra", 1, MINUTE, ROSTER, begun, np.array([0, 2]), outcome),
        lambda: RowBatch("fra", 1, MINUTE, ROSTER, begun, np.array([0, 1]), outcome + 3),
        lambda: RowBatch("fra", 0, MINUTE, ROSTER, begun, np.array([0, 1]), outcome),
        lambda: replace(rows("fra", 1, TOLD), previous=b""),
        lambda: replace(rows("fra", 1, TOLD), latency=np.full(3, 2**32 - 1)),
        lambda: replace(detailed("fra", 1, TOLD), outcome=np.zeros(3, dtype=np.int8)),
        lambda: replace(detailed("fra", 1, TOLD), latency=None),
        lambda: RowBatch("", 1, MINUTE, ROSTER, begun, np.array([0, 1]), outcome),
        lambda: SlotBatch("fra", 1, MINUTE, ROSTER, 0, np.full((1, 2), 3, dtype=np.int8)),
        lambda: SlotBatch("fra", 1, MINUTE, ROSTER, 0, np.zeros((1, 3), dtype=np.int8)),
        lambda: Roster(("api", "api")),
    ):
        with pytest.raises(Damaged):
            wrong()


def test_every_reason_is_in_the_documentation() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    assert [r for r in Reason if r and not re.search(rf"[| ]{r.value} {r.word}[, |]", text)] == []
