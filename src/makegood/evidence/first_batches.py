"""The bytes of batches of the first edition, `makegood.batch/1`, which stores from before the second one still hold.

They say neither when the batch was closed nor which one came before it, have no details, and rows have latencies of
8 bytes. Such a batch is taken from nobody any more, but the log has its SHA-256, so what is there is held against it.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from makegood.evidence.batch import HEADER, MAGIC, ROWS, Batch, Damaged, Roster, RowBatch, read_batch

FIRST_MAGIC: Final = b"makegood.batch/1"
_HEADER: Final = struct.Struct("<16sBBHIIQqq32s")


def first_body(one: Batch) -> bytes:
    """The canonical bytes of a batch in the first edition."""
    _, form, follows, length, count, slots, sequence, every, first, _, _, roster = HEADER.unpack_from(one.body)
    start = _HEADER.pack(FIRST_MAGIC, form, follows, length, count, slots, sequence, every, first, roster)
    rest = one.body[HEADER.size :]
    if isinstance(one, RowBatch) and one.latency is not None:
        rest = rest[: -4 * count] + one.latency.astype("<i8").tobytes()
    return start + rest


def read_first(raw: bytes, checks: Roster) -> Batch:
    """The batch of its bytes in the first edition and its list of checks. Raises Damaged for any other bytes."""
    if not raw.startswith(FIRST_MAGIC) or len(raw) < _HEADER.size:
        raise Damaged("it does not begin as a batch")
    _, form, follows, length, count, slots, sequence, every, first, roster = _HEADER.unpack_from(raw)
    rest = raw[_HEADER.size :]
    if form == ROWS and follows:
        if len(rest) != length + 21 * count:
            raise Damaged("its length is not that of its rows")
        latencies = np.frombuffer(rest, "<i8", count, len(rest) - 8 * count)
        rest = rest[: -8 * count] + latencies.astype("<u4").tobytes()
    start = HEADER.pack(MAGIC, form, follows, length, count, slots, sequence, every, first, 0, bytes(32), roster)
    made = read_batch(start + rest, checks)
    if first_body(made) != raw:
        raise Damaged("these are not its canonical bytes")
    return made
