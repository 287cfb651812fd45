"""The ways in which a group of lines can be shipped, as the schema shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from api.access import SCOPED
from api.carts.viewing import OptionView, money_of
from api.context import Context
from api.execution.fields import Wanted, batched, inline
from api.ids import Kind, encode
from api.money import Money
from domain.channels.dispatch import Arrival, arrival


@strawberry.type(
    description="A way of shipping. A market that has none ships for nothing; of one that has some the default is taken unless another is "
    "chosen."
)
class DeliveryOption:
    id: strawberry.ID = inline(
        lambda view: encode(Kind.DeliveryOption, view.charge.option.id), SCOPED, "To choose it in cartDeliverySet."
    )
    name: str = inline(lambda view: view.charge.option.name, SCOPED, "For people.")

    @batched(
        SCOPED, "For this group; nothing where its lines cost enough to ship free. Taxed as its market's prices are."
    )
    async def price(views: Sequence[OptionView], context: Context, wanted: Wanted) -> Money:
        return [money_of(context, view.cart, view.charge.amount) for view in views]

    @batched(
        SCOPED,
        "The beginning of the first day on which it can arrive if it is ordered now, from whichever location it is shipped; "
        "null where none ships.",
    )
    async def earliest(views: Sequence[OptionView], context: Context, wanted: Wanted) -> datetime | None:
        return [None if found is None else found.earliest for found in _arrivals(views, context)]

    @batched(
        SCOPED,
        "The end of the last day on which it can arrive if it is ordered now, from whichever location it is shipped; null "
        "where none ships.",
    )
    async def latest(views: Sequence[OptionView], context: Context, wanted: Wanted) -> datetime | None:
        return [None if found is None else found.latest for found in _arrivals(views, context)]


def _arrivals(views: Sequence[Any], context: Context) -> list[Arrival | None]:
    origins = [
        context.directory.schedule_of(place.location_id)
        for place in context.directory.places(context.channel)
        if place.ships_orders
    ]
    days = {(view.charge.option.earliest_days, view.charge.option.latest_days) for view in views}
    known = {pair: arrival(context.now, origins, *pair) for pair in days}
    return [known[view.charge.option.earliest_days, view.charge.option.latest_days] for view in views]
