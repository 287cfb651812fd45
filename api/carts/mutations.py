"""Mutations of carts."""

from typing import Annotated, Any

import strawberry

from api.access import PUBLIC
from api.addresses import AddressInput, checked
from api.carts import commands
from api.carts.commands import Changed
from api.carts.types import CartNotOpen, CartPayload, VersionConflict
from api.carts.viewing import asking
from api.catalog.lookup import look_up_variants
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy, find_location
from api.context import Context, Info
from api.emails import checked_email
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.types import InsufficientStock
from domain.carts.cart import MOST_LINES, DeliveryMethod
from domain.carts.delivery import Wish
from domain.carts.editing import Addition, NewQuantity
from domain.errors import InvalidInput as Refused
from domain.errors import NotFound as Missing
from domain.errors import Path

_VERSION = "Refused with VersionConflict when the cart has another version by now."
_KEY = "Sent again with the same input it changes nothing and returns the cart."
_CART = "Which cart; the caller proves that it may by its credential or the cart's token."


@strawberry.input(
    description="Adding a variant that has a line raises that line, whoever else is adding; quantity 1 to 999."
)
class CartLineInput:
    variant: ProductVariantBy = strawberry.field(description="What.")
    quantity: int = strawberry.field(description="How many more.")


@strawberry.input(description="Absolute; 0 removes the line.")
class CartLineUpdateInput:
    line_id: strawberry.ID = strawberry.field(description="Which line.")
    quantity: int = strawberry.field(description="How many there should be.")


@strawberry.input(description="A new cart, in the market of the caller's channel.")
class CartCreateInput:
    lines: list[CartLineInput] | None = strawberry.field(default=None, description="What is in it from the start.")
    email: str | None = strawberry.field(default=None, description="Where the order's mails will go.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="For guests a random UUID. For 10 minutes a repetition returns a fresh cartToken, which makes the earlier one "
        "useless.",
    )


