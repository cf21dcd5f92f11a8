"""What corrects a fact is found without reading all of them.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_fact_supersedes"), "fact", ["supersedes"])
