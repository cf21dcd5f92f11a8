"""Use case: tokens that say who asks: made, shown once, and known again by their hash alone.

A token is `mg_`, eight characters that name it, `_`, and 52 that are secret (256 random bits in base 32). The store
keeps the SHA-256 of the whole: there is nothing to guess that a slow hash would make dearer.
"""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from makegood.app.roles import OF_TENANTS, ROLES, WHOLE, May, Role
from makegood.contract.shape import article, either
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import covered, setup, tenant, token

FORM = re.compile(r"mg_([a-z2-7]{8})_[a-z2-7]{52}")
SETUP = "set-up"
"""The role of a token that only makes the first administrator's."""
_NOBODY = sha256(b"nobody").digest()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown. `tenant` is empty where it is of the whole hub; `expires` and `revoked` are None
    where it never does and was not."""

    id: str
    role: str
    tenant: str
    title: str
    by: str
    made: Instant
    expires: Instant | None = None
    revoked: Instant | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a token that holds now, and what it may see where it is of one tenant."""

    token: Token
    services: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether everything is its business, rather than one tenant's."""
        return not self.token.tenant

    def may(self, what: May) -> bool:
        """Whether its role allows that, for it."""
        allowed = ROLES.get(Role(self.token.role), frozenset()) if self.token.role in set(Role) else frozenset()
        return what in allowed and (self.whole or what not in WHOLE)

    @property
    def name(self) -> str:
        """The author of what it records."""
        return self.token.title


def secret(prefix: str = "mg") -> tuple[str, str]:
    """A new token, and the part of it that names it."""
    name, hidden = _letters(5), _letters(32)
    return f"{prefix}_{name}_{hidden}", name


def _letters(count: int) -> str:
    return b32encode(token_bytes(count)).decode("ascii").rstrip("=").lower()


def caller_of(store: Store, said: str, now: Instant) -> Caller | None:
    """Whose token this is; None where it is none, or holds no more."""
    found = FORM.fullmatch(said)
    with reading(store.engine) as connection:
        row = connection.execute(select(token).where(token.c.id == (found[1] if found else ""))).first()
        held = bytes(row.sha256) if row is not None else _NOBODY
        same = compare_digest(held, sha256(said.encode("utf-8", "replace")).digest())
        if not same or row is None:
            return None
        return _caller(connection, row, now)


def caller_by_id(connection: Connection, name: str, now: Instant) -> Caller | None:
    """Whoever has the token of an id; None where there is none, or it holds no more."""
    row = connection.execute(select(token).where(token.c.id == name)).first()
    return None if row is None else _caller(connection, row, now)


def _caller(connection: Connection, row: Row[tuple[object, ...]], now: Instant) -> Caller | None:
    if row.role == SETUP or not _holds(row, now):
        return None
    parts = connection.execute(select(covered.c.kind, covered.c.name).where(covered.c.tenant == row.tenant)).all()
    services = frozenset(name for kind, name in parts if kind == "service")
    orders = frozenset(name for kind, name in parts if kind == "order")
    return Caller(_token(row), services, orders)


def make_token(
    store: Store, role: Role, title: str, *, by: str, now: Instant, of: str = "", expires: Instant | None = None
) -> tuple[Token, str]:
    """Make a token, and show it: nobody can show it again. Raises Refused; nothing was made then.

    `of` is a tenant, or empty for the whole hub.
    """
    if expires is not None and expires <= now:
        raise Refused([error("token-expires", Place("expires"), "it would have expired already")])
    if of and role not in OF_TENANTS:
        what = f"{article(role)} is of the whole hub, not of a tenant"
        hint = f"leave the tenant out, or make a token of a {either(OF_TENANTS)}"
        raise Refused([error("token-tenant", Place("tenant"), what, "", hint)])
    with writing(store.engine) as connection:
        if of and connection.execute(select(tenant.c.name).where(tenant.c.name == of)).first() is None:
            raise Refused([error("no-tenant", Place("tenant"), f"there is no tenant `{of}`", "", "make it first")])
        return _insert(connection, role, title, by, now, of, expires)


def tokens(store: Store) -> list[Token]:
    """All tokens but those for the set-up, the latest first."""
    asked = select(token).where(token.c.role != SETUP).order_by(token.c.made.desc(), token.c.id)
    with reading(store.engine) as connection:
        return [_token(row) for row in connection.execute(asked)]


def revoke_token(store: Store, name: str, now: Instant) -> None:
    """Let a token hold no more. Raises Refused where there is none, and for the last administrator's."""
    with writing(store.engine) as connection:
        rows = connection.execute(select(token).where(token.c.role != SETUP).with_for_update()).all()
        found = next((row for row in rows if row.id == name), None)
        if found is None:
            raise Refused([error("no-token", Place("id"), f"there is no token `{name}`")])
        lasting = [r for r in rows if r.role == Role.ADMINISTRATOR and _holds(r, now) and r.expires is None]
        if [row.id for row in lasting] == [name]:
            what, hint = "this is the last token of an administrator that does not expire", "make another one first"
            raise Refused([error("last-administrator", Place("id"), what, "nobody could make one again", hint)])
        asked = update(token).where(token.c.id == name, token.c.revoked.is_(None))
        connection.execute(asked.values(revoked=now))


def setup_token(store: Store, now: Instant) -> str:
    """A new one-time token that makes the first administrator's, or empty where there was one ever.

    Each start of a hub without an administrator makes one; the first that is used ends all of them.
    """
    with writing(store.engine) as connection:
        if connection.execute(select(setup.c.only)).first() is not None:
            return ""
        said, name = secret("setup")
        row = {"id": name, "sha256": sha256(said.encode()).digest(), "role": SETUP, "title": SETUP, "by": "makegood"}
        connection.execute(insert(token).values(**row, made=now))
        return said


def set_up(store: Store, said: str, title: str, now: Instant) -> tuple[Token, str]:
    """Make the first administrator's token. Raises Refused; of many at once one alone is not."""
    digest = sha256(said.encode("utf-8", "replace")).digest()
    refused = Refused([error("set-up", Place("token"), "this is no set-up token, or it was used already")])
    try:
        with writing(store.engine) as connection:
            held = connection.execute(select(token.c.sha256).where(token.c.role == SETUP)).scalars().all()
            if not any([compare_digest(bytes(one), digest) for one in held]):  # noqa: C419 -- every one, whichever fits
                raise refused
            made, shown = _insert(connection, Role.ADMINISTRATOR, title, "set-up", now, "", None)
            connection.execute(insert(setup).values(only=1, token=made.id, at=now))
            connection.execute(delete(token).where(token.c.role == SETUP))
            return made, shown
    except IntegrityError:  # another one inserted the only row
        raise refused from None


def _insert(
    connection: Connection, role: Role, title: str, by: str, now: Instant, of: str, expires: Instant | None
) -> tuple[Token, str]:
    said, name = secret()
    made = Token(name, role.value, of, title, by, now, expires)
    row = {"id": name, "sha256": sha256(said.encode()).digest(), "role": role.value, "tenant": of or None}
    connection.execute(insert(token).values(**row, title=title, by=by, made=now, expires=expires))
    return made, said


def _holds(row: Row[tuple[object, ...]], now: Instant) -> bool:
    return row.revoked is None and (row.expires is None or now < row.expires)


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(row.id, row.role, row.tenant or "", row.title, row.by, row.made, row.expires, row.revoked)
