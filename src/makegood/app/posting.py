"""Sending bytes to an address on the web, through the one door out, for a command that waits for the answer."""

from __future__ import annotations

import asyncio

from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from makegood.model.problem import Place, Refused, error

PATIENCE = 20
"""Seconds until an answer must be there, whole."""


def post(url: str, body: bytes, kind: str, most: int, policy: Policy) -> bytes:
    """What an address answers with 200 to a body of a media type, in at most so many bytes; it may not redirect.

    Raises Refused where no such answer comes in time, or the policy lets nobody ask there.
    """
    asking = fetch("POST", url, (("Content-Type", kind),), body, policy=policy, cap=most, timeout=PATIENCE)
    try:
        answer = asyncio.run(asking)
    except Forbidden as refusal:
        what = f"this may not be asked: {refusal.address or 'the address'} {refusal.why}"
        hint = "name its network with --allow" if "allow its network" in refusal.hint else refusal.hint
        raise Refused([error("no-answer", Place("--ask"), what, "", hint)]) from None
    except Unreached as failure:
        raise _none(url, f"no answer came: {failure}") from None
    if answer.status != 200:
        sent = ", and we are not sent elsewhere" if answer.status // 100 == 3 else ""
        raise _none(url, f"it answers with status {answer.status}{sent}")
    if not answer.whole:
        raise _none(url, f"its answer is longer than {most:,} bytes")
    return answer.body


def _none(url: str, what: str) -> Refused:
    return Refused([error("no-answer", Place(url), what, "", "ask again later, or ask another one")])
