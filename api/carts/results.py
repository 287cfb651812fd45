"""What mutations of carts and orders answer: the cart as it stands, or why it was refused."""

from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from api.access import PUBLIC, SCOPED
from api.carts.changing import Changed
from api.carts.types import Cart, CartProblem, load_carts
from api.carts.viewing import ProblemView, problems_of
from api.context import Context
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound, UserError
from api.execution.fields import Wanted, batched, column
from api.inventory.types import InsufficientStock
from api.money import Money
from domain.carts.cart import CartStatus
from domain.carts.problems import CartProblemCode
from domain.money import Money as DomainMoney


async def _current_cart(sources: Any, context: Context, wanted: Wanted) -> Cart:
    return await load_carts(context, [source.cart_id for source in sources])


def cart_field() -> Any:
    """For payloads and refusals, which show the cart as it stands once everything is done."""
    return batched(SCOPED, "As it stands now.", name="cart")(_current_cart)


@strawberry.type(description="The cart after the change.")
class CartPayload:
    cart_id: strawberry.Private[UUID]
    cart = cart_field()
    cart_token: str | None = column(
        SCOPED,
        "The secret that lets a guest use this cart, sent back as the header Oneshelf-Cart-Token or in connection_init. Shown "
        "once: when a guest creates the cart or claims it by hand-off, which makes the former one useless. An id alone never authorizes anything.",
    )

    @batched(
        SCOPED,
        "What the shopper should know although the change was made: shortages, moved prices and holds that have run out.",
    )
    async def warnings(payloads: Any, context: Context, wanted: Wanted) -> list[CartProblem]:
        carts = await load_carts(context, [payload.cart_id for payload in payloads])
        return [
            [view for view in views if view.problem.line_id is not None and view.problem.code not in _MERELY_MISSING]
            for views in await problems_of(context, carts)
        ]


_MERELY_MISSING = {CartProblemCode.DELIVERY_MISSING, CartProblemCode.DELIVERY_OPTION_MISSING}


@strawberry.type(description="The cart was ordered, merged, parked or has expired; here it is.")
class CartNotOpen(UserError):
    cart_id: strawberry.Private[UUID]
    cart = cart_field()
    status: CartStatus = column(PUBLIC, "What became of it.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**UserError.fields_of(refusal), cart_id=refusal.cart_id, status=refusal.status)


@strawberry.type(description="Somebody else changed the cart: here it is as it stands now.")
class VersionConflict(UserError):
    cart_id: strawberry.Private[UUID]
    cart = cart_field()

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**UserError.fields_of(refusal), cart_id=refusal.cart_id)


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


def payload_of(changed: Changed) -> CartPayload:
    return CartPayload(cart_id=changed.cart_id, cart_token=changed.token)


@strawberry.type(description="The total is no longer what was expected; nothing was ordered.")
class PriceChanged(UserError):
    cart_id: strawberry.Private[UUID]
    cart = cart_field()
    expected_total: Money = column(SCOPED, "What the caller expected.")
    current_total: Money = column(SCOPED, "What it would cost now.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(
            **UserError.fields_of(refusal),
            cart_id=refusal.cart_id,
            expected_total=DomainMoney(refusal.expected_total, refusal.currency_code),
            current_total=DomainMoney(refusal.current_total, refusal.currency_code),
        )


@strawberry.type(
    description="Something is missing before it can be ordered: delivery, e-mail, an address. All of it at once."
)
class CartNotReady(UserError):
    cart_id: strawberry.Private[UUID]
    found: strawberry.Private[Any]

    @batched(SCOPED, "Everything that is missing.")
    async def problems(refusals: Any, context: Context, wanted: Wanted) -> list[CartProblem]:
        carts = await load_carts(context, [refusal.cart_id for refusal in refusals])
        return [
            [ProblemView(cart, problem) for problem in refusal.found]
            for cart, refusal in zip(carts, refusals, strict=True)
        ]

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**UserError.fields_of(refusal), cart_id=refusal.cart_id, found=refusal.problems)
