"""Delivery options of markets, what a cart has chosen of them, and what an order pays for delivery.

Revision: 0011, after 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "delivery_option",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("free_from", sa.BigInteger(), nullable=True),
        sa.Column("earliest_days", sa.Integer(), nullable=False),
        sa.Column("latest_days", sa.Integer(), nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount >= 0 AND free_from >= 0", name=op.f("nobody_is_paid_for_a_delivery")),
        sa.CheckConstraint(
            "0 <= earliest_days AND earliest_days <= latest_days", name=op.f("a_delivery_arrives_after_it_left")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("delivery_option_market_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_option_pkey")),
        sa.UniqueConstraint("market_id", "code", name=op.f("delivery_option_market_id_code_key")),
    )
    op.create_index(
        "delivery_option_default_idx",
        "delivery_option",
        ["market_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    _let_carts_choose()
    op.add_column("order_delivery_group", sa.Column("option_name", sa.Text(), nullable=True))
    for name in ("amount", "tax_amount"):
        op.add_column("order_delivery_group", _nothing(name))
    op.add_column("sales_order", _nothing("delivery_amount"))


def _let_carts_choose() -> None:
    op.add_column("cart_delivery_group", sa.Column("option_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("cart_delivery_group_option_id_fkey"),
        "cart_delivery_group",
        "delivery_option",
        ["option_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_check_constraint(
        op.f("only_what_is_shipped_has_an_option"), "cart_delivery_group", "option_id IS NULL OR method = 'SHIP'"
    )
    op.create_index(
        "cart_delivery_group_by_option_idx",
        "cart_delivery_group",
        ["option_id"],
        postgresql_where=sa.text("option_id IS NOT NULL"),
    )


def _nothing(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("sales_order", "delivery_amount")
    for name in ("tax_amount", "amount", "option_name"):
        op.drop_column("order_delivery_group", name)
    op.drop_index("cart_delivery_group_by_option_idx", table_name="cart_delivery_group")
    op.drop_constraint(op.f("only_what_is_shipped_has_an_option"), "cart_delivery_group")
    op.drop_column("cart_delivery_group", "option_id")
    op.drop_table("delivery_option")
