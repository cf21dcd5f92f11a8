"""What was closed is on the disk: killed at any byte, with any call that fails, and on a disk without room."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.agent.spool import Disk, Spool
from makegood.evidence.batch import Batch, RowBatch, signed_bytes
from makegood.evidence.signing import SigningKey
from makegood.model.spans import HOUR, SECOND
from tests.engine.worlds import examples
from tests.store.batches import MIDNIGHT, ROSTER, detailed

KEY = SigningKey.from_seed(bytes(32))


def batch(spool: Spool, number: int = 0, closed: int = MIDNIGHT, outcome: int = 0, name: str = "iad") -> RowBatch:
    """The next batch of a spool, or one `number` after it."""
    made = detailed(name, spool.latest + number + 1, [(spool.latest + number, "api", outcome)])
    return replace(made, closed=closed, previous=spool.previous)


def close(spool: Spool, count: int = 1, closed: int = MIDNIGHT, outcome: int = 0) -> list[bytes]:
    """Close some batches together; their bytes."""
    some = list[tuple[Batch, bytes]]()
    previous = spool.previous
    for n in range(count):
        one = replace(batch(spool, n, closed, outcome), previous=previous)
        previous = one.digest
        some.append((one, KEY.sign(signed_bytes(one.digest))))
    spool.append(some)
    return [one.body for one, _ in some]


def told(spool: Spool, after: int = 0) -> list[bytes]:
    return [one.body for one in spool.after(after)]


def test_what_was_closed_is_there_after_a_restart_with_its_signature_and_its_list(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    sent = [*close(spool, 3), *close(spool)]
    spool.acknowledge(2)
    spool.close()
    again = Spool(tmp_path / "spool")
    assert told(again) == sent
    assert (again.latest, again.oldest, again.acknowledged) == (4, 1, 2)
    assert (again.previous, again.closed) == (spool.previous, MIDNIGHT)
    found = list(again.after(2))
    assert [one.sequence for one in found] == [3, 4]
    assert all(KEY.public.verifies(signed_bytes(one.digest), one.signature) for one in found)
    assert {one.checks for one in found} == {ROSTER.body}
    assert told(again, 4) == []


def test_a_new_agent_of_an_old_location_goes_on_from_what_the_hub_has(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.begin_at(7, bytes([9] * 32))
    spool.close()
    again = Spool(tmp_path / "spool")
    assert (again.latest, again.oldest, again.previous, again.acknowledged) == (7, 8, bytes([9] * 32), 7)
    close(again)
    assert [one.sequence for one in again.after(0)] == [8]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.data())
@examples(25)
def test_killed_at_any_byte_it_has_all_that_was_closed_and_goes_on(counts: Sequence[int], data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "spool"
        spool, ends, sent = Spool(folder), [0], list[bytes]()
        for count in counts:
            sent += close(spool, count)
            ends.append(spool.size)
        spool.close()
        (file,) = folder.iterdir()
        whole = file.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        file.write_bytes(whole[:cut] + data.draw(st.binary(max_size=60)))
        closed = sum(counts[: sum(end <= cut for end in ends[1:])])
        again = Spool(folder)
        assert told(again)[:closed] == sent[:closed]
        assert told(again) == sent[: again.latest]
        before = again.latest
        mine = close(again, 2, outcome=1)
        again.close()
        last = Spool(folder)
        assert told(last) == [*sent[:before], *mine]
        assert [one.sequence for one in last.after(0)] == list(range(1, before + 3))
        last.close()


@given(st.integers(0, 2**32), st.integers(0, 7))
@examples(25)
def test_a_flipped_bit_costs_what_it_is_in_and_never_gives_another_batch(place: int, bit: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "spool"
        spool = Spool(folder)
        sent = [*close(spool, 2), *close(spool, 2)]
        spool.close()
        (file,) = folder.iterdir()
        raw = bytearray(file.read_bytes())
        raw[place % len(raw)] ^= 1 << bit
        file.write_bytes(raw)
        again = Spool(folder)
        assert all(one in sent for one in told(again))
        again.close()


@dataclass
class Failing(Disk):
    """The n-th call of a kind fails; a write may have written a part before."""

    call: str
    number: int
    code: int = errno.ENOSPC
    part: int = 0
    for_good: bool = False
    count: int = 0

    def _fails(self, call: str) -> bool:
        self.count += call == self.call
        return call == self.call and (self.count == self.number or (self.for_good and self.count > self.number))

    def write(self, handle: int, raw: bytes) -> int:
        if self._fails("write"):
            os.write(handle, raw[: self.part])
            raise OSError(self.code, os.strerror(self.code))
        return super().write(handle, raw)

    def sync(self, handle: int) -> None:
        if self._fails("sync"):
            raise OSError(self.code, os.strerror(self.code))
        super().sync(handle)


@pytest.mark.parametrize("call", ["write", "sync"])
@pytest.mark.parametrize("number", [2, 3, 4])
@pytest.mark.parametrize("part", [0, 1, 30, 200, 10**6])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_call_that_fails_closes_nothing_and_the_next_goes_on(
    tmp_path: Path, call: str, number: int, part: int, code: int
) -> None:
    spool = Spool(tmp_path / "spool", disk=Failing(call, number, code, part))
    sent, failed = list[bytes](), 0
    for n in range(5):
        before = spool.latest
        try:
            sent += close(spool, 2, outcome=n % 2)
        except OSError:
            failed += 1
            assert spool.latest == before
            assert told(spool) == sent
    assert failed == 1
    assert told(spool) == sent
    spool.close()
    again = Spool(tmp_path / "spool")
    assert told(again) == sent
    assert again.previous == spool.previous
    again.close()


def test_a_disk_that_stays_full_loses_nothing_that_was_closed(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", disk=Failing("write", 4, part=50, for_good=True))
    sent = [*close(spool, 2), *close(spool)]
    for _ in range(3):
        with pytest.raises(OSError, match="space"):
            close(spool)
    spool.disk = Disk()
    sent += close(spool)
    assert told(spool) == sent
    spool.close()
    assert told(Spool(tmp_path / "spool")) == sent


def test_when_it_is_full_the_oldest_go_and_that_is_said(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", room=16_000)
    count = 0
    while spool.size < 40_000:
        close(spool, 2)
        count += 2
    spool.acknowledge(3)
    lost = spool.make_room(MIDNIGHT)
    assert spool.size <= 16_000
    assert lost == range(4, spool.oldest)
    assert spool.dropped == len(lost)
    assert [one.sequence for one in spool.after(0)] == list(range(spool.oldest, count + 1))
    spool.close()
    again = Spool(tmp_path / "spool")
    assert (again.oldest, again.latest) == (spool.oldest, count)
    assert [one.sequence for one in again.after(0)] == list(range(spool.oldest, count + 1))
    close(again)
    assert again.latest == count + 1


def test_on_a_full_disk_only_files_go_that_the_hub_has_all_of(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", room=16_000)
    while len(list((tmp_path / "spool").iterdir())) < 3:
        close(spool, 2)
    assert not spool.let_go()
    spool.acknowledge(spool.latest - 1)
    assert spool.let_go()
    assert spool.let_go()
    assert not spool.let_go()
    left = told(spool)
    spool.close()
    again = Spool(tmp_path / "spool")
    assert told(again) == left
    assert again.latest == spool.latest
    again.close()


def test_what_is_older_than_72_hours_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", room=16_000)
    close(spool, 8, MIDNIGHT)
    close(spool, 8, MIDNIGHT + HOUR)
    close(spool, 1, MIDNIGHT + 2 * HOUR)
    assert spool.make_room(MIDNIGHT + 72 * HOUR) == range(1, 1)
    assert spool.make_room(MIDNIGHT + 72 * HOUR + SECOND) == range(1, 9)
    assert spool.oldest == 9


def test_a_folder_in_which_a_kill_left_an_empty_file_is_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    sent = close(spool, 2)
    spool.close()
    (tmp_path / "spool" / f"{3:020}.000000.spool").write_bytes(b"")
    shutil.copy(next((tmp_path / "spool").iterdir()), tmp_path / "copy")
    again = Spool(tmp_path / "spool")
    assert told(again) == sent
    sent += close(again)
    assert told(again) == sent
    again.close()
