"""Time stamps of an authority (RFC 3161) on heads: someone else's word for when a head was there at the latest.

What is stamped is the head's file, the canonical bytes of the signed head. Nothing here goes over a network: a request
is bytes to send to an authority, and its reply is bytes to keep beside the head. Needs the extra `stamps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from makegood.evidence.head import SignedHead
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_SHA256 = "2.16.840.1.101.3.4.2.1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes of a request, and the number in it that the reply to it, and no other, repeats."""

    raw: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a reply says: when (µs UTC), of which SHA-256, and the number of the request that it answers."""

    at: Instant
    digest: bytes
    nonce: int | None


class NotStamped(ValueError):
    """A reply that does not show what it should; says why, in one line."""


def stamp_request(head: SignedHead) -> Request:
    """The request for a stamp on this head (`application/timestamp-query`). Raises Refused without the extra."""
    client = _client()
    builder = client.TimestampRequestBuilder().data(head.to_bytes()).hash_algorithm(client.HashAlgorithm.SHA256)
    made = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    return Request(bytes(made.as_bytes()), made.nonce)


def read_stamp(reply: bytes) -> Stamp:
    """What a reply says, before anybody's signature is looked at.

    Raises NotStamped where it grants no stamp on a SHA-256, and Refused without the extra.
    """
    client = _client()
    try:
        read = client.decode_timestamp_response(reply)
        if read.status not in (client.PKIStatus.GRANTED, client.PKIStatus.GRANTED_WITH_MODS):
            said = "; ".join(read.status_string) or client.PKIStatus(read.status).name.lower().replace("_", " ")
            raise NotStamped(f"the authority gives no stamp: {said[:200]}")
        info = read.tst_info
        imprint, at, nonce = info.message_imprint, info.gen_time, info.nonce
    except NotStamped:
        raise
    except (ValueError, TypeError):
        raise NotStamped("this is no reply of a time-stamping authority") from None
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise NotStamped("the stamp is not on a SHA-256")
    return Stamp((at - _EPOCH) // timedelta(microseconds=1), imprint.message, nonce)


def stamped_at(reply: bytes, head: SignedHead, authorities: Sequence[Certificate]) -> Instant:
    """When the authority saw the head (µs UTC, as coarse as it says), if its chain ends in one of these certificates.

    Raises NotStamped where the reply is of another head, was changed, or comes from nobody known, and Refused without
    the extra.
    """
    client = _client()
    if not authorities:
        raise NotStamped("no authority is known that could have stamped it")
    verifier = client.VerifierBuilder(roots=list(authorities)).build()
    try:
        read = client.decode_timestamp_response(reply)
        verifier.verify_message(read, head.to_bytes())
        at: datetime = read.tst_info.gen_time
    except (client.VerificationError, ValueError, TypeError) as reason:
        said = (str(reason) or type(reason).__name__).splitlines()[0]
        raise NotStamped(f"the stamp does not hold: {said[:1].lower()}{said[1:]}") from None
    return (at - _EPOCH) // timedelta(microseconds=1)


def read_authorities(raw: bytes, source: str) -> list[Certificate]:
    """The certificates of a file of PEM. Raises Refused where there is none."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(raw)
    except ValueError:
        raise Refused([error("authority", Place(source), "there is no certificate in PEM")]) from None


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        hint = 'install it: pip install "makegood[stamps]"'
        raise Refused([error("extra-missing", Place("stamps"), "time stamps need an extra", hint=hint)]) from None
    return rfc3161_client
