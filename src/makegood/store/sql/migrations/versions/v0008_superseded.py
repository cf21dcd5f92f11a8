"""What corrects a fact is found without reading all of them.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_fact_supersedes"), "fact", ["supersedes"])
