"""Time stamps of an authority (RFC 3161) on heads: someone else's word for when a head was there at the latest.

What is stamped is the head's file, the canonical bytes of the signed head. Nothing here goes over a network: a request
is bytes to send to an authority, and its reply is bytes to keep beside the head. Needs the extra `stamps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from makegood.evidence.head import SignedHead
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotStamped(ValueError):
    """A reply that does not show what it should; says why, in one line."""


def stamp_request(head: SignedHead) -> bytes:
    """The request for a stamp on this head (`application/timestamp-query`). Raises Refused without the extra."""
    client = _client()
    builder = client.TimestampRequestBuilder().data(head.to_bytes()).hash_algorithm(client.HashAlgorithm.SHA256)
    return bytes(builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes())


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
