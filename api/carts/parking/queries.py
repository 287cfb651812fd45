"""Questions about carts that are set aside."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.carts.lists import CartConnection, parked_page
from api.channels.types import LocationBy, find_location
from api.context import Info
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from domain.access import Permission


@strawberry.type
class ParkingQuery:
    @strawberry.field(
        description="Carts set aside in stores where the caller sells, the latest first. `first` is at most 100. Needs "
        "SELL_IN_STORE.",
        metadata={ACCESS: Needs(Permission.SELL_IN_STORE)},
    )
    async def parked_carts(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = None,
        location: Annotated[
            LocationBy | None, strawberry.argument(description="Only there; null means wherever the caller sells.")
        ] = None,
    ) -> CartConnection | None:
        context = info.context
        chosen = None if location is None else find_location(context, location)
        candidates = context.directory.locations if location is None else [] if chosen is None else [chosen["id"]]
        own = [id_ for id_ in candidates if context.caller.may_at(Permission.SELL_IN_STORE, id_)]
        with_total = "totalCount" in selected_names(info._raw_info)  # noqa: SLF001
        return await parked_page(context, own, first, after, with_total=with_total)
