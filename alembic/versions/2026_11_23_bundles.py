"""Bundles: variants made of other variants, which have no stock of their own.

Revision: 0007, after 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whoever opens a level and whoever makes a bundle of its variant wait for each other: the level's foreign key locks the
# variant's row, and is_bundle is part of a key. Both triggers come after that lock (their names sort after those of foreign
# keys), so each sees what the other has committed.
REFUSE_STOCK_OF_BUNDLES = """
CREATE FUNCTION refuse_stock_of_bundles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh JOIN variant ON variant.id = fresh.variant_id WHERE variant.is_bundle) THEN
    RAISE EXCEPTION 'a bundle has no stock of its own: its components have'
      USING ERRCODE = '23514', CONSTRAINT = 'a_bundle_has_no_stock_of_its_own';
  END IF;
  RETURN NULL;
END $$
"""
REFUSE_BUNDLES_WITH_STOCK = """
CREATE FUNCTION refuse_bundles_with_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM stock_level WHERE variant_id = NEW.id) THEN
    RAISE EXCEPTION 'a variant that has stock of its own does not become a bundle'
      USING ERRCODE = '23514', CONSTRAINT = 'a_bundle_has_no_stock_of_its_own';
  END IF;
  RETURN NULL;
END $$
"""
TRIGGERS = (
    """
    CREATE TRIGGER a_bundle_has_no_stock_of_its_own AFTER INSERT ON stock_level
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_stock_of_bundles()
    """,
    """
    CREATE TRIGGER what_has_stock_becomes_no_bundle AFTER INSERT OR UPDATE OF is_bundle ON variant
    FOR EACH ROW WHEN (NEW.is_bundle) EXECUTE FUNCTION refuse_bundles_with_stock()
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("variant", sa.Column("is_bundle", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_unique_constraint(op.f("variant_id_is_bundle_key"), "variant", ["id", "is_bundle"])
    op.create_table(
        "bundle",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("version_base", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("bundle_variant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bundle_pkey")),
        sa.UniqueConstraint("variant_id", name=op.f("bundle_variant_id_key")),
    )
    _create_components()
    for statement in (REFUSE_STOCK_OF_BUNDLES, REFUSE_BUNDLES_WITH_STOCK, *TRIGGERS):
        op.execute(statement)


def _create_components() -> None:
    op.create_table(
        "bundle_component",
        sa.Column("bundle_variant_id", sa.Uuid(), nullable=False),
        sa.Column("component_variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("is_of_bundle", sa.Boolean(), sa.Computed("true", persisted=True), nullable=False),
        sa.Column("is_bundle", sa.Boolean(), sa.Computed("false", persisted=True), nullable=False),
        sa.CheckConstraint(
            "bundle_variant_id <> component_variant_id", name=op.f("a_bundle_does_not_contain_itself")
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 100", name=op.f("a_bundle_has_one_to_a_hundred_of_a_component")
        ),
        sa.ForeignKeyConstraint(
            ["bundle_variant_id", "is_of_bundle"],
            ["variant.id", "variant.is_bundle"],
            name=op.f("only_a_bundle_has_components"),
        ),
        sa.ForeignKeyConstraint(
            ["component_variant_id", "is_bundle"],
            ["variant.id", "variant.is_bundle"],
            name=op.f("a_component_is_no_bundle"),
        ),
        sa.PrimaryKeyConstraint("bundle_variant_id", "component_variant_id", name=op.f("bundle_component_pkey")),
    )
    op.create_index(
        op.f("bundle_component_component_variant_id_idx"), "bundle_component", ["component_variant_id"]
    )
    op.create_table(
        "order_line_component",
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("a_bundle_was_sold_with_its_components")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("order_line_component_order_line_id_fkey")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("order_line_component_variant_id_fkey")),
        sa.PrimaryKeyConstraint("order_line_id", "variant_id", name=op.f("order_line_component_pkey")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER what_has_stock_becomes_no_bundle ON variant")
    op.execute("DROP TRIGGER a_bundle_has_no_stock_of_its_own ON stock_level")
    op.execute("DROP FUNCTION refuse_bundles_with_stock()")
    op.execute("DROP FUNCTION refuse_stock_of_bundles()")
    for table in ("order_line_component", "bundle_component", "bundle"):
        op.drop_table(table)
    op.drop_constraint(op.f("variant_id_is_bundle_key"), "variant")
    op.drop_column("variant", "is_bundle")
