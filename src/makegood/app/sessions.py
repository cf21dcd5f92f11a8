"""Use case: a person signs in with a browser by a token, and out again. What a session may do is what its token may.

The browser keeps a secret in a cookie, and the store its SHA-256. A session ends when it is old, when somebody signs
out, and with its token.
"""

from __future__ import annotations

import re
from hashlib import sha256

from sqlalchemy import delete, insert, select

from makegood.app.tokens import Caller, caller_by_id, caller_of, secret
from makegood.model.spans import DAY, Duration, Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import session

LASTS: Duration = 7 * DAY
FORM = re.compile(r"session_[a-z2-7]{8}_[a-z2-7]{52}")


def sign_in(store: Store, said: str, now: Instant) -> tuple[Caller, str] | None:
    """Begin a session by a token, and the secret of it, which nobody can show again; None where the token is wrong."""
    caller = caller_of(store, said, now)
    if caller is None:
        return None
    made, _ = secret("session")
    with writing(store.engine) as connection:
        connection.execute(
            insert(session).values(sha256=_digest(made), token=caller.token.id, made=now, expires=now + LASTS)
        )
    return caller, made


def caller_in(store: Store, said: str, now: Instant) -> Caller | None:
    """Whose session this is; None where it is none, or has ended, or its token holds no more."""
    if not FORM.fullmatch(said):
        return None
    asked = select(session.c.token).where(session.c.sha256 == _digest(said), session.c.expires > now)
    with reading(store.engine) as connection:
        name = connection.execute(asked).scalar()
        return None if name is None else caller_by_id(connection, name, now)


def sign_out(store: Store, said: str) -> None:
    """End a session; one that is none is no trouble."""
    if FORM.fullmatch(said):
        with writing(store.engine) as connection:
            connection.execute(delete(session).where(session.c.sha256 == _digest(said)))


def forget_sessions(store: Store, now: Instant) -> int:
    """Take away the sessions that are old; how many."""
    with reading(store.engine) as connection:
        if connection.execute(select(session.c.sha256).where(session.c.expires <= now).limit(1)).first() is None:
            return 0
    with writing(store.engine) as connection:
        return connection.execute(delete(session).where(session.c.expires <= now)).rowcount


def _digest(said: str) -> bytes:
    """256 random bits: there is nothing to guess that a slow hash would make dearer, and none to be compared."""
    return sha256(said.encode()).digest()
