"""Time stamps of an authority of our own, made by openssl: they hold for their head and for nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificate

from makegood.app.verifying import verify_bundle
from makegood.evidence.checking import Trusted
from makegood.evidence.stamps import NotStamped, read_authorities, stamp_request, stamped_at
from makegood.model.problem import Refused, Severity
from tests.evidence.authority import make_authority, openssl
from tests.evidence.both import sound
from tests.evidence.making import real

W = real()
HEAD = W.head()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a root, an authority under it, and a reply for the head."""
    folder = make_authority(tmp_path_factory.mktemp("authority"))
    (folder / "request.tsq").write_bytes(stamp_request(HEAD).raw)
    for name, more in (("tsa", []), ("rogue", ["-chain", "chain.pem"])):
        reply = ["ts", "-reply", "-config", "config", "-section", "ours", "-queryfile", "request.tsq", *more]
        openssl(folder, *reply, "-inkey", f"{name}.key", "-signer", f"{name}.pem", "-out", f"{name}.tsr")
    return folder


def certificate(authority: Path, name: str) -> Certificate:
    return load_pem_x509_certificate((authority / f"{name}.pem").read_bytes())


@pytest.fixture
def reply(authority: Path) -> bytes:
    return (authority / "tsa.tsr").read_bytes()


@pytest.fixture
def roots(authority: Path) -> list[Certificate]:
    return [certificate(authority, "root")]


def test_a_stamp_says_when_the_head_was_there(reply: bytes, roots: list[Certificate]) -> None:
    at = stamped_at(reply, HEAD, roots)
    assert at % 1_000_000 == 0
    assert abs(at - time.time_ns() // 1000) < 3600 * 1_000_000


def test_openssl_finds_the_same(authority: Path) -> None:
    (authority / "head.json").write_bytes(HEAD.to_bytes())
    (authority / "other.json").write_bytes(W.head(8).to_bytes())
    check = ["ts", "-verify", "-in", "tsa.tsr", "-CAfile", "root.pem", "-data"]
    openssl(authority, *check, "head.json")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(authority, *check, "other.json")


def test_a_stamp_holds_for_no_other_head(reply: bytes, roots: list[Certificate]) -> None:
    for other in (W.head(8), replace(HEAD, signature=bytes(64)), replace(HEAD, head=replace(HEAD.head, at=0))):
        with pytest.raises(NotStamped, match="mismatch between messages"):
            stamped_at(reply, other, roots)


def test_a_stamp_of_an_authority_that_is_not_known_is_refused(authority: Path, reply: bytes) -> None:
    for known in ([certificate(authority, "stranger")], []):
        with pytest.raises(NotStamped):
            stamped_at(reply, HEAD, known)


def test_a_stamp_of_a_stranger_that_carries_the_certificate_of_the_authority_is_refused(
    authority: Path, roots: list[Certificate]
) -> None:
    """A chain that is known must be the one of the certificate that signed, not of one that lies beside it."""
    first, second = sorted(certificate(authority, name).public_bytes(Encoding.DER) for name in ("tsa", "rogue"))
    # the library wants them in the order of DER, in which openssl does not write them
    forged = (authority / "rogue.tsr").read_bytes().replace(second + first, first + second)
    assert first + second in forged
    assert stamped_at(forged, HEAD, [certificate(authority, "stranger")])
    with pytest.raises(NotStamped, match="does not hold"):
        stamped_at(forged, HEAD, roots)


def test_no_byte_of_a_stamp_may_differ_where_it_is_signed(reply: bytes, roots: list[Certificate]) -> None:
    """Whatever is flipped: it is refused in words, or it says the same time of the same head."""
    right = stamped_at(reply, HEAD, roots)
    refused = 0
    for at in range(len(reply)):
        spoiled = reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]
        try:
            assert stamped_at(spoiled, HEAD, roots) == right
        except NotStamped:
            refused += 1
    assert refused > len(reply) * 9 // 10
    for cut in range(0, len(reply), 40):
        with pytest.raises(NotStamped):
            stamped_at(reply[:cut], HEAD, roots)


def with_stamp(reply: bytes) -> bytes:
    return replace(W, files={**W.files, "stamps/authority.tsr": reply}).bundle()


def found(raw: bytes, *authorities: Path) -> Mapping[str, Severity]:
    return {p.code: p.severity for p in verify_bundle(raw, "b.zip", Trusted(), authorities).problems}


def test_a_bundle_carries_stamps(authority: Path, reply: bytes) -> None:
    raw = with_stamp(reply)
    assert sound(raw)
    assert found(raw)["stamps-unchecked"] is Severity.NOTE
    told = verify_bundle(raw, "b.zip", Trusted(), [authority / "root.pem"])
    assert told.sound
    assert next(what for name, what in told.says if name == "stamped").endswith("Z at the latest")


def test_a_stamp_that_was_asked_for_must_be_there_and_hold(authority: Path, reply: bytes) -> None:
    assert found(W.bundle(), authority / "root.pem")["not-stamped"] is Severity.ERROR
    assert found(with_stamp(reply), authority / "stranger.pem")["not-sound"] is Severity.ERROR
    assert found(with_stamp(b"nothing"), authority / "root.pem")["not-sound"] is Severity.ERROR


def test_certificates_are_read_from_pem(authority: Path, roots: list[Certificate]) -> None:
    both = (authority / "root.pem").read_bytes() + (authority / "stranger.pem").read_bytes()
    assert read_authorities(both, "x") == [*roots, certificate(authority, "stranger")]
    with pytest.raises(Refused, match="no certificate in PEM"):
        read_authorities(b"hello", "x")


def test_without_the_extra_it_says_what_to_install(
    reply: bytes, roots: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(Refused, match="time stamps need an extra"):
        stamped_at(reply, HEAD, roots)
