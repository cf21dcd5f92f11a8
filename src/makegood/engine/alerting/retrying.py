"""When a message that was not taken is tried again: later each time, and not all at the same moment."""

from __future__ import annotations

from hashlib import sha256

from makegood.model.spans import HOUR, SECOND, Duration, Instant

FIRST: Duration = 15 * SECOND
LONGEST: Duration = HOUR


def next_attempt(message: str, attempts: int, now: Instant) -> Instant:
    """The instant of the attempt after so many: 15 s, 30 s, 1 min … to 1 h later, each up to a fifth longer by the id
    of the message, so that a server that comes back is not met by all of them at once."""
    wait = min(FIRST << min(attempts - 1, 20), LONGEST)
    part = int.from_bytes(sha256(f"{message}/{attempts}".encode()).digest()[:4], "big")
    return now + wait + wait * part // (5 << 32)
