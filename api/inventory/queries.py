"""Questions about stock, for staff and partner apps."""

import strawberry

from api.access import Needs
from api.catalog.lookup import find_variants
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy, find_location
from api.context import Context, Info
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from api.inventory.incidents.queries import IncidentsQuery
from api.inventory.transfers.queries import TransfersQuery
from api.inventory.types import StockLevelConnection
from api.pagination import connection, number_of, page
from domain.access import Permission
from persistence.inventory import stock_levels


def reads_stock(context: Context) -> bool:
    """Whether the caller may see exact numbers."""
    return bool({Permission.READ_STOCK, Permission.MANAGE_STOCK} & context.caller.permissions)


@strawberry.type
class InventoryQuery(TransfersQuery, IncidentsQuery):
    @strawberry.field(
        description="Stock levels by id; of the variants and locations named, where some are. `first` is at most 100. Needs "
        "READ_STOCK or MANAGE_STOCK.",
        metadata={ACCESS: Needs(Permission.READ_STOCK, Permission.MANAGE_STOCK)},
    )
    async def stock_levels(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = None,
        variants: list[ProductVariantBy] | None = None,
        locations: list[LocationBy] | None = None,
    ) -> StockLevelConnection | None:
        asked = page(first, after, default=50, keys=1)
        after_id = 0 if asked.after is None else number_of(asked.after[0])
        context = info.context
        variant_ids = location_ids = None
        if variants is not None:
            variant_ids = [row["id"] for row in await find_variants(context, variants) if row is not None]
        if locations is not None:
            found = [find_location(context, by) for by in locations]
            location_ids = [row["id"] for row in found if row is not None]
        async with context.database.reading() as reader:
            rows = await stock_levels.page(
                reader,
                variant_ids=variant_ids,
                location_ids=location_ids,
                after=after_id,
                count=asked.fetched,
            )
            total = None
            if "totalCount" in selected_names(info._raw_info):  # noqa: SLF001
                total = await stock_levels.count(reader, variant_ids=variant_ids, location_ids=location_ids)
        return connection(rows, asked, lambda row: (row["id"],), total)
