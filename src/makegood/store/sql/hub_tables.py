"""What the hub needs to serve a store: who may ask for what, what was told to it, and who does what must be done once.

None of it is evidence. Secrets are here as SHA-256 only: they are random, or of 16 characters at least.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text

from makegood.store.sql.tables import TableKind, _table

tenant = _table(
    "tenant",
    TableKind.OPERATIONAL,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
)

covered = _table(
    "covered",
    TableKind.OPERATIONAL,
    Column("tenant", Text, ForeignKey("tenant.name"), primary_key=True),
    Column("kind", Text, primary_key=True),  # service or order
    Column("name", Text, primary_key=True),
)

token = _table(
    "token",
    TableKind.OPERATIONAL,
    Column("id", Text, primary_key=True),  # the part of it that may be shown
    Column("sha256", LargeBinary, nullable=False),  # of the whole token, which is kept nowhere
    Column("role", Text, nullable=False),
    Column("tenant", Text, ForeignKey("tenant.name")),  # whose alone it may see; NULL is everything
    Column("title", Text, nullable=False),  # who or what it is for
    Column("by", Text, nullable=False),  # who made it
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
)

session = _table(
    "session",
    TableKind.OPERATIONAL,
    Column("sha256", LargeBinary, primary_key=True),  # of the secret in the cookie of a browser
    Column("token", Text, ForeignKey("token.id"), nullable=False),  # by which somebody signed in
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("ix_session_expires", "expires"),
)

heartbeat = _table(
    "heartbeat",
    TableKind.OPERATIONAL,
    Column("sha256", LargeBinary, primary_key=True),  # of the secret in its URL
    Column("id", Text, nullable=False, unique=True),
    Column("check", Text, nullable=False),  # empty: the URL says it after the secret
    Column("by", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

ping = _table(
    "ping",
    TableKind.OPERATIONAL,
    Column("check", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),  # when it came, µs UTC by the hub's clock
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),  # tells apart what came at once
    Column("kind", Text, nullable=False),  # success, fail, start or log
    Column("code", Integer),  # the exit status that was told
    Column("run", Text, nullable=False),  # which run of the job, where it was told
    Column("took", BigInteger),  # how long it took, µs, where it was told
    Column("body", LargeBinary, nullable=False),
    Index("ix_ping_at", "at"),
)

attendance = _table(
    "attendance",
    TableKind.OPERATIONAL,
    Column("process", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Index("ix_attendance_until", "until"),
)

heard = _table(
    "heard",
    TableKind.OPERATIONAL,
    Column("check", Text, primary_key=True),
    Column("every", BigInteger, nullable=False),
    Column("slot", BigInteger, nullable=False),  # the first one that no batch tells of yet
)

told = _table(
    "told",
    TableKind.OPERATIONAL,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("checks", LargeBinary, nullable=False),  # its list of checks, canonical JSON
    Column("body", LargeBinary),  # the bytes of the hub's batch; NULL when the log has it
)

lease = _table(
    "lease",
    TableKind.OPERATIONAL,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # grows whenever the holder changes
    Column("until", BigInteger, nullable=False),
)

setup = _table(
    "setup",
    TableKind.OPERATIONAL,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),  # one row: whoever inserts it is the first
    Column("token", Text, ForeignKey("token.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
)
