"""What a search looks at, kept true by triggers, whoever writes products, variants, prices or categories.

Revision: 0003, after 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Upper and lower case, accents and compatibility forms make no difference: `Crème`, `CREME` and `creme` are one word.
SEARCH_FOLD = """
CREATE FUNCTION search_fold(body text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT lower(unaccent(normalize(body, NFKC)))
$$
"""

# The words of a text, with their numbers. What stands between blanks is also one word as a whole, so that `T-Shirt` is
# found as `t-shirt`, `tshirt` and `shirt`, and a code with and without its dashes.
SEARCH_WORDS = """
CREATE FUNCTION search_words(body text) RETURNS TABLE (word text, number int)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 5 AS $$
  SELECT left(part.word, 100), chunk.number::int
  FROM string_to_table(
         regexp_replace(regexp_replace(search_fold(body), '\\s+', ' ', 'g'), '[^[:alnum:] ]+', '-', 'g'), ' '
       ) WITH ORDINALITY chunk (body, number),
       LATERAL (
         SELECT string_to_table(chunk.body, '-')
         UNION
         SELECT replace(chunk.body, '-', '')
       ) part (word)
  WHERE part.word <> ''
$$
"""

# The word itself, and the word without one of its letters. Two words that are one typo apart have one of these in common.
SEARCH_DELETIONS = """
CREATE FUNCTION search_deletions(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT overlay(word PLACING '' FROM greatest(place, 1) FOR least(place, 1)))
  FROM generate_series(0, length(word)) place
$$
"""

# Whether some product has one of these words. Through the index always: a word that nobody has would otherwise be looked for
# in every product, since the planner does not know that nobody has it.
SEARCH_KNOWS = """
CREATE FUNCTION search_knows(words tsquery) RETURNS boolean LANGUAGE sql STABLE STRICT SET enable_seqscan = off AS $$
  SELECT EXISTS (SELECT FROM product_search WHERE document @@ words)
$$
"""

# Everything a product can be found by: its words with a weight each (A name, B brand, C category, tags, properties and
# options, D codes and English stems), and its codes, properties and options as they are.
SEARCH_DOCUMENTS = """
CREATE FUNCTION search_documents(ids uuid[])
RETURNS TABLE (product_id uuid, document tsvector, codes text[], attributes text[], words text[])
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE branch (category_id, parent_id, name) AS (
    SELECT category.id, category.parent_id, category.name
    FROM category
    WHERE category.id IN (SELECT category_id FROM product WHERE id = ANY (ids))
    UNION
    SELECT branch.category_id, category.parent_id, category.name
    FROM branch JOIN category ON category.id = branch.parent_id
  ), wanted AS (
    SELECT * FROM product WHERE id = ANY (ids) AND published_at IS NOT NULL
  ), offered AS (
    SELECT variant.* FROM variant WHERE variant.product_id = ANY (ids) AND withdrawn_at IS NULL
  ), property (product_id, name, value) AS (
    SELECT wanted.id, item.name, item.value
    FROM wanted, jsonb_to_recordset(wanted.attributes) item (name text, value text)
    UNION
    SELECT offered.product_id, item.name, item.value
    FROM offered, jsonb_to_recordset(offered.selected_options) item (name text, value text)
  ), code (product_id, code) AS (
    SELECT offered.product_id, search_fold(offered.sku) FROM offered
    UNION
    SELECT offered.product_id, search_fold(offered.barcode) FROM offered WHERE barcode IS NOT NULL
  ), piece (product_id, weight, start, body) AS (
    SELECT id, 'A', 0, name FROM wanted
    UNION ALL
    SELECT id, 'B', 100, brand FROM wanted
    UNION ALL
    SELECT wanted.id, 'C', 200, branch.name FROM wanted JOIN branch ON branch.category_id = wanted.category_id
    UNION ALL
    SELECT wanted.id, 'C', 300, tag FROM wanted, unnest(wanted.tags) tag
    UNION ALL
    SELECT property.product_id, 'C', 400, property.value FROM property
  ), body (body) AS MATERIALIZED (
    SELECT DISTINCT body FROM piece WHERE body IS NOT NULL
  ), said (body, number, word) AS MATERIALIZED (
    SELECT body.body, found.number, found.word FROM body, search_words(body.body) found
  ), stem (word, stem) AS MATERIALIZED (
    SELECT word, (ts_lexize('english_stem', word))[1]
    FROM (SELECT DISTINCT word FROM said WHERE word ~ '^[a-z]{4,}$') english
  ), lexeme (product_id, weight, place, word) AS MATERIALIZED (
    SELECT piece.product_id, piece.weight, least(piece.start + said.number, 16000), said.word
    FROM piece JOIN said USING (body)
    UNION ALL
    -- As search_words has it, but most words are codes, and no two codes are alike.
    SELECT code.product_id, 'D', 501, left(part.word, 100)
    FROM (SELECT product_id, regexp_replace(code, '[^[:alnum:]]+', '-', 'g') AS body FROM code OFFSET 0) code,
         LATERAL (SELECT string_to_table(code.body, '-') UNION SELECT replace(code.body, '-', '')) part (word)
    WHERE part.word <> ''
  ), vector AS (
    SELECT product_id,
           string_agg(format('''%s'':%s%s', word, place, weight), ' ')::tsvector AS document,
           array_agg(DISTINCT word) FILTER (WHERE weight <> 'D' AND word ~ '^[^0-9]{4,40}$') AS words
    FROM (
      SELECT product_id, weight, place, word FROM lexeme
      UNION ALL
      SELECT lexeme.product_id, 'D', lexeme.place, stem.stem
      FROM lexeme JOIN stem USING (word)
      WHERE lexeme.weight <> 'D' AND stem.stem <> word
    ) everything
    GROUP BY product_id
  ), coded AS (
    SELECT product_id, array_agg(code) AS codes FROM code GROUP BY product_id
  ), described AS (
    SELECT product_id, array_agg(name || chr(31) || value ORDER BY name, value) AS attributes
    FROM property
    WHERE name <> '' AND value <> ''
    GROUP BY product_id
  )
  SELECT wanted.id,
         coalesce(vector.document, ''),
         coalesce(coded.codes, '{}'),
         coalesce(described.attributes, '{}'),
         coalesce(vector.words, '{}')
  FROM wanted
  LEFT JOIN vector ON vector.product_id = wanted.id
  LEFT JOIN coded ON coded.product_id = wanted.id
  LEFT JOIN described ON described.product_id = wanted.id
$$
"""

# Whoever changes parts of one product at the same time waits at its row, and then sees what the other has written.
# Words that are known already stay out; two that come at once may stand there twice, which hurts nobody.
REFRESH_PRODUCT_SEARCH = """
CREATE FUNCTION refresh_product_search(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF ids IS NULL OR cardinality(ids) = 0 THEN
    RETURN;
  END IF;
  PERFORM FROM product WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM product_search search
  USING product
  WHERE search.product_id = ANY (ids) AND product.id = search.product_id AND product.published_at IS NULL;
  WITH made AS MATERIALIZED (
    SELECT * FROM search_documents(ids)
  ), written AS (
    INSERT INTO product_search AS search
      (product_id, document, folded_name, brand, category_id, tags, codes, attributes)
    SELECT product.id, made.document, left(search_fold(product.name), 200), product.brand, product.category_id,
           product.tags, made.codes, made.attributes
    FROM made JOIN product ON product.id = made.product_id
    ON CONFLICT (product_id) DO UPDATE
    SET document = excluded.document, folded_name = excluded.folded_name, brand = excluded.brand,
        category_id = excluded.category_id, tags = excluded.tags, codes = excluded.codes,
        attributes = excluded.attributes
  )
  INSERT INTO search_word (word, deletions)
  SELECT fresh.word, search_deletions(fresh.word)
  FROM (SELECT DISTINCT unnest(made.words) AS word FROM made) fresh
  WHERE NOT EXISTS (SELECT FROM search_word known WHERE known.word = fresh.word);
END $$
"""

REFRESH_PRICE_RANGES = """
CREATE FUNCTION refresh_product_price_ranges(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF ids IS NULL OR cardinality(ids) = 0 THEN
    RETURN;
  END IF;
  PERFORM FROM product WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM product_price_range old
  WHERE old.product_id = ANY (ids) AND NOT EXISTS (
    SELECT FROM variant JOIN price ON price.variant_id = variant.id
    WHERE variant.product_id = old.product_id AND variant.withdrawn_at IS NULL AND price.market_id = old.market_id
  );
  INSERT INTO product_price_range (product_id, market_id, lowest, highest, amounts)
  SELECT variant.product_id, price.market_id, min(price.amount), max(price.amount), array_agg(DISTINCT price.amount)
  FROM variant JOIN price ON price.variant_id = variant.id
  WHERE variant.product_id = ANY (ids) AND variant.withdrawn_at IS NULL
  GROUP BY variant.product_id, price.market_id
  ON CONFLICT (product_id, market_id) DO UPDATE
  SET lowest = excluded.lowest, highest = excluded.highest, amounts = excluded.amounts;
END $$
"""

# Each statement is followed once, however many rows it wrote, and only where something changed that a search looks at.
PRODUCT_INSERTED = """
CREATE FUNCTION search_follows_inserted_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_search(ARRAY(SELECT id FROM fresh WHERE published_at IS NOT NULL));
  RETURN NULL;
END $$
"""

PRODUCT_UPDATED = """
CREATE FUNCTION search_follows_updated_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_search(ARRAY(
    SELECT fresh.id FROM fresh JOIN stale USING (id)
    WHERE (fresh.name, fresh.brand, fresh.category_id, fresh.tags, fresh.attributes, fresh.published_at IS NULL)
      IS DISTINCT FROM (stale.name, stale.brand, stale.category_id, stale.tags, stale.attributes, stale.published_at IS NULL)
  ));
  RETURN NULL;
END $$
"""

VARIANT_INSERTED = """
CREATE FUNCTION search_follows_inserted_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_search(ARRAY(SELECT DISTINCT product_id FROM fresh WHERE withdrawn_at IS NULL));
  RETURN NULL;
END $$
"""

VARIANT_UPDATED = """
CREATE FUNCTION search_follows_updated_variants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved uuid[];
BEGIN
  PERFORM refresh_product_search(ARRAY(
    SELECT fresh.product_id FROM fresh JOIN stale USING (id)
    WHERE (fresh.sku, fresh.barcode, fresh.selected_options, fresh.product_id, fresh.withdrawn_at IS NULL)
      IS DISTINCT FROM (stale.sku, stale.barcode, stale.selected_options, stale.product_id, stale.withdrawn_at IS NULL)
    UNION
    SELECT stale.product_id FROM fresh JOIN stale USING (id) WHERE fresh.product_id <> stale.product_id
  ));
  SELECT array_agg(DISTINCT product.id) INTO moved
  FROM fresh JOIN stale USING (id), unnest(ARRAY[fresh.product_id, stale.product_id]) product (id)
  WHERE fresh.product_id <> stale.product_id OR (fresh.withdrawn_at IS NULL) <> (stale.withdrawn_at IS NULL);
  PERFORM refresh_product_price_ranges(moved);
  RETURN NULL;
END $$
"""

VARIANT_DELETED = """
CREATE FUNCTION search_follows_deleted_variants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[] := ARRAY(SELECT DISTINCT product_id FROM stale);
BEGIN
  PERFORM refresh_product_search(ids);
  PERFORM refresh_product_price_ranges(ids);
  RETURN NULL;
END $$
"""

PRICE_WRITTEN = """
CREATE FUNCTION search_follows_written_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_price_ranges(ARRAY(
    SELECT DISTINCT variant.product_id FROM fresh JOIN variant ON variant.id = fresh.variant_id
  ));
  RETURN NULL;
END $$
"""

PRICE_DELETED = """
CREATE FUNCTION search_follows_deleted_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_price_ranges(ARRAY(
    SELECT DISTINCT variant.product_id FROM stale JOIN variant ON variant.id = stale.variant_id
  ));
  RETURN NULL;
END $$
"""

CATEGORY_UPDATED = """
CREATE FUNCTION search_follows_updated_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_product_search(ARRAY(
    WITH RECURSIVE below (id) AS (
      SELECT fresh.id FROM fresh JOIN stale USING (id)
      WHERE (fresh.name, fresh.parent_id) IS DISTINCT FROM (stale.name, stale.parent_id)
      UNION
      SELECT category.id FROM category JOIN below ON category.parent_id = below.id
    )
    SELECT product.id FROM product JOIN below ON product.category_id = below.id WHERE product.published_at IS NOT NULL
  ));
  RETURN NULL;
END $$
"""

FUNCTIONS = (
    SEARCH_FOLD,
    SEARCH_WORDS,
    SEARCH_DELETIONS,
    SEARCH_KNOWS,
    SEARCH_DOCUMENTS,
    REFRESH_PRODUCT_SEARCH,
    REFRESH_PRICE_RANGES,
    PRODUCT_INSERTED,
    PRODUCT_UPDATED,
    VARIANT_INSERTED,
    VARIANT_UPDATED,
    VARIANT_DELETED,
    PRICE_WRITTEN,
    PRICE_DELETED,
    CATEGORY_UPDATED,
)
INSERTED = "NEW TABLE AS fresh"
UPDATED = "OLD TABLE AS stale NEW TABLE AS fresh"
DELETED = "OLD TABLE AS stale"
TRIGGERS = (
    ("product", "INSERT", INSERTED, "search_follows_inserted_products"),
    ("product", "UPDATE", UPDATED, "search_follows_updated_products"),
    ("variant", "INSERT", INSERTED, "search_follows_inserted_variants"),
    ("variant", "UPDATE", UPDATED, "search_follows_updated_variants"),
    ("variant", "DELETE", DELETED, "search_follows_deleted_variants"),
    ("price", "INSERT", INSERTED, "search_follows_written_prices"),
    ("price", "UPDATE", UPDATED, "search_follows_written_prices"),
    ("price", "DELETE", DELETED, "search_follows_deleted_prices"),
    ("category", "UPDATE", UPDATED, "search_follows_updated_categories"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_tables()
    for function in FUNCTIONS:
        op.execute(function)
    for table, event, rows, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {function}_on_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    op.execute("SELECT refresh_product_search(ARRAY(SELECT id FROM product))")
    op.execute("SELECT refresh_product_price_ranges(ARRAY(SELECT id FROM product))")


def _create_tables() -> None:
    op.create_table(
        "product_search",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.Column("folded_name", sa.Text(collation="C"), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("attributes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("product_search_product_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("product_search_pkey")),
    )
    op.create_index(
        "product_search_document_idx",
        "product_search",
        ["document"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index("product_search_by_name_idx", "product_search", ["folded_name", "product_id"])
    op.create_index("product_search_by_category_idx", "product_search", ["category_id", "product_id"])
    op.create_table(
        "product_price_range",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("lowest", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.Column("amounts", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("product_price_range_product_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["market.id"], name=op.f("product_price_range_market_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "market_id", name=op.f("product_price_range_pkey")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("deletions", postgresql.ARRAY(sa.Text()), nullable=False),
    )
    op.create_index("search_word_word_idx", "search_word", ["word"])
    op.create_index("search_word_deletions_idx", "search_word", ["deletions"], postgresql_using="gin")
    op.create_index(
        "search_word_trigram_idx",
        "search_word",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table, event, _, function in TRIGGERS:
        op.execute(f"DROP TRIGGER {function}_on_{event.lower()} ON {table}")
    for function in reversed(FUNCTIONS):
        name = function.split("CREATE FUNCTION ", 1)[1].split("(", 1)[0]
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("search_word")
    op.drop_table("product_price_range")
    op.drop_table("product_search")
    # The extensions stay: another schema of the database may use them.
