"""Counts, feeds and incidents of stock, and orders that a till has sold by itself.

Revision: 0005, after 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.alter_column("sales_order", "cart_id", existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(
        op.f("what_had_no_cart_was_sold_in_a_store"), "sales_order", "cart_id IS NOT NULL OR location_id IS NOT NULL"
    )
    op.add_column("discrepancy", sa.Column("resolution", sa.Text(), nullable=True))
    op.create_index(
        "discrepancy_open_idx", "discrepancy", ["id"], postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.create_index(
        "transfer_line_open_idx",
        "transfer_line",
        ["transfer_id"],
        postgresql_where=sa.text("received + lost < shipped"),
    )
    op.create_index(
        "stock_movement_on_hand_idx",
        "stock_movement",
        ["stock_level_id", "occurred_at"],
        postgresql_include=["on_hand_delta"],
        postgresql_where=sa.text("on_hand_delta <> 0"),
    )
    _create_counts()
    _create_syncs()


def _create_counts() -> None:
    op.create_table(
        "stock_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("stock_count_location_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_count_pkey")),
    )
    op.create_table(
        "stock_count_line",
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("stock_level_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("nobody_counts_less_than_nothing")),
        sa.CheckConstraint(
            "(counted IS NULL) = (counted_at IS NULL) AND (counted IS NULL) = (counted_by IS NULL)",
            name=op.f("whoever_counted_is_named"),
        ),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("stock_count_line_count_id_fkey")),
        sa.ForeignKeyConstraint(
            ["stock_level_id"], ["stock_level.id"], name=op.f("stock_count_line_stock_level_id_fkey")
        ),
        sa.PrimaryKeyConstraint("count_id", "stock_level_id", name=op.f("stock_count_line_pkey")),
    )
    op.create_index(
        "stock_count_line_counted_idx",
        "stock_count_line",
        ["stock_level_id"],
        postgresql_where=sa.text("counted IS NOT NULL"),
    )


def _create_syncs() -> None:
    op.create_table(
        "stock_sync",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stock_level_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["stock_level_id"], ["stock_level.id"], name=op.f("stock_sync_stock_level_id_fkey")),
        sa.PrimaryKeyConstraint("source", "stock_level_id", name=op.f("stock_sync_pkey")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in ("stock_sync", "stock_count_line", "stock_count"):
        op.drop_table(table)
    op.drop_index("stock_movement_on_hand_idx", table_name="stock_movement")
    op.drop_index("transfer_line_open_idx", table_name="transfer_line")
    op.drop_index("discrepancy_open_idx", table_name="discrepancy")
    op.drop_column("discrepancy", "resolution")
    op.drop_constraint(op.f("what_had_no_cart_was_sold_in_a_store"), "sales_order")
    op.alter_column("sales_order", "cart_id", existing_type=sa.Uuid(), nullable=False)
