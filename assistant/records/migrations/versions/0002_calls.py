"""Which operator a conversation is a call of."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("operator_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_calls"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_calls_conversation_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_calls_operator_id", ondelete="CASCADE"),
    )
    op.create_index("ix_calls_operator_id", "calls", ["operator_id"])


def downgrade() -> None:
    op.drop_table("calls")
