"""One batch of products, as a file describes them, becomes rows of the catalogue."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from uuid import UUID

import nh3
from uuid_utils.compat import uuid7

from api.catalog.import_summary import ImportSummary
from domain.catalog.products import ListedProduct, SelectedOption
from domain.catalog.rows import Reason, RowNotice
from domain.catalog.slugs import slug
from persistence import importing
from persistence.database import Connection, Database
from persistence.importing import Item

_PRODUCT_COLUMNS = {
    "name": {"title"},
    "description": {"description"},
    "brand": {"brand"},
    "category_id": {"category", "type"},
    "tags": {"tags"},
    "attributes": {"attributes"},
    "published_at": {"published", "status"},
}
"""Which columns of the file speak about a column of ours; without one of them ours stays as it is."""

_PICTURE_COLUMNS = {"picture", "variant_picture"}

_Medium = tuple[UUID | None, int, str, str | None]


class ProductWriter:
    """Remembers which categories and collections it has made sure of."""

    def __init__(
        self,
        database: Database,
        market_id: int,
        columns: frozenset[str],
        summary: ImportSummary,
        *,
        withdraws: bool,
    ) -> None:
        """`withdraws` only where each row of the file is known to be about its product."""
        self._database = database
        self._market_id = market_id
        self._withdraws = withdraws
        self._summary = summary
        self._categories: dict[str, int] = {}
        self._collections: dict[str, int] = {}
        self._has_pictures = bool(columns & _PICTURE_COLUMNS)
        self._product_columns = frozenset(
            {"options"} | {ours for ours, theirs in _PRODUCT_COLUMNS.items() if theirs & columns}
        )
        self._variant_columns = frozenset({"product_id", "name", "selected_options", "position"}) | (
            columns & {"barcode"}
        )

    async def write(self, batch: Sequence[ListedProduct]) -> tuple[dict[str, UUID], list[RowNotice]]:
        """One transaction. The ids of the batch's variants by SKU, and what is worth telling."""
        async with self._database.transaction() as connection:
            product_ids, created, updated = await self._products(connection, batch)
            variant_ids, moved = await self._variants(connection, batch, product_ids)
            changed = await self._media(connection, batch, product_ids, variant_ids)
            changed |= await self._members(connection, batch, product_ids)
            await importing.touch_products(connection, changed - created - updated)
            await self._prices(connection, batch, variant_ids)
        tally = self._summary.products
        updated = (updated | changed) - created
        tally.created += len(created)
        tally.updated += len(updated)
        tally.unchanged += len(batch) - len(created) - len(updated)
        return variant_ids, moved

    async def _products(
        self, connection: Connection, batch: Sequence[ListedProduct]
    ) -> tuple[dict[str, UUID], set[UUID], set[UUID]]:
        items = [
            {
                "id": str(uuid7()),
                "slug": listed.slug,
                "name": listed.name,
                "description": nh3.clean(listed.description) if listed.description else None,
                "brand": listed.brand,
                "category_id": await self._category(connection, listed.category),
                "tags": listed.tags,
                "options": [{"name": option.name, "values": option.values} for option in listed.options],
                "attributes": _pairs(listed.attributes),
                "is_published": listed.is_published,
            }
            for listed in batch
        ]
        rows = await importing.upsert_products(connection, items, self._product_columns)
        ids = await importing.product_ids(connection, [listed.slug for listed in batch])
        created = {row["id"] for row in rows if row["is_new"]}
        return ids, created, {row["id"] for row in rows if not row["is_new"]}

    async def _variants(
        self, connection: Connection, batch: Sequence[ListedProduct], product_ids: dict[str, UUID]
    ) -> tuple[dict[str, UUID], list[RowNotice]]:
        skus = [variant.sku for listed in batch for variant in listed.variants]
        before = await importing.variants_by_sku(connection, skus)
        moved = _moved(batch, {sku: row["slug"] for sku, row in before.items()})
        ids = {sku: before[sku]["id"] if sku in before else uuid7() for sku in skus}
        items = [
            {
                "id": str(ids[variant.sku]),
                "product_id": str(product_ids[listed.slug]),
                "sku": variant.sku,
                "barcode": variant.barcode,
                "name": variant.name,
                "selected_options": _pairs(variant.selected_options),
                "position": variant.position,
            }
            for listed in batch
            for variant in listed.variants
        ]
        rows = await importing.upsert_variants(connection, items, self._variant_columns)
        if moved:
            await importing.drop_media_left_behind(connection, [notice.sku for notice in moved])
        created = sum(row["is_new"] for row in rows)
        tally = self._summary.variants
        tally.created += created
        tally.updated += len(rows) - created
        tally.unchanged += len(items) - len(rows)
        if self._withdraws:
            complete = [listed for listed in batch if listed.names_all_skus]
            self._summary.variants_withdrawn += await importing.withdraw_variants(
                connection,
                [product_ids[listed.slug] for listed in complete],
                except_skus=[sku for listed in complete for sku in listed.named_skus],
            )
        return ids, moved

    async def _prices(
        self, connection: Connection, batch: Sequence[ListedProduct], variant_ids: dict[str, UUID]
    ) -> None:
        items = [
            {
                "variant_id": str(variant_ids[variant.sku]),
                "amount": variant.amount,
                "compare_at_amount": variant.compare_at_amount,
            }
            for listed in batch
            for variant in listed.variants
        ]
        self._summary.prices_written += await importing.upsert_prices(connection, self._market_id, items)

    async def _media(
        self,
        connection: Connection,
        batch: Sequence[ListedProduct],
        product_ids: dict[str, UUID],
        variant_ids: dict[str, UUID],
    ) -> set[UUID]:
        """The products whose pictures were replaced since they differ."""
        if not self._has_pictures:
            return set()
        rows = await importing.media_of(connection, product_ids.values())
        before: dict[UUID, list[_Medium]] = {
            id_: [(row["variant_id"], row["position"], row["url"], row["alt"]) for row in group]
            for id_, group in groupby(rows, key=lambda row: row["product_id"])
        }
        items: list[Item] = []
        changed: set[UUID] = set()
        for listed in batch:
            id_ = product_ids[listed.slug]
            pictures: list[_Medium] = [
                (variant_ids[picture.sku] if picture.sku else None, position, picture.url, picture.alt)
                for position, picture in enumerate(listed.pictures, start=1)
            ]
            if pictures != before.get(id_, []):
                changed.add(id_)
                items += [
                    {
                        "product_id": str(id_),
                        "variant_id": str(variant_id) if variant_id else None,
                        "position": position,
                        "url": url,
                        "alt": alt,
                    }
                    for variant_id, position, url, alt in pictures
                ]
        if changed:
            await importing.replace_media(connection, changed, items)
        self._summary.pictures_written += len(items)
        return changed

    async def _members(
        self, connection: Connection, batch: Sequence[ListedProduct], product_ids: dict[str, UUID]
    ) -> set[UUID]:
        """The products that came into a collection. No export says that one has left, so none is taken out."""
        items: list[Item] = [
            {"collection_id": await self._collection(connection, name), "product_id": str(product_ids[listed.slug])}
            for listed in batch
            for name in listed.collections
        ]
        return await importing.collect(connection, items)

    async def _category(self, connection: Connection, path: Sequence[str]) -> int | None:
        """Its slug is that of the whole path, since `Accessories` is found under many."""
        parent_id: int | None = None
        for depth, name in enumerate(path, start=1):
            key = slug(" ".join(path[:depth]))
            if key not in self._categories:
                self._categories[key] = await importing.category_id(
                    connection, slug=key, name=name, parent_id=parent_id
                )
            parent_id = self._categories[key]
        return parent_id

    async def _collection(self, connection: Connection, name: str) -> int:
        key = slug(name)
        if key not in self._collections:
            self._collections[key] = await importing.collection_id(connection, slug=key, name=name)
        return self._collections[key]


def _pairs(options: Iterable[SelectedOption]) -> list[dict[str, str]]:
    return [{"name": option.name, "value": option.value} for option in options]


def _moved(batch: Iterable[ListedProduct], slugs: dict[str, str]) -> list[RowNotice]:
    """The SKU names the article, so the variant follows it to the product that lists it now, with stock and price."""
    return [
        RowNotice(
            line=variant.line,
            reason=Reason.MOVED,
            handle=listed.slug,
            sku=variant.sku,
            detail=f"from {slugs[variant.sku]}",
        )
        for listed in batch
        for variant in listed.variants
        if slugs.get(variant.sku, listed.slug) != listed.slug
    ]
