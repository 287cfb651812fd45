"""Questions about transfers."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from api.inventory.transfers.types import TransferConnection
from api.inventory.types import STAFF
from api.pagination import Page, connection, foreign_cursor, page
from domain.inventory.transfers import TransferStatus
from persistence.inventory import transfers


@strawberry.type
class TransfersQuery:
    @strawberry.field(
        description="Stock on its way and what has arrived, the newest first; of the statuses named, where some are. `first` is "
        "at most 100. Needs READ_STOCK or MANAGE_STOCK.",
        metadata={ACCESS: STAFF},
    )
    async def transfers(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = None,
        statuses: Annotated[
            list[TransferStatus] | None, strawberry.argument(description="Of any of these; null means of any.")
        ] = None,
    ) -> TransferConnection | None:
        asked = page(first, after, default=50, keys=1)
        wanted = None if statuses is None else frozenset(statuses)
        async with info.context.database.reading() as reader:
            rows = await transfers.page(reader, wanted, after=_last_seen(asked), count=asked.fetched)
            total = None
            if "totalCount" in selected_names(info._raw_info):  # noqa: SLF001
                total = await transfers.count(reader, wanted)
        return connection(rows, asked, lambda row: (row["id"].hex,), total)


def _last_seen(asked: Page) -> UUID | None:
    if asked.after is None:
        return None
    try:
        return UUID(hex=asked.after[0])
    except (TypeError, ValueError, AttributeError):
        raise foreign_cursor() from None
