"""Carts that are parked, merged, and handed on by a code.

Revision: 0006, after 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("cart", sa.Column("parked_location_id", sa.Integer(), nullable=True))
    op.add_column("cart", sa.Column("parked_note", sa.Text(), nullable=True))
    op.add_column("cart", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("cart", sa.Column("merge_report", postgresql.JSONB(), nullable=True))
    op.create_foreign_key(op.f("cart_parked_location_id_fkey"), "cart", "location", ["parked_location_id"], ["id"])
    op.create_foreign_key(op.f("cart_merged_into_id_fkey"), "cart", "cart", ["merged_into_id"], ["id"])
    op.create_check_constraint(
        op.f("a_merged_cart_says_where_its_lines_went"), "cart", "(status = 'MERGED') = (merged_into_id IS NOT NULL)"
    )
    op.create_index(
        "cart_parked_idx",
        "cart",
        ["parked_location_id", "updated_at", "id"],
        postgresql_where=sa.text("status = 'PARKED'"),
    )
    op.create_table(
        "cart_handoff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("cart_handoff_cart_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_handoff_pkey")),
        sa.UniqueConstraint("code_hash", name=op.f("cart_handoff_code_hash_key")),
    )
    op.create_index(op.f("cart_handoff_cart_id_idx"), "cart_handoff", ["cart_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("cart_handoff")
    op.drop_index("cart_parked_idx", table_name="cart")
    op.drop_constraint(op.f("a_merged_cart_says_where_its_lines_went"), "cart")
    for column in ("merge_report", "merged_into_id", "parked_note", "parked_location_id"):
        op.drop_column("cart", column)
