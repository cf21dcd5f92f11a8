"""The tables of people told: what is to be sent, alerts and their courses, mutes. All of them are operational."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text, UniqueConstraint

from makegood.store.sql.tables import TableKind, _table

outbox = _table(
    "outbox",
    TableKind.OPERATIONAL,
    Column("id", Text, primary_key=True),
    Column("cause", Text, nullable=False),  # what it is sent for, so that it is there once
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),  # alert, notice, test
    Column("thread", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, sent, dead
    Column("made", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),  # when it is tried next
    Column("until", BigInteger, nullable=False),  # when it is given up
    Column("attempts", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # counts leases: who has an older one may not settle
    Column("leased", BigInteger, nullable=False),  # until when somebody is at it; 0 where nobody is
    Column("settled", BigInteger),  # when it was taken, or given up
    Column("said", Text, nullable=False),  # the answer of the other side, or what went wrong last
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("cause"),
    Index("ix_outbox_state_channel_due", "state", "channel", "due"),
    Index("ix_outbox_thread", "thread"),
)

alert = _table(
    "alert",
    TableKind.OPERATIONAL,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("due", BigInteger),  # when it is to be looked at again
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_alert_rule_closed", "rule", "closed"),
    Index("ix_alert_due", "due"),
)

alert_note = _table(
    "alert_note",
    TableKind.OPERATIONAL,
    Column("alert", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
)

mute = _table(
    "mute",
    TableKind.OPERATIONAL,
    Column("id", Text, primary_key=True),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("subjects", LargeBinary, nullable=False),  # a JSON list
    Column("rules", LargeBinary, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("released", BigInteger),
    Column("released_by", Text, nullable=False),
    Index("ix_mute_ends", "ends"),
)
