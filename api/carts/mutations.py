"""Mutations of carts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from api.access import PUBLIC
from api.carts import commands, holds
from api.carts.handoffs.mutations import HandoffsMutation
from api.carts.inputs import (
    CartBuyerSetInput,
    CartCreateInput,
    CartDeliverySetInput,
    CartHoldInput,
    CartLineInput,
    CartLinesAddInput,
    CartLinesRemoveInput,
    CartLinesUpdateInput,
    CartReleaseInput,
    DeliveryGroupInput,
    cart_key,
)
from api.carts.merging.mutations import MergingMutation
from api.carts.parking.mutations import ParkingMutation
from api.carts.results import CartChangeResult, CartNotOpen, CartPayload, VersionConflict, payload_of
from api.carts.viewing import asking
from api.catalog.lookup import look_up_variants
from api.channels.types import find_location
from api.context import Context, Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.input_rules import checked_address, checked_email, checked_phone
from api.inputs import as_request
from api.inventory.types import InsufficientStock
from domain.carts.cart import MOST_LINES
from domain.carts.delivery import Wish
from domain.carts.editing import Addition, NewQuantity
from domain.errors import InvalidInput as Refused
from domain.errors import NotFound as Missing
from domain.errors import Path

CartCreateResult = Annotated[
    CartPayload | InvalidInput | NotFound | InsufficientStock | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CartCreateResult", description="The new cart, or why there is none."),
]
CartHoldResult = Annotated[
    CartPayload
    | NotFound
    | CartNotOpen
    | InsufficientStock
    | VersionConflict
    | InvalidInput
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union("CartHoldResult", description="The cart with its stock held, or every shortage."),
]


@strawberry.type
class CartsMutation(ParkingMutation, MergingMutation, HandoffsMutation):
    @strawberry.mutation(
        description="Begins a cart. A guest is given its token, shown once; a customer's or a till's cart needs none.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_create(self, info: Info, input: CartCreateInput) -> CartCreateResult:
        context = info.context
        changed = await commands.create(
            context.database,
            asking(context),
            additions=await _additions(context, input.lines or []),
            email=None if input.email is None else checked_email(input.email, ("input", "email")),
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Adds units; they add up with whatever others add meanwhile. Releases what cartHold has held. What is held from the moment "
        "it is in the cart (HoldPolicy.AT_CART) is held now; where that cannot be, `warnings` says so and the line stays.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_lines_add(self, info: Info, input: CartLinesAddInput) -> CartChangeResult:
        context = info.context
        if not input.lines:
            raise Refused("Say what to add.", path=("input", "lines"))
        changed = await commands.add_lines(
            context.database,
            asking(context),
            cart_key(input.cart_id),
            additions=await _additions(context, input.lines),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Sets quantities; 0 removes the line. Releases and holds as cartLinesAdd does.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_lines_update(self, info: Info, input: CartLinesUpdateInput) -> CartChangeResult:
        changes = [
            NewQuantity(
                _line_key(line.line_id, (*path, "lineId")), line.quantity, (*path, "lineId"), (*path, "quantity")
            )
            for position, line in enumerate(input.lines)
            for path in [("input", "lines", str(position))]
        ]
        return await _set_quantities(info.context, input, changes, "cartLinesUpdate")

    @strawberry.mutation(
        description="Takes lines out. Releases and holds as cartLinesAdd does.", metadata={ACCESS: PUBLIC}
    )
    async def cart_lines_remove(self, info: Info, input: CartLinesRemoveInput) -> CartChangeResult:
        changes = [
            NewQuantity(_line_key(line_id, path), 0, path, path)
            for position, line_id in enumerate(input.line_ids)
            for path in [("input", "lineIds", str(position))]
        ]
        return await _set_quantities(info.context, input, changes, "cartLinesRemove")

    @strawberry.mutation(
        description="Says who buys. What is absent stays; nothing that is held is released.", metadata={ACCESS: PUBLIC}
    )
    async def cart_buyer_set(self, info: Info, input: CartBuyerSetInput) -> CartChangeResult:
        changed = await commands.set_buyer(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            values=_buyer(input, info.context.market["countries"]),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Says how lines leave; lines not named stay where they are. Releases and holds as cartLinesAdd does.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_delivery_set(self, info: Info, input: CartDeliverySetInput) -> CartChangeResult:
        changed = await commands.set_delivery(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            wishes=_wishes(info.context, input.groups),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Holds the stock of every line for ten minutes, or of none and names all shortages; lines that are held with the order only "
        "are left out, and what is held already is not asked for again. Asked again it holds for longer, to half "
        "an hour at most. A shopper can hold up to "
        "100 units a line and, signed in, three carts at a time.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_hold(self, info: Info, input: CartHoldInput) -> CartHoldResult:
        changed = await holds.hold(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)

    @strawberry.mutation(
        description="Gives back what is held; a cart that holds nothing stays as it is.", metadata={ACCESS: PUBLIC}
    )
    async def cart_release(self, info: Info, input: CartReleaseInput) -> CartChangeResult:
        changed = await holds.release(
            info.context.database,
            asking(info.context),
            cart_key(input.cart_id),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return payload_of(changed)


async def _set_quantities(
    context: Context, input: CartLinesUpdateInput | CartLinesRemoveInput, changes: list[NewQuantity], operation: str
) -> CartPayload:
    changed = await commands.set_quantities(
        context.database,
        asking(context),
        cart_key(input.cart_id),
        changes=changes,
        expected_version=input.expected_version,
        key=input.idempotency_key,
        request=as_request(input),
        operation=operation,
    )
    return payload_of(changed)


def _line_key(id_: str, path: Path) -> Any:
    key = key_of(Kind.CartLine, id_)
    if key is None:
        raise Missing("This cart has no such line.", path=path)
    return key


async def _additions(context: Context, lines: list[CartLineInput]) -> list[Addition]:
    if len(lines) > MOST_LINES:
        raise Refused(f"A cart has at most {MOST_LINES} lines.", path=("input", "lines"))
    found = await look_up_variants(context, [line.variant for line in lines], on_sale_only=True)
    for position, variant in enumerate(found):
        if variant is None:
            raise Missing("There is no such variant on sale.", path=("input", "lines", str(position), "variant"))
    return [
        Addition(variant["id"], line.quantity, ("input", "lines", str(position)))
        for position, (line, variant) in enumerate(zip(lines, found, strict=True))
        if variant is not None
    ]


def _buyer(input: CartBuyerSetInput, countries: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if input.email is not strawberry.UNSET:
        values["email"] = None if input.email is None else checked_email(input.email, ("input", "email"))
    if input.phone is not strawberry.UNSET:
        values["phone"] = checked_phone(input.phone, countries, ("input", "phone"))
    if input.billing_address is not strawberry.UNSET:
        given = input.billing_address
        values["billing_address"] = (
            None if given is None else checked_address(asdict(given), ("input", "billingAddress"))
        )
    return values


def _wishes(context: Context, groups: list[DeliveryGroupInput]) -> list[Wish]:
    if not 1 <= len(groups) <= MOST_LINES:
        raise Refused(f"Between 1 and {MOST_LINES} groups.", path=("input", "groups"))
    return [_wish(context, group, ("input", "groups", str(position))) for position, group in enumerate(groups)]


def _wish(context: Context, group: DeliveryGroupInput, path: Path) -> Wish:
    location_id = None
    if group.location is not None:
        location = find_location(context, group.location)
        if location is None:
            raise Missing("There is no such location.", path=(*path, "location"))
        location_id = location["id"]
    line_ids = group.line_ids
    return Wish(
        None
        if line_ids is None
        else tuple(_line_key(id_, (*path, "lineIds", str(number))) for number, id_ in enumerate(line_ids)),
        group.method,
        location_id,
        None if group.address is None else checked_address(asdict(group.address), (*path, "address")),
        path,
        None if group.option is None else _option_key(group.option, (*path, "option")),
    )


def _option_key(id_: str, path: Path) -> Any:
    key = key_of(Kind.DeliveryOption, id_)
    if key is None:
        raise Missing("There is no such delivery option in this market.", path=path)
    return key
