"""Certificates of others are read as they are, without a word in the log."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path

from makegood.model.spans import DAY, Instant
from makegood.probe.certificate import Trust
from tests.door.certificates import certified

NOW: Instant = 20_485 * DAY


def test_an_authority_whose_number_is_not_positive_is_trusted_in_silence(tmp_path: Path) -> None:
    pem, _ = certified(tmp_path)
    raw = bytearray(ssl.PEM_cert_to_DER_cert(pem.read_text()))
    number = raw.index(b"\xa0\x03\x02\x01\x02\x02") + 7  # behind the version, the tag and the length
    raw[number] = 0x81
    odd = tmp_path / "odd.pem"
    odd.write_text(ssl.DER_cert_to_PEM_cert(bytes(raw)))
    trust = Trust(str(odd))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert trust.ending([odd.read_text()], "127.0.0.1", NOW) is not None
        assert trust._store is not None
    assert told == []
