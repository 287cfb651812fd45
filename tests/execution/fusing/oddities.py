"""Data in which every way of writing JSON wrongly shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.inventory.bundles import Component
from persistence.catalog import bundles
from persistence.channels import places
from persistence.database import Connection
from persistence.statements import Statement
from tests.shop import Shop

TEXTS = (
    'She said "no"',
    "back\\slash \\u0041 \\\\",
    "it's '' $1 %s %(name)s :name __row__ __own__ '; DROP TABLE product; --",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "Zoë 日本 🛍️ \u2028 \u2029 \ufeff \ud7ff \U0010ffff",
    "</script>&amp;",
    "",
    "null",
    " \t leading and trailing \n",
    "{}[],:",
)
AMOUNTS = (0, 1, 99, 100, 101, 2**53 + 1, 2**63 - 1)

_PRODUCT = Statement("""
INSERT INTO product (id, slug, name, description, brand, category_id, tags, options, attributes, published_at, created_at)
VALUES (:id, CAST(:slug AS text), CAST(:name AS text), CAST(:description AS text), CAST(:brand AS text), :category_id,
        CAST(:tags AS text[]), CAST(:options AS jsonb), CAST(:attributes AS jsonb),
        CASE WHEN CAST(:is_published AS bool) THEN now() END, CAST(:created_at AS timestamptz))
""")
_VARIANT = Statement("""
INSERT INTO variant (id, product_id, sku, barcode, name, selected_options, position, withdrawn_at)
VALUES (:id, :product_id, CAST(:sku AS text), CAST(:barcode AS text), CAST(:name AS text),
        CAST(:selected_options AS jsonb), :position, CASE WHEN CAST(:is_withdrawn AS bool) THEN now() END)
