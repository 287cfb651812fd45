"""Questions about whoever is asking, and about apps."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import strawberry

from api.access import PUBLIC
from api.context import Context, Info
from api.customers.types import MANAGES_APPS, AppConnection, Customer, Viewer
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from api.ids import bad_input
from api.pagination import Page, connection, page
from domain.access import Permission
from persistence.customers import accounts, apps


@strawberry.type
class CustomersQuery:
    @strawberry.field(description="Whoever is asking; for everybody, guests included.", metadata={ACCESS: PUBLIC})
    def viewer(self, info: Info) -> Viewer:
        return info.context.caller

    @strawberry.field(description="The signed-in customer; null for everybody else.", metadata={ACCESS: PUBLIC})
    async def me(self, info: Info) -> Customer | None:
        customer_id = info.context.caller.customer_id
        found = [] if customer_id is None else await customers_visible(info.context, [customer_id])
        return found[0] if found else None

    @strawberry.field(
        description="Apps, newest first, revoked ones too; `first` is at most 100. Needs MANAGE_APPS; whoever is bound to a "
        "location sees the apps of that location.",
        metadata={ACCESS: MANAGES_APPS},
    )
    async def apps(self, info: Info, first: int | None = 50, after: str | None = None) -> AppConnection | None:
        asked = page(first, after, default=50, keys=1)
        location_id = info.context.caller.location_id
        async with info.context.database.reading() as reader:
            rows = await apps.page(reader, location_id=location_id, after=_last_app(asked), count=asked.fetched)
            is_counted = "totalCount" in selected_names(info._raw_info)  # noqa: SLF001
            total = await apps.count(reader, location_id=location_id) if is_counted else None
        return connection(rows, asked, lambda row: (row["id"].hex,), total)


def _last_app(asked: Page) -> UUID | None:
    if asked.after is None:
        return None
    try:
        return UUID(hex=asked.after[0])
    except (ValueError, TypeError, AttributeError):
        raise bad_input("This cursor does not belong to this list.") from None


async def customers_visible(context: Context, ids: Collection[Any]) -> Sequence[Any]:
    """Rows of these customers, as far as the caller may see them."""
    caller = context.caller
    visible = ids if caller.may(Permission.READ_CUSTOMERS) else [id_ for id_ in ids if id_ == caller.customer_id]
    if not visible:
        return []
    async with context.database.reading() as reader:
        return await accounts.customers_by_ids(reader, visible)


async def apps_visible(context: Context, ids: Collection[Any]) -> Sequence[Any]:
    """Rows of these apps, as far as the caller may see them."""
    caller = context.caller
    if not caller.may(Permission.MANAGE_APPS):
        return []
    async with context.database.reading() as reader:
        found = await apps.by_ids(reader, list(ids))
    return [row for row in found if caller.location_id in (None, row["location_id"])]
