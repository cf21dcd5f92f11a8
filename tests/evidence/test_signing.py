"""Keys are kept apart and never replaced; a signature is good in one form only."""

from __future__ import annotations

import os
import stat
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence.signing import PublicKey, SigningKey, read_key, read_public, write_key, write_public
from makegood.model.problem import Refused

ORDER = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19
KEY = SigningKey.from_seed(bytes(range(32)))
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
]
EIGHTH = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
SMALL = [
    bytes(32),
    (1).to_bytes(32, "little"),
    (P - 1).to_bytes(32, "little"),
    EIGHTH,
    (P - int.from_bytes(EIGHTH, "little")).to_bytes(32, "little"),
]
UNSOUND = [
    *SMALL,
    *(point[:31] + bytes([point[31] | 0x80]) for point in SMALL),
    *((P + i).to_bytes(32, "little") for i in range(19)),
    *((P + i | 1 << 255).to_bytes(32, "little") for i in range(19)),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_signatures_are_those_of_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_seed(bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert key.public.verifies(bytes.fromhex(message), bytes.fromhex(signature))


def test_a_malleable_signature_is_refused() -> None:
    """S + L fits the equation as well as S; a verifier that takes it lets one message have many signatures."""
    signature = KEY.sign(b"message")
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    assert KEY.public.verifies(b"message", signature)
    for times in range(1, 9):
        other = r + (s + times * ORDER).to_bytes(32, "little")
        assert not KEY.public.verifies(b"message", other)


@given(st.integers(0, 511))
def test_no_bit_of_a_signature_may_differ(bit: int) -> None:
    signature = bytearray(KEY.sign(b"message"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not KEY.public.verifies(b"message", bytes(signature))


def test_signatures_of_other_lengths_messages_and_keys_are_refused() -> None:
    signature = KEY.sign(b"message")
    for wrong in (b"", signature[:-1], signature + b"\0"):
        assert not KEY.public.verifies(b"message", wrong)
    assert not KEY.public.verifies(b"messagE", signature)
    assert not SigningKey.make().public.verifies(b"message", signature)
    assert not PublicKey(bytes([2]) + bytes(31)).verifies(b"message", signature)  # no point of the curve


@pytest.mark.parametrize("raw", UNSOUND, ids=bytes.hex)
def test_keys_for_which_anything_could_be_signed_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="small order"):
        PublicKey(raw)


def test_ids_are_hashes_of_the_key() -> None:
    assert KEY.public.raw.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    assert (KEY.public.id, KEY.public.log) == ("56475aa75463474c", "56475aa75463474c0285df5dbf2bcab7")
    with pytest.raises(ValueError, match="32 bytes"):
        PublicKey(bytes(31))


def test_keys_are_written_once_and_read_back(tmp_path: Path) -> None:
    secret, public = tmp_path / "log.key", tmp_path / "log.pub"
    write_key(secret, KEY)
    write_public(public, KEY.public)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert read_key(secret).public == read_public(public) == KEY.public
    before = secret.read_bytes(), public.read_bytes()
    with pytest.raises(Refused, match="never replaces"):
        write_key(secret, SigningKey.make())
    with pytest.raises(Refused, match="never replaces"):
        write_public(public, KEY.public)
    assert (secret.read_bytes(), public.read_bytes()) == before
    with pytest.raises(Refused, match="cannot be written: no such file"):
        write_key(tmp_path / "nowhere" / "log.key", KEY)


def test_a_key_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="no space left"):
        write_key(tmp_path / "log.key", KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o620, 0o660, 0o601])
def test_a_secret_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "log.key"
    write_key(path, KEY)
    path.chmod(mode)
    with pytest.raises(Refused, match="others can read or change"):
        read_key(path)
    path.chmod(0o440)
    assert read_key(path).public == KEY.public


def test_what_is_no_key_is_refused_in_words(tmp_path: Path) -> None:
    rsa = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "rsa.pem"]
    subprocess.run(rsa, cwd=tmp_path, check=True, capture_output=True)
    public = ["openssl", "pkey", "-in", "rsa.pem", "-pubout", "-out", "rsa.pub"]
    subprocess.run(public, cwd=tmp_path, check=True, capture_output=True)
    write_key(tmp_path / "log.key", KEY)
    (tmp_path / "locked.key").write_bytes(KEY.pem(b"password"))
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    for name, what in (
        ("rsa.pem", "no Ed25519"),
        ("locked.key", "encrypted"),
        ("text", "no secret key"),
        ("none", "cannot be read: no such file"),
    ):
        with pytest.raises(Refused, match=what):
            read_key(tmp_path / name)
    for name, what in (
        ("rsa.pub", "no Ed25519"),
        ("log.key", "no public key"),
        ("text", "no public"),
        ("none", "read"),
    ):
        with pytest.raises(Refused, match=what):
            read_public(tmp_path / name)


def test_a_public_key_of_small_order_in_a_file_is_refused(tmp_path: Path) -> None:
    sound = KEY.public.pem.decode().splitlines()
    der = b64decode(sound[1])
    spoiled = b64encode(der[:12] + EIGHTH).decode()
    (tmp_path / "small.pub").write_text("\n".join([sound[0], spoiled, sound[2], ""]), encoding="utf-8")
    with pytest.raises(Refused, match="small order"):
        read_public(tmp_path / "small.pub")


def test_a_secret_is_not_shown() -> None:
    assert repr(KEY) == "SigningKey(public=56475aa75463474c)"