@strawberry.input(description="More units in a cart.")
class CartLinesAddInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    lines: list[CartLineInput] = strawberry.field(description="What to add; at least one.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="New quantities of lines.")
class CartLinesUpdateInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    lines: list[CartLineUpdateInput] = strawberry.field(description="Which lines, and how many; lines not named stay.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Lines to take out of a cart.")
class CartLinesRemoveInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    line_ids: list[strawberry.ID] = strawberry.field(description="Which lines.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Who buys. What is absent stays as it is; null clears it.")
class CartBuyerSetInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where the order's mails will go.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="For questions about the order.")
    billing_address: AddressInput | None = strawberry.field(default=strawberry.UNSET, description="For the invoice.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Lines not named stay where they are; a null lineIds means all lines.")
class DeliveryGroupInput:
    line_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Which lines leave together.")
    method: DeliveryMethod = strawberry.field(description="How.")
    location: LocationBy | None = strawberry.field(
        default=None, description="Where it is handed over; needed for all but SHIP, where we choose."
    )
    address: AddressInput | None = strawberry.field(default=None, description="Where it is shipped to; for SHIP only.")


@strawberry.input(description="How the lines of a cart leave.")
class CartDeliverySetInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    groups: list[DeliveryGroupInput] = strawberry.field(description="Applied in this order.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Hold the stock of a cart.")
class CartHoldInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Give back what a cart holds.")
class CartReleaseInput:
    cart_id: strawberry.ID = strawberry.field(description=_CART)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


CartCreateResult = Annotated[
    CartPayload | InvalidInput | NotFound | InsufficientStock | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CartCreateResult", description="The new cart, or why there is none."),
]
CartChangeResult = Annotated[
    CartPayload
    | InvalidInput
    | NotFound
    | CartNotOpen
    | VersionConflict
    | InsufficientStock
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union("CartChangeResult", description="The cart as it is now, or why it has not changed."),
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
class CartsMutation:
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
        return CartPayload(cart_id=changed.cart_id, cart_token=changed.token)

    @strawberry.mutation(
        description="Adds units; they add up with whatever others add meanwhile. Releases what is held.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_lines_add(self, info: Info, input: CartLinesAddInput) -> CartChangeResult:
        context = info.context
        if not input.lines:
            raise Refused("Say what to add.", path=("input", "lines"))
        changed = await commands.add_lines(
            context.database,
            asking(context),
            _cart_key(input.cart_id),
            additions=await _additions(context, input.lines),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return _payload(changed)

    @strawberry.mutation(
        description="Sets quantities; 0 removes the line. Releases what is held.", metadata={ACCESS: PUBLIC}
    )
    async def cart_lines_update(self, info: Info, input: CartLinesUpdateInput) -> CartChangeResult:
        changes = [
            NewQuantity(_line_key(line.line_id, path), line.quantity, path)
            for position, line in enumerate(input.lines)
            for path in [("input", "lines", str(position))]
        ]
        return await _set_quantities(info.context, input, changes, "cartLinesUpdate")

    @strawberry.mutation(description="Takes lines out. Releases what is held.", metadata={ACCESS: PUBLIC})
    async def cart_lines_remove(self, info: Info, input: CartLinesRemoveInput) -> CartChangeResult:
        changes = [
            NewQuantity(_line_key(line_id, path), 0, path)
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
            _cart_key(input.cart_id),
            values=_buyer(input),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return _payload(changed)

    @strawberry.mutation(
        description="Says how lines leave; lines not named stay where they are. Releases what is held.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_delivery_set(self, info: Info, input: CartDeliverySetInput) -> CartChangeResult:
        changed = await commands.set_delivery(
            info.context.database,
            asking(info.context),
            _cart_key(input.cart_id),
            wishes=_wishes(info.context, input.groups),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return _payload(changed)

    @strawberry.mutation(
        description="Holds the stock of every line for ten minutes, or of none and names all shortages. A shopper can hold up to "
        "100 units a line and, signed in, three carts at a time.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_hold(self, info: Info, input: CartHoldInput) -> CartHoldResult:
        changed = await commands.hold(
            info.context.database,
            asking(info.context),
            _cart_key(input.cart_id),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return _payload(changed)

    @strawberry.mutation(
        description="Gives back what is held; a cart that holds nothing stays as it is.", metadata={ACCESS: PUBLIC}
    )
    async def cart_release(self, info: Info, input: CartReleaseInput) -> CartChangeResult:
        changed = await commands.release(
            info.context.database,
            asking(info.context),
            _cart_key(input.cart_id),
            expected_version=input.expected_version,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return _payload(changed)


def _payload(changed: Changed) -> CartPayload:
    return CartPayload(cart_id=changed.cart_id, cart_token=changed.token)


async def _set_quantities(
    context: Context, input: CartLinesUpdateInput | CartLinesRemoveInput, changes: list[NewQuantity], operation: str
) -> CartPayload:
    changed = await commands.set_quantities(
        context.database,
        asking(context),
        _cart_key(input.cart_id),
        changes=changes,
        expected_version=input.expected_version,
        key=input.idempotency_key,
        request=as_request(input),
        operation=operation,
    )
    return _payload(changed)


def _cart_key(id_: str) -> Any:
    key = key_of(Kind.Cart, id_)
    if key is None:
        raise Missing("There is no such cart.", path=("input", "cartId"))
    return key


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


def _buyer(input: CartBuyerSetInput) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if input.email is not strawberry.UNSET:
        values["email"] = None if input.email is None else checked_email(input.email, ("input", "email"))
    if input.phone is not strawberry.UNSET:
        if input.phone is not None and len(input.phone) > 40:
            raise Refused("A phone number has at most 40 characters.", path=("input", "phone"))
        values["phone"] = input.phone
    if input.billing_address is not strawberry.UNSET:
        given = input.billing_address
        values["billing_address"] = None if given is None else checked(given, ("input", "billingAddress"))
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
        None if group.address is None else checked(group.address, (*path, "address")),
        path,
    )
