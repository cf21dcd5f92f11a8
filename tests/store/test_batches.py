"""What the database holds of batches is held against the log whenever it is read, whatever edition it is of."""

from __future__ import annotations

import struct
from hashlib import sha256

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update

from makegood.evidence.batch import Batch, Damaged
from makegood.evidence.first_batches import first_body, read_first
from makegood.model.problem import Refused
from makegood.model.spans import DAY
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.sealing_days import seal
from makegood.store.sql.batches import Sent, file_rows, listed, subjects_of
from makegood.store.sql.database import reading, writing
from makegood.store.sql.log import Entry, append
from makegood.store.sql.store import Document, insert_documents
from makegood.store.sql.tables import batch, document, observation
from tests.store.batches import MIDNIGHT, ROSTER, Told, detailed, rows, slots
from tests.store.test_archive import take

SAID: list[Told] = [(k, check, int(k == 3)) for k in range(10) for check in ROSTER.checks]


def use(store: Store) -> list[object]:
    """Everything that reads batches."""
    return [
        lambda: read_folder(store.folder),
        lambda: list(seal(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops")),
    ]


@pytest.mark.parametrize("changed", ["outcome", "latency", "more", "fewer", "location", "body", "list"])
def test_a_batch_that_was_changed_in_the_database_is_found_and_not_used(store: Store, changed: str) -> None:
    take(store, [rows("iad", 1, SAID, 4_000), detailed("fra", 1, SAID)])
    assert check(store).problems == []
    o = observation.c
    with writing(store.engine) as connection:
        begun, subject = connection.execute(select(o.begun, o.subject)).first() or (0, 0)
        mine = (o.begun == begun, o.subject == subject)
        change = {
            "outcome": update(observation).where(*mine).values(outcome=1),
            "latency": update(observation).where(*mine).values(latency=4_001),
            "more": insert(observation).from_select(
                ["begun", "subject", "outcome", "latency", "position"],
                select(o.begun + 1, o.subject, o.outcome, o.latency, o.position).where(*mine),
            ),
            "fewer": delete(observation).where(*mine),
            "location": update(batch).where(batch.c.location == "iad").values(location="syd"),
            "body": update(batch).where(batch.c.location == "fra").values(body=b"no batch at all"),
            "list": update(document).where(document.c.kind == "checks").values(body=b'["api"]'),
        }[changed]
        connection.execute(change)
    assert any("not what the log commits to" in p.what for p in check(store).problems)
    for read in use(store):
        with pytest.raises(Refused, match="not what the log commits to"):
            read()  # type: ignore[operator]


def first_edition(store: Store, made: list[Batch], as_rows: bool) -> None:
    """Record batches as a store of the first schema did."""
    with writing(store.engine) as connection:
        lists = [Document("checks", "checks.json", ROSTER.body)]
        entry = Entry("document/checks", "checks.json", "agent", lists[0].digest)
        insert_documents(connection, lists, iter(append(connection, [entry], MIDNIGHT, store.sign)))
        for one in made:
            digest = sha256(first_body(one)).digest()
            (position,) = append(connection, [Entry("batch", one.name, "agent", digest)], MIDNIGHT, store.sign)
            row = listed(position, one, Sent(), body=False)
            row |= {"sha256": digest, "closed": None, "previous": None}
            if not as_rows:
                row["body"] = first_body(one)
            connection.execute(insert(batch), [row])
            if as_rows:
                assert file_rows(connection, position, one, subjects_of(connection, one))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["rows", "rows as bytes", "slots"])
@pytest.mark.parametrize("latency", [None, 4_000])
def test_a_store_from_before_goes_on_with_batches_of_the_first_edition(
    store: Store, form: str, latency: int | None
) -> None:
    make = slots if form == "slots" else rows
    made: list[Batch] = [make(place, 1, SAID, latency) for place in ("iad", "fra", "syd")]
    first_edition(store, made, form == "rows")
    take(store, [rows("iad", 2, [(12, "api", 1)])], MIDNIGHT)
    assert check(store).problems == []
    before = read_folder(store.folder)[0].results
    assert {one.check: len(one.outcome) for one in before.values()} == {"api": 31, "shop": 30}
    assert sum(int((one.outcome == 1).sum()) for one in before.values()) == 7
    list(seal(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    with reading(store.engine) as connection:
        assert connection.execute(select(batch.c.position).where(batch.c.sealed.is_(None))).all() == []
    after = read_folder(store.folder)[0].results
    assert {c: len(one.outcome) for c, one in after.items()} == {c: len(one.outcome) for c, one in before.items()}
    assert check(store).problems == []


def test_the_bytes_of_the_first_edition_are_what_they_were() -> None:
    one = rows("iad", 7, [(0, "api", 0), (1, "shop", 2)], 5)
    header = struct.pack(
        "<16sBBHIIQqq32s", b"makegood.batch/1", 1, 1, 3, 2, 0, 7, one.every, 0, sha256(b'["api","shop"]').digest()
    )
    begins = one.begun.astype("<i8").tobytes()
    raw = header + b"iad" + begins + struct.pack("<II", 0, 1) + bytes([0, 2]) + struct.pack("<qq", 5, 5)
    assert first_body(one) == raw
    again = read_first(raw, ROSTER)
    assert again.body == one.body
    cells = slots("iad", 1, [(0, "api", 0), (1, "shop", 1)])
    assert np.array_equal(read_first(first_body(cells), ROSTER).samples()[2], cells.samples()[2])
    for wrong in (raw[:-1], raw + b"x", one.body, raw.replace(b"batch/1", b"batch/3"), b""):
        with pytest.raises(Damaged):
            read_first(wrong, ROSTER)
