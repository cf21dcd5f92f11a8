"""Encrypted files: nothing opens that was changed, moved, cut off, joined or encrypted under something else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.problem import Refused
from makegood.store import encrypting
from makegood.store.encrypting import CHUNK, MAGIC, OWN, SALT, TAG, Lock, Undecryptable, read_passphrase

HEADER = len(MAGIC) + 3 + SALT + OWN
LOCK = Lock.of(bytes((4, 8, 1)) + bytes(SALT), b"correct horse battery")


def encrypted(content: bytes, lock: Lock = LOCK) -> bytes:
    out = io.BytesIO()
    lock.encrypt(io.BytesIO(content), out)
    return out.getvalue()


def opened(raw: bytes, lock: Lock = LOCK) -> bytes:
    return b"".join(lock.decrypt(io.BytesIO(raw)))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_opens(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    raw = encrypted(content)
    assert len(raw) == HEADER + size + TAG * max(1, -(-size // CHUNK))
    assert opened(raw) == content


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_no_byte_can_be_changed(content: bytes, at: int, by: int) -> None:
    raw = bytearray(encrypted(content))
    raw[at % len(raw)] ^= by
    with pytest.raises(Undecryptable):
        opened(bytes(raw))


@given(st.binary(max_size=200), st.integers(min_value=0))
def test_no_part_opens_alone(content: bytes, at: int) -> None:
    raw = encrypted(content)
    with pytest.raises(Undecryptable):
        opened(raw[: at % len(raw)])
    with pytest.raises(Undecryptable):
        opened(raw + b"\0")


def test_chunks_cannot_be_moved_left_out_or_said_twice() -> None:
    raw = encrypted(bytes(3 * CHUNK))
    head, full = raw[:HEADER], CHUNK + TAG
    first, second, third = (raw[HEADER + n * full : HEADER + (n + 1) * full] for n in range(3))
    assert opened(head + first + second + third) == bytes(3 * CHUNK)
    for parts in ([second, first, third], [first, third], [first, second], [first, second, third, third], [third], []):
        with pytest.raises(Undecryptable):
            opened(head + b"".join(parts))


def test_chunks_of_another_file_do_not_fit() -> None:
    one, other = encrypted(b"the same content"), encrypted(b"the same content")
    assert one != other
    with pytest.raises(Undecryptable):
        opened(one[:HEADER] + other[HEADER:])


def test_nothing_opens_under_another_passphrase() -> None:
    other = Lock.of(LOCK.settings, b"another horse battery")
    with pytest.raises(Undecryptable):
        opened(encrypted(b"content"), other)
    assert LOCK.opens(LOCK.token())
    assert not other.opens(LOCK.token())
    assert not LOCK.opens(b"")


@pytest.mark.parametrize("settings", [(21, 8, 1), (17, 9, 1), (17, 8, 5), (0, 8, 1), (17, 0, 1)])
def test_a_header_that_asks_for_too_much_work_is_refused(settings: tuple[int, int, int]) -> None:
    with pytest.raises(Undecryptable, match="more work"):
        Lock.of(bytes(settings) + bytes(SALT), b"correct horse battery")


def test_a_key_is_never_shown() -> None:
    assert repr(LOCK.master) not in repr(LOCK)


def test_an_independent_reading_of_the_format_agrees() -> None:
    """The table of docs/store.md, word by word, with the standard library's and OpenSSL's own functions."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    raw, content = encrypted(bytes(range(256)) * 600), bytes(range(256)) * 600
    assert raw[:18] == b"makegood.locked/1\n"
    cost, block, lanes, salt, own = raw[18], raw[19], raw[20], raw[21:37], raw[37:69]
    master = hashlib.scrypt(b"correct horse battery", salt=salt, n=2**cost, r=block, p=lanes, dklen=32)
    key = hmac.digest(hmac.digest(own, master, "sha256"), raw[:69] + b"\x01", "sha256")
    found, rest, number = b"", raw[69:], 0
    while rest:
        chunk, rest = rest[: 65_536 + 16], rest[65_536 + 16 :]
        nonce = number.to_bytes(11, "big") + (b"\x00" if rest else b"\x01")
        cipher = Cipher(algorithms.AES256(key), modes.GCM(nonce, chunk[-16:])).decryptor()
        found += cipher.update(chunk[:-16]) + cipher.finalize()
        number += 1
    assert found == content


def test_a_passphrase_is_a_line_and_not_a_short_one(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(b"correct horse battery\r\n")
    assert read_passphrase(file) == b"correct horse battery"
    file.write_bytes(b"x" * (encrypting.SHORTEST - 1) + b"\n")
    with pytest.raises(Refused, match="at least 12"):
        read_passphrase(file)
