"""Agents: who signed a batch and when it was closed, tokens to enrol with, agents, and the checks they were given.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch", sa.Column("closed", sa.BigInteger(), nullable=True))
    op.add_column("batch", sa.Column("previous", sa.LargeBinary(), nullable=True))
    op.add_column("batch", sa.Column("agent", sa.LargeBinary(), nullable=True))
    op.add_column("batch", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.add_column("batch", sa.Column("flag", sa.Text(), nullable=True))
    op.create_table(
        "enrolment",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_enrolment")),
    )
    op.create_table(
        "agent",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("enrolled", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=True),
        sa.Column("oldest", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_agent")),
    )
    op.create_index(op.f("ix_agent_location"), "agent", ["location"])
    op.create_table(
        "given",
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("location", "check", name=op.f("pk_given")),
    )
