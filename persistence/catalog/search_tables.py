"""What a search looks at. Triggers of the schema write these tables; nobody else does."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from persistence.metadata import metadata

product_search = Table(
    "product_search",
    metadata,
    # Published products only.
    Column("product_id", Uuid, ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    # Weights: A name, B brand, C category, tags, properties and options, D codes and English stems.
    Column("document", TSVECTOR, nullable=False),
    # Small letters without accents, at most 200; "C" so that a page ends at the same place on every server.
    Column("folded_name", Text(collation="C"), nullable=False),
    Column("brand", Text),
    Column("category_id", Integer),
    Column("tags", ARRAY(Text), nullable=False),
    # SKUs and barcodes of what is sold, folded.
    Column("codes", ARRAY(Text), nullable=False),
    # Properties of the product and options of what is sold, each as name, U+001F, value.
    Column("attributes", ARRAY(Text), nullable=False),
    Index(
        "product_search_document_idx",
        "document",
        postgresql_using="gin",
        # A list of what is not sorted in yet would make the searches after an import slow.
        postgresql_with={"fastupdate": "off"},
    ),
    Index("product_search_by_name_idx", "folded_name", "product_id"),
    Index("product_search_by_category_idx", "category_id", "product_id"),
)

product_price_range = Table(
    "product_price_range",
    metadata,
    Column("product_id", Uuid, ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("market_id", Integer, ForeignKey("market.id", ondelete="CASCADE"), primary_key=True),
    Column("lowest", BigInteger, nullable=False),
    Column("highest", BigInteger, nullable=False),
    # All prices of what is sold, each once: between the lowest and the highest there are gaps.
    Column("amounts", ARRAY(BigInteger), nullable=False),
)

search_word = Table(
    "search_word",
    metadata,
    # Not unique: writers would wait for each other at a new word, and one that stands here twice hurts nobody.
    Column("word", Text(collation="C"), nullable=False),
    # The word, and the word without each of its letters.
    Column("deletions", ARRAY(Text), nullable=False),
    Index("search_word_word_idx", "word"),
    Index("search_word_deletions_idx", "deletions", postgresql_using="gin"),
    Index("search_word_trigram_idx", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
)
