"""Whether batches are signed by whom they say, and follow each other; of those that are sealed too."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from makegood.evidence.batch import FIRST, signed_bytes
from makegood.evidence.signing import PublicKey
from makegood.store.sql.log import AT_ONCE
from makegood.store.sql.tables import batch


def batches_that_do_not_hold(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each batch whose signature is not that of its key, or that does not go on from the one before it; and why.

    Batches that no agent signed are not looked at, nor is one whose predecessor the store does not have.
    """
    b = batch.c
    asked = select(b.location, b.sequence, b.sha256, b.previous, b.agent, b.signature).where(b.agent.is_not(None))
    rows = connection.execute(asked.order_by(b.location, b.sequence).execution_options(yield_per=AT_ONCE))
    before, keys = ("", 0, FIRST), dict[bytes, PublicKey]()
    for location, sequence, raw, previous, key, signature in rows:
        name, digest, signer = f"batch {location}/{sequence}", bytes(raw), bytes(key)
        try:
            public = keys.setdefault(signer, PublicKey(signer))
        except ValueError as wrong:
            yield name, f"the key that signed it is none: {wrong}"
        else:
            if not public.verifies(signed_bytes(digest), bytes(signature or b"")):
                yield name, "it is not signed by its agent's key"
        follows = before[:2] == (location, sequence - 1)
        if (follows and bytes(previous) != before[2]) or (sequence == 1 and bytes(previous) != FIRST):
            yield name, "it does not go on from the batch before it"
        before = location, sequence, digest
