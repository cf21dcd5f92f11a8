"""The archive can be written in one way only; every trick that readers of ZIP differ over is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence import verify_alone
from makegood.evidence.archive import NoArchive, read_archive, write_archive

FILES = {"manifest.json": b"{}", "documents/a.md": b"# A\n", "empty": b""}
RAW = write_archive(FILES)
END = RAW.index(b"PK\x05\x06")
DIRECTORY = RAW.index(b"PK\x01\x02")


def refused(raw: bytes) -> bool:
    """Whether both readers refuse it; they must agree."""
    found = []
    for read, problem in ((read_archive, NoArchive), (verify_alone.unzip, verify_alone.Bad)):
        try:
            read(raw)
            found.append(False)
        except problem:
            found.append(True)
    assert found[0] is found[1]
    return found[0]


def test_what_is_written_is_read_back_by_both_and_by_any_reader_of_zip() -> None:
    assert read_archive(RAW) == verify_alone.unzip(RAW) == FILES
    assert list(read_archive(RAW)) == list(FILES)
    with zipfile.ZipFile(io.BytesIO(RAW)) as plain:
        assert plain.testzip() is None
        assert {name: plain.read(name) for name in plain.namelist()} == FILES
        assert {oct(info.external_attr >> 16) for info in plain.infolist()} == {"0o100644"}
        assert {info.date_time for info in plain.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_byte_flipped_cut_or_put_in_is_refused() -> None:
    for at in range(len(RAW)):
        for flip in (1, 0x10, 0x80, 0xFF):
            assert refused(RAW[:at] + bytes([RAW[at] ^ flip]) + RAW[at + 1 :]), (at, flip)
        assert refused(RAW[:at])
        assert refused(RAW[:at] + RAW[at + 1 :])
        assert refused(RAW[:at] + b"\0" + RAW[at:])
    assert refused(RAW + b"\0")
    assert not refused(RAW)


def made(write: Callable[[zipfile.ZipFile], object], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        write(archive)
    return out.getvalue()


def entry(name: str, content: bytes = b"x", **changes: int) -> bytes:
    """A local header with something in it changed, and its contents."""
    said = {"needs": 20, "flags": 0, "method": 0, "time": 0, "day": 33, "crc": zlib.crc32(content)}
    said |= {"packed": len(content), "size": len(content), "length": len(name.encode()), "extra": 0} | changes
    return b"PK\3\4" + struct.pack("<5H3I2H", *said.values()) + name.encode() + content


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK",
        RAW[END:],
        RAW[DIRECTORY:],
        made(lambda z: z.writestr("/etc/passwd", b"")),
        made(lambda z: z.writestr("../up", b"")),
        made(lambda z: z.writestr("a/../../up", b"")),
        made(lambda z: z.writestr("a\\b", b"")),
        made(lambda z: z.writestr("c:/a", b"")),
        made(lambda z: z.writestr("A", b"")),
        made(lambda z: z.writestr("ä", b"")),
        made(lambda z: z.mkdir("folder")),
        made(lambda z: z.writestr("a", b"1")),
        made(lambda z: z.writestr("a", b"1" * 1000), zipfile.ZIP_DEFLATED),
        made(lambda z: z.writestr("a", b"1" * 1000), zipfile.ZIP_BZIP2),
        entry("a") + entry("a") + RAW[DIRECTORY:],
        entry("a", size=0xFFFFFFFF, packed=0xFFFFFFFF) + RAW[DIRECTORY:],
        entry("a", size=2**31) + RAW[DIRECTORY:],
        entry("a", size=0) + RAW[DIRECTORY:],
        entry("a", flags=8) + RAW[DIRECTORY:],
        entry("a", flags=1) + RAW[DIRECTORY:],
        entry("a", extra=4) + RAW[DIRECTORY:],
        entry("a", length=0) + RAW[DIRECTORY:],
        entry("a", length=0xFFFF) + RAW[DIRECTORY:],
        entry("a..b") + RAW[DIRECTORY:],
        entry(".a") + RAW[DIRECTORY:],
        entry("a/") + RAW[DIRECTORY:],
        entry("a//b") + RAW[DIRECTORY:],
        entry("a" * 201) + RAW[DIRECTORY:],
        entry("a\0b") + RAW[DIRECTORY:],
        b"#!/bin/sh\n" + RAW,
        RAW + RAW,
        RAW[:DIRECTORY] + b"between" + RAW[DIRECTORY:],
        RAW[:END] + b"PK\x05\x05" + b"\0\0" + RAW[END:],
        RAW[:-2] + b"\7\0comment",
        RAW[:END] + RAW[END : END + 8] + b"\2\0\2\0" + RAW[END + 12 :],
        RAW[:-6] + struct.pack("<I", 0) + RAW[-2:],
    ],
    ids=lambda raw: f"{len(raw)} bytes",  # what they are tells of when they were made
)
def test_tricks_with_zip_are_refused(raw: bytes) -> None:
    assert refused(raw)


def test_entries_in_another_order_than_the_directory_are_refused() -> None:
    turned = write_archive(dict(reversed(FILES.items())))
    assert not refused(turned)
    assert refused(turned[:DIRECTORY] + RAW[DIRECTORY:])


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "../a", "a/../b", "A", "ä", "a b", "a\n", ".a", "a.", "a" * 201, "a\\b"]
)
def test_names_that_are_not_allowed_are_not_written(name: str) -> None:
    with pytest.raises(NoArchive, match="no name for a file"):
        write_archive({name: b""})


NAMES = st.from_regex(r"[a-z0-9]{1,6}(/[a-z0-9]{1,6}(\.[a-z0-9]{1,3})?)?", fullmatch=True).filter(str.isascii)


@given(st.dictionaries(NAMES, st.binary(max_size=30), min_size=1, max_size=5))
def test_any_archive_is_read_back_and_none_other_says_the_same(files: dict[str, bytes]) -> None:
    raw = write_archive(files)
    assert read_archive(raw) == verify_alone.unzip(raw) == files
    assert write_archive(read_archive(raw)) == raw


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_refused_or_read_and_never_a_crash(raw: bytes, looks: bool) -> None:
    assert refused(b"PK\3\4" + raw if looks else raw)
