"""Mutations that set carts aside and take them up again."""

import strawberry

from api.access import PUBLIC
from api.carts.inputs import CART, KEY, VERSION, cart_key
from api.carts.parking import commands
from api.carts.results import CartChangeResult, payload_of
from api.carts.viewing import asking
from api.context import Info
from api.execution.access import ACCESS
from api.inputs import as_request


@strawberry.input(description="Releases what is held; a parked cart takes only cartResume, cartMerge and a hand-off.")
class CartParkInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    note: str | None = strawberry.field(
        default=None, description="A word for whoever takes it up again; up to 500 characters."
    )
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Takes a parked cart up again.")
class CartResumeInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type
class ParkingMutation:
    @strawberry.mutation(
        description="Sets a cart aside and releases what it holds. Parked at a till, whoever sells in that store finds it in "
        "parkedCarts and can resume it. A cart that is parked stays as it is.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_park(self, info: Info, input: CartParkInput) -> CartChangeResult:
        changed = await commands.park(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            note=input.note,
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Takes a parked cart up again, on whatever channel; at a till whoever sells there can go on with it. A cart "
        "that is open stays as it is.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_resume(self, info: Info, input: CartResumeInput) -> CartChangeResult:
        changed = await commands.resume(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)
