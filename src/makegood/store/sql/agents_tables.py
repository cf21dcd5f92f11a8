"""What the hub needs to run locations: tokens to enrol with, the agents that did, and the checks that each was given.

That a location was enrolled, with which key and by whom it is run, is a document of the log; these rows are not.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text

from makegood.store.sql.tables import TableKind, _table

enrolment = _table(
    "enrolment",
    TableKind.OPERATIONAL,
    Column("sha256", LargeBinary, primary_key=True),  # of the token, which is kept nowhere
    Column("location", Text, nullable=False),  # that it is for; empty where the agent names it
    Column("operator", Text, nullable=False),  # who runs it; empty for whoever runs the hub
    Column("by", Text, nullable=False),  # who made it
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("used", BigInteger),
    Column("key", LargeBinary),  # the public key that used it
)

agent = _table(
    "agent",
    TableKind.OPERATIONAL,
    Column("key", LargeBinary, primary_key=True),  # its public key
    Column("location", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("enrolled", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # active, suspended or revoked
    Column("why", Text, nullable=False),  # it is not active
    Column("version", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),  # the date of its latest request for work
    Column("seen", BigInteger, nullable=False),  # when that came, by the hub's clock
    Column("offset", BigInteger),  # how far the hub's clock was ahead of its own, as it measured, µs
    Column("oldest", BigInteger, nullable=False),  # the first batch that it still has
    Column("told", Text, nullable=False),  # what it told of itself, JSON
    Index("ix_agent_location", "location"),
)

given = _table(
    "given",
    TableKind.OPERATIONAL,
    Column("location", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)

certificate = _table(
    "certificate",
    TableKind.OPERATIONAL,
    Column("location", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("ends", BigInteger, nullable=False),  # the first of the certificates that it was shown, µs UTC
    Column("seen", BigInteger, nullable=False),  # when that was told last, by the hub's clock
)
