"""What mutations of carts take."""

from typing import Any

import strawberry

from api.addresses import AddressInput
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy
from api.ids import Kind, key_of
from domain.carts.cart import DeliveryMethod
from domain.errors import NotFound

VERSION = "Refused with VersionConflict when the cart has another version by now."
KEY = "Sent again with the same input it changes nothing and returns the cart."
CART = "Which cart; the caller proves that it may by its credential or the cart's token."


def cart_key(id_: str) -> Any:
    """Raises NotFound for what is no cart's id."""
    key = key_of(Kind.Cart, id_)
    if key is None:
        raise NotFound("There is no such cart.", path=("input", "cartId"))
    return key


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
    cart_id: strawberry.ID = strawberry.field(description=CART)
    lines: list[CartLineInput] = strawberry.field(description="What to add; at least one.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="New quantities of lines.")
class CartLinesUpdateInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    lines: list[CartLineUpdateInput] = strawberry.field(description="Which lines, and how many; lines not named stay.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Lines to take out of a cart.")
class CartLinesRemoveInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    line_ids: list[strawberry.ID] = strawberry.field(description="Which lines.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Who buys. What is absent stays as it is; null clears it.")
class CartBuyerSetInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where the order's mails will go.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="For questions about the order.")
    billing_address: AddressInput | None = strawberry.field(default=strawberry.UNSET, description="For the invoice.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Lines not named stay where they are; a null lineIds means all lines.")
class DeliveryGroupInput:
    line_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Which lines leave together.")
    method: DeliveryMethod = strawberry.field(description="How.")
    location: LocationBy | None = strawberry.field(
        default=None, description="Where it is handed over; needed for all but SHIP, where we choose."
    )
    address: AddressInput | None = strawberry.field(default=None, description="Where it is shipped to; for SHIP only.")
    option: strawberry.ID | None = strawberry.field(
        default=None,
        description="How it is shipped, one of the options that go there; for SHIP only. Null for the default.",
    )


@strawberry.input(description="How the lines of a cart leave.")
class CartDeliverySetInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    groups: list[DeliveryGroupInput] = strawberry.field(description="Applied in this order.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Hold the stock of a cart.")
class CartHoldInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Give back what a cart holds.")
class CartReleaseInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
