"""What is sold in the benchmarks: 5,000 products with 3 variants each, in stock at some locations."""

import asyncpg
from uuid_utils.compat import uuid7

PRODUCTS = 5_000
VARIANTS = 3
LOCATIONS = 5
CURSORS = 400
"""Pages begin after one of so many products, spread over the whole list."""

_PLACES = """
INSERT INTO market (code, name, currency_code, tax_included, tax_rate_basis_points, countries)
VALUES ('eu', 'Europe', 'EUR', true, 1900, '{{DE}}');
INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web shop', 'WEB', id FROM market;
INSERT INTO location (code, name, kind, offers_pickup, ships_orders, sourcing_priority)
SELECT 'store-' || n, 'Store ' || n, 'STORE', true, true, n * 10 FROM generate_series(1, {locations}) AS n;
"""
_PRODUCTS = """
INSERT INTO product (id, slug, name, brand, description, published_at)
SELECT id, 'product-' || n, 'Product number ' || n, 'Brand ' || n % 50, '<p>Made to be listed.</p>', now()
FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, n)
"""
_MEDIA = """
INSERT INTO media (product_id, position, url, alt)
SELECT id, position, '/media/' || slug || '-' || position || '.webp', name
FROM product CROSS JOIN generate_series(1, 2) AS position
"""
_VARIANTS = """
INSERT INTO variant (id, product_id, sku, barcode, name, position)
SELECT given.id, product.id, 'SKU-' || given.n, (4000000000000 + given.n)::text, 'Size ' || (given.n - 1) % $3 + 1, (given.n - 1) % $3 + 1
FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, n)
JOIN unnest($2::uuid[]) WITH ORDINALITY AS owner (id, n) ON owner.n = (given.n - 1) / $3 + 1
JOIN product ON product.id = owner.id
"""
_PRICES = """
INSERT INTO price (variant_id, market_id, amount)
SELECT variant.id, market.id, 500 + abs(hashtext(variant.sku)) % 20000 FROM variant CROSS JOIN market
"""
# Spread by a hash, so that each run has the same numbers.
_LEVELS = """
INSERT INTO stock_level (variant_id, location_id, on_hand, version)
SELECT variant.id, location.id, abs(hashtext(variant.sku || location.code)) % 40, 1 FROM variant CROSS JOIN location
"""
_LEDGER = """
INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, actor)
SELECT id, 1, 'INITIAL', on_hand, 'system' FROM stock_level
"""
_CURSORS = """
CREATE TABLE benchmark_cursor AS
SELECT row_number() OVER (ORDER BY id DESC)::int AS n, id
FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM product) AS listed
WHERE place % ($1::int / $2::int) = 1 ORDER BY id DESC LIMIT $2
"""


async def fill(url: str, *, locations: int = LOCATIONS) -> list[str]:
    """Returns the hexadecimal ids that pages begin after, in the order of `benchmark_cursor`."""
    connection = await asyncpg.connect(url)
    products = [uuid7() for _ in range(PRODUCTS)]
    try:
        await connection.execute(_PLACES.format(locations=locations))
        await connection.execute(_PRODUCTS, products)
        await connection.execute(_MEDIA)
        await connection.execute(_VARIANTS, [uuid7() for _ in range(PRODUCTS * VARIANTS)], products, VARIANTS)
        for statement in (_PRICES, _LEVELS, _LEDGER):
            await connection.execute(statement)
        await connection.execute(_CURSORS, PRODUCTS, CURSORS)
        await connection.execute("ALTER TABLE benchmark_cursor ADD PRIMARY KEY (n)")
        await connection.execute("VACUUM ANALYZE")
        rows = await connection.fetch("SELECT id FROM benchmark_cursor ORDER BY n")
    finally:
        await connection.close()
    return [row["id"].hex for row in rows]
