"""What is known of the outages of now: derived from what was watched, so that pages and alerts need not detect."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, SmallInteger, Text

from makegood.store.sql.tables import TableKind, _table

outage = _table(
    "outage",
    TableKind.DERIVED,
    Column("order", Text, primary_key=True),
    Column("commitment", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("begin", BigInteger, primary_key=True, autoincrement=False),
    Column("end", BigInteger),  # NULL while the subject was not surely seen up again
    Column("lasting", Boolean, nullable=False),  # whether it is long enough to count
)

followed = _table(
    "followed",
    TableKind.DERIVED,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),  # how long the log was that the outages are found in
    Column("at", BigInteger, nullable=False),  # the instant as of which they are judged
)

health = _table(
    "health",
    TableKind.OPERATIONAL,
    Column("order", Text, primary_key=True),
    Column("commitment", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("services", LargeBinary, nullable=False),  # canonical JSON: their names
    Column("health", Text, nullable=False),
    Column("since", BigInteger, nullable=False),  # when it was first found so
    Column("seen", BigInteger),  # the last instant at which it was surely seen up or down
)
