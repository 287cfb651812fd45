"""Questions about incidents."""

from typing import Annotated

import strawberry

from api.context import Info
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from api.inventory.incidents.types import SEES_INCIDENTS, OversellIncidentConnection
from api.pagination import connection, number_of, page
from persistence.inventory import incidents


@strawberry.type
class IncidentsQuery:
    @strawberry.field(
        description="What is promised but not there, and what transfers have lost, the oldest first. "
        "`first` is at most 100. Needs READ_STOCK or MANAGE_STOCK.",
        metadata={ACCESS: SEES_INCIDENTS},
    )
    async def oversell_incidents(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = None,
        *,
        open: Annotated[
            bool | None, strawberry.argument(description="Whether open or resolved ones; null means both.")
        ] = True,
    ) -> OversellIncidentConnection | None:
        asked = page(first, after, default=50, keys=1)
        after_id = 0 if asked.after is None else number_of(asked.after[0])
        async with info.context.database.reading() as reader:
            rows = await incidents.page(reader, is_open=open, after=after_id, count=asked.fetched)
            total = None
            if "totalCount" in selected_names(info._raw_info):  # noqa: SLF001
                total = await incidents.count(reader, is_open=open)
        return connection(rows, asked, lambda row: (row["id"],), total)
