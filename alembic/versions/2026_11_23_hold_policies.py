"""When stock is held: as something is put into the cart, at the checkout, or with the order.

Revision: 0010, after 0009
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column(
        "channel", sa.Column("hold_policy", sa.Text(), server_default=sa.text("'AT_CHECKOUT'"), nullable=False)
    )
    op.create_check_constraint(
        op.f("a_channel_holds_at_a_known_time"), "channel", "hold_policy IN ('AT_CART', 'AT_CHECKOUT', 'AT_ORDER')"
    )
    op.add_column("product", sa.Column("hold_policy", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("a_product_is_held_at_a_known_time"), "product", "hold_policy IN ('AT_CART', 'AT_CHECKOUT', 'AT_ORDER')"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("product", "hold_policy")
    op.drop_column("channel", "hold_policy")