""")
_MEDIUM = Statement("""
INSERT INTO media (product_id, variant_id, position, url, alt, kind)
VALUES (:product_id, :variant_id, :position, CAST(:url AS text), CAST(:alt AS text), CAST(:kind AS text))
""")
_PRICE = Statement("""
INSERT INTO price (variant_id, market_id, amount, compare_at_amount) VALUES (:variant_id, :market_id, :amount, :before)
""")
_MEMBER = Statement("""
INSERT INTO collection_product (collection_id, product_id) VALUES (:collection_id, :product_id)
""")
_LEVEL = Statement("""
INSERT INTO stock_level (variant_id, location_id, on_hand, safety_stock, backorder_limit)
VALUES (:variant_id, :location_id, :on_hand, :safety_stock, :backorder_limit)
""")
_CREATED = (
    "2026-03-01 12:00:00+00",
    "2026-03-01 12:00:00.0004+02",
    "1999-12-31 23:59:59.999999-11",
    "0999-01-01 00:00:00+00",
)


async def fill(shop: Shop) -> None:
    """Thirteen products, the last one with bundles; the one with the number 5 is not published."""
    async with shop.database.transaction() as connection:
        await _more_places(connection)
    await shop.reread()
    async with shop.database.transaction() as connection:
        await _Odd(connection, shop).fill()


_GROUPS = (
    """INSERT INTO category (slug, name) VALUES ('all', 'All "things"')""",
    "INSERT INTO category (slug, name, parent_id) SELECT 'part', E'Part \\\\ of', id FROM category",
    "INSERT INTO category (slug, name, parent_id) SELECT 'leaf', 'Leaf', id FROM category WHERE slug = 'part'",
    "INSERT INTO collection (slug, name) VALUES ('summer', 'Summer ☀'), ('empty', 'Empty'), ('odd', '')",
)


async def _more_places(connection: Connection) -> None:
    """Currencies of no, three and four digits; a buffer larger than the stock; a place that a channel does not sell."""
    for code, currency in (("jp", "JPY"), ("kw", "KWD"), ("cl", "CLF")):
        market = await places.insert_market(
            connection,
            code=code,
            name=code,
            currency_code=currency,
            tax_included=code == "jp",
            tax_rate_basis_points=0,
            countries=[],
        )
        await places.insert_channel(
            connection, code=f"web-{code}", name=code, kind="WEB", market_id=market["id"], location_id=None
        )
    renamed = Statement("UPDATE location SET name = CAST(:name AS text), online_buffer = 2 WHERE code = 'berlin'")
    await connection.execute(renamed, name=TEXTS[4])
    ids = {row["code"]: row["id"] for row in await places.locations(connection)}
    marketplace = next(row["id"] for row in await places.channels(connection) if row["code"] == "marketplace")
    await places.set_channel_location(connection, marketplace, ids["warehouse"], buffer=1_000, sells=True)
    await places.set_channel_location(connection, marketplace, ids["hamburg"], buffer=0, sells=False)


@dataclass(frozen=True, slots=True)
class _Odd:
    connection: Connection
    shop: Shop

    async def fill(self) -> None:
        for statement in _GROUPS:
            await self._run(Statement(statement))
        category_ids = [None, *await self._ids("SELECT id FROM category ORDER BY id")]
        collection_ids = await self._ids("SELECT id FROM collection WHERE slug <> 'empty' ORDER BY id")
        for number in range(12):
            product_id = await self._product(number, category_ids[number % len(category_ids)])
            await self._variants(number, product_id)
            for collection_id in collection_ids[: number % 3]:
                await self._run(_MEMBER, collection_id=collection_id, product_id=product_id)
        await self._bundles(category_ids[1])

    async def _bundles(self, category_id: int | None) -> None:
        """One made of what is stocked at different places, one of a single thing that is worth less than it takes."""
        product_id = await self._product(12, category_id)
        ids = await self.connection.fetch(Statement("SELECT id FROM variant ORDER BY id"))
        for position, parts in enumerate(([(ids[1], 1), (ids[3], 2)], [(ids[5], 100)], [(ids[6], 1), (ids[7], 1)])):
            made = uuid7()
            await self._variant(made, product_id, f"bundle {position}", position=position)
            await self._prices(made, position)
            components = [Component(row["id"], quantity) for row, quantity in parts]
            await bundles.compose(self.connection, made, components)

    async def _variant(self, id_: UUID, product_id: UUID, name: str, *, position: int) -> None:
        await self._run(
            _VARIANT,
            id=id_,
            product_id=product_id,
            sku=name,
            barcode=None,
            name=name,
            selected_options=[],
            position=position,
            is_withdrawn=False,
        )

    async def _product(self, number: int, category_id: int | None) -> UUID:
        product_id = uuid7()
        text = TEXTS[number % len(TEXTS)]
        is_bare = number % 4 == 1
        await self._run(
            _PRODUCT,
            id=product_id,
            slug=f"{number}-{text}",
            name=text,
            description=None if is_bare else f"<p>{text}</p>",
            brand=None if is_bare else text,
            category_id=category_id,
            tags=[] if is_bare else [text, "plain", "NULL"],
            options=[]
            if is_bare
            else [{"name": text, "values": [text, "S", ""]}, {"values": [], "name": "Size", "more": 1}],
            attributes=[] if is_bare else [{"name": "Material", "value": text}],
            is_published=number != 5,
            created_at=datetime.fromisoformat(_CREATED[number % len(_CREATED)]),
        )
        for position in range(number % 4):
            await self._run(
                _MEDIUM,
                product_id=product_id,
                variant_id=None,
                position=position,
                # The same picture twice.
                url=f"/media/{text}/{position % 2}",
                alt=None if position % 2 else text,
                kind="VIDEO" if position == 1 else "IMAGE",
            )
        return product_id

    async def _variants(self, number: int, product_id: UUID) -> None:
        """Of the first product none, of each further one more, up to four; some withdrawn, some at the same position."""
        text = TEXTS[number % len(TEXTS)]
        for position in range(number % 5):
            variant_id = uuid7()
            await self._run(
                _VARIANT,
                id=variant_id,
                product_id=product_id,
                sku=f"{number}/{position}/{text}",
                barcode=(None, "4006381333931", f"{number}{text}")[position % 3],
                name=text,
                selected_options=[{"name": text, "value": f"{position}{text}"}] if position else [],
                position=position // 2,
                is_withdrawn=position == 3,
            )
            if position == 2:
                await self._run(
                    _MEDIUM,
                    product_id=product_id,
                    variant_id=variant_id,
                    position=0,
                    url=text,
                    alt=text,
                    kind="IMAGE",
                )
            await self._prices(variant_id, number + position)
            await self._levels(variant_id, number + position)

    async def _prices(self, variant_id: UUID, number: int) -> None:
        for market in self.shop.directory.markets.values():
            if (number + market["id"]) % 4:
                amount = AMOUNTS[(number + market["id"]) % len(AMOUNTS)]
                before = (None, 0, amount)[number % 3]
                await self._run(_PRICE, variant_id=variant_id, market_id=market["id"], amount=amount, before=before)

    async def _levels(self, variant_id: UUID, number: int) -> None:
        """Around every number at which what is shown changes, and below zero."""
        for location_id in self.shop.directory.locations:
            kind = (number * 3 + location_id) % 7
            if kind:
                await self._run(
                    _LEVEL,
                    variant_id=variant_id,
                    location_id=location_id,
                    on_hand=(0, 0, 1, 3, 4, 10, 13)[kind] + number % 3,
                    safety_stock=5 if number % 4 == 3 else 0,
                    backorder_limit=(0, 0, 2, 50)[number % 4],
                )

    async def _run(self, statement: Statement, **values: Any) -> None:
        await self.connection.execute(statement, **values)

    async def _ids(self, query: str) -> list[int]:
        return [row["id"] for row in await self.connection.fetch(Statement(query))]
