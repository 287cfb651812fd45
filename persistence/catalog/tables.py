"""What is described (product) and what is sold (variant), and how shoppers find it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from persistence.metadata import metadata

category = Table(
    "category",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent_id", Integer, ForeignKey("category.id"), index=True),
)

collection = Table(
    "collection",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

product = Table(
    "product",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # HTML, sanitized when it is written.
    Column("description", Text),
    Column("brand", Text),
    Column("category_id", Integer, ForeignKey("category.id")),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # [{"name": "Size", "values": ["S", "M"]}], in the order a shopper sees them.
    Column("options", JSONB, nullable=False, server_default=text("'[]'")),
    # [{"name": "Material", "value": "Linen"}]
    Column("attributes", JSONB, nullable=False, server_default=text("'[]'")),
    # Null while it is not for sale: staff see it, shoppers do not.
    Column("published_at", DateTime(timezone=True)),
    # When its stock is held; null where the channel decides.
    Column("hold_policy", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("hold_policy IN ('AT_CART', 'AT_CHECKOUT', 'AT_ORDER')", name="a_product_is_held_at_a_known_time"),
    Index("product_published_idx", "id", postgresql_where=text("published_at IS NOT NULL")),
    Index("product_by_category_idx", "category_id", "id", postgresql_where=text("published_at IS NOT NULL")),
)

variant = Table(
    "variant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey("product.id"), nullable=False),
    Column("sku", Text, nullable=False, unique=True),
    # Merchants do reuse barcodes by mistake, so it finds a variant but does not identify one.
    Column("barcode", Text),
    Column("name", Text, nullable=False),
    # [{"name": "Size", "value": "M"}]
    Column("selected_options", JSONB, nullable=False, server_default=text("'[]'")),
    Column("position", Integer, nullable=False, server_default=text("1")),
    # Made of other variants; then it has no stock of its own.
    Column("is_bundle", Boolean, nullable=False, server_default=text("false")),
    # Set when it is no longer sold; carts and orders keep their lines.
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # For components to refer to: what is a bundle cannot be one.
    UniqueConstraint("id", "is_bundle"),
    Index("variant_by_product_idx", "product_id", "position", "id"),
    Index("variant_barcode_idx", "barcode", postgresql_where=text("barcode IS NOT NULL")),
)

media = Table(
    "media",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("product_id", Uuid, ForeignKey("product.id"), nullable=False),
    # Null when the picture shows the product as a whole.
    Column("variant_id", Uuid, ForeignKey("variant.id"), index=True),
    Column("position", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("alt", Text),
    Column("kind", Text, nullable=False, server_default=text("'IMAGE'")),
    Index("media_by_product_idx", "product_id", "position", "id"),
    CheckConstraint("kind IN ('IMAGE', 'VIDEO')", name="a_medium_is_of_a_known_kind"),
)

collection_product = Table(
    "collection_product",
    metadata,
    Column("collection_id", Integer, ForeignKey("collection.id"), primary_key=True),
    Column("product_id", Uuid, ForeignKey("product.id"), primary_key=True, index=True),
)

bundle = Table(
    "bundle",
    metadata,
    # With the location it names what there is of the bundle, as the level's id does for everything else.
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("variant_id", Uuid, ForeignKey("variant.id"), nullable=False, unique=True),
    # What the versions of its components begin at: more than any that was shown for an earlier composition.
    Column("version_base", BigInteger, nullable=False, server_default=text("0")),
)

bundle_component = Table(
    "bundle_component",
    metadata,
    Column("bundle_variant_id", Uuid, primary_key=True),
    Column("component_variant_id", Uuid, primary_key=True, index=True),
    # In one bundle.
    Column("quantity", Integer, nullable=False),
    # Two constants, for the foreign keys to say what each of the two is.
    Column("is_of_bundle", Boolean, Computed("true", persisted=True), nullable=False),
    Column("is_bundle", Boolean, Computed("false", persisted=True), nullable=False),
    ForeignKeyConstraint(
        ["bundle_variant_id", "is_of_bundle"], ["variant.id", "variant.is_bundle"], name="only_a_bundle_has_components"
    ),
    ForeignKeyConstraint(
        ["component_variant_id", "is_bundle"], ["variant.id", "variant.is_bundle"], name="a_component_is_no_bundle"
    ),
    CheckConstraint("bundle_variant_id <> component_variant_id", name="a_bundle_does_not_contain_itself"),
    CheckConstraint("quantity BETWEEN 1 AND 100", name="a_bundle_has_one_to_a_hundred_of_a_component"),
)
