"""What stands in a cart's way, computed whenever it is read. A problem never blocks another line, nor reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.carts.cart import Cart, CartLine, DeliveryMethod
from domain.carts.shipping import DeliveryOption, without_option
from domain.errors import DomainError
from domain.inventory.bundles import parts_of
from domain.inventory.remedies import Remedy, RemedyKind
from domain.inventory.sourcing import Shortfall


class CartProblemCode(Enum):
    OUT_OF_STOCK = "OUT_OF_STOCK"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    NOT_AVAILABLE_AT_LOCATION = "NOT_AVAILABLE_AT_LOCATION"
    NOT_SOLD_IN_MARKET = "NOT_SOLD_IN_MARKET"
    PRICE_CHANGED = "PRICE_CHANGED"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    CART_EMPTY = "CART_EMPTY"
    DELIVERY_MISSING = "DELIVERY_MISSING"
    DELIVERY_OPTION_MISSING = "DELIVERY_OPTION_MISSING"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    EMAIL_MISSING = "EMAIL_MISSING"


@dataclass(frozen=True, slots=True)
class CartProblem:
    """`line_id` is null when it is about the whole cart."""

    code: CartProblemCode
    message: str
    line_id: UUID | None = None
    remedies: tuple[Remedy, ...] = ()


@dataclass(eq=False, kw_only=True)
class CartNotReady(DomainError):
    """Everything that is missing before it can be ordered, at once."""

    message: str = "Something is missing before this cart can be ordered."
    cart_id: UUID
    problems: Sequence[CartProblem]


_REMOVE = (Remedy(kind=RemedyKind.REMOVE_LINE),)


def missing(cart: Cart, options: Sequence[DeliveryOption] = ()) -> tuple[CartProblem, ...]:
    """What must be mended before the cart can be ordered, stock apart. `options` are those of the cart's market."""
    if not cart.lines:
        return (CartProblem(CartProblemCode.CART_EMPTY, "The cart is empty."),)
    problems = [problem for line in cart.lines for problem in _unsellable(line)]
    problems.extend(
        CartProblem(CartProblemCode.DELIVERY_MISSING, f"Say how {line.name} is to leave.", line.id)
        for line in cart.lines
        if cart.group_of(line) is None
    )
    problems.extend(
        CartProblem(
            CartProblemCode.DELIVERY_OPTION_MISSING, f"Say by which option {line.name} is to be shipped.", line.id
        )
        for line in without_option(cart, options)
    )
    shipped = [group for group in cart.groups if group.method is DeliveryMethod.SHIP]
    if any(group.address is None for group in shipped):
        problems.append(CartProblem(CartProblemCode.ADDRESS_MISSING, "Say where it is to be shipped."))
    is_all_carried_out = all(
        (group := cart.group_of(line)) is not None and group.method is DeliveryMethod.CARRY_OUT for line in cart.lines
    )
    if cart.email is None and not is_all_carried_out:
        problems.append(CartProblem(CartProblemCode.EMAIL_MISSING, "Say which e-mail address the order is for."))
    return tuple(problems)


def short(shortfalls: Sequence[Shortfall]) -> tuple[CartProblem, ...]:
    """Lines that stock cannot serve."""
    return tuple(_shortage(shortfall) for shortfall in shortfalls)


def noticed(cart: Cart) -> tuple[CartProblem, ...]:
    """What a shopper should know but need not mend: prices that moved, and holds that have run out."""
    moved = tuple(
        CartProblem(CartProblemCode.PRICE_CHANGED, f"The price of {line.name} has changed.", line.id)
        for line in cart.lines
        if line.is_on_sale and line.current_amount is not None and line.current_amount != line.added_amount
    )
    lapsed = tuple(
        CartProblem(CartProblemCode.HOLD_EXPIRED, f"{line.name} is no longer held for you.", line.id)
        for line in cart.lines
        if any(part.variant_id in cart.lapsed for part in parts_of(line.variant_id, line.components))
    )
    return (*moved, *lapsed)


def _unsellable(line: CartLine) -> tuple[CartProblem, ...]:
    if not line.is_on_sale:
        return (CartProblem(CartProblemCode.WITHDRAWN, f"{line.name} is no longer sold.", line.id, _REMOVE),)
    if line.current_amount is None:
        message = f"{line.name} is not sold in this market."
        return (CartProblem(CartProblemCode.NOT_SOLD_IN_MARKET, message, line.id, _REMOVE),)
    return ()


def _shortage(shortfall: Shortfall) -> CartProblem:
    if shortfall.available == 0 and shortfall.location_id is not None:
        code, message = CartProblemCode.NOT_AVAILABLE_AT_LOCATION, f"{shortfall.sku} is not available there."
    elif shortfall.available == 0:
        code, message = CartProblemCode.OUT_OF_STOCK, f"{shortfall.sku} is sold out."
    else:
        code = CartProblemCode.INSUFFICIENT_STOCK
        message = f"There is not enough of {shortfall.sku}."
    return CartProblem(code, message, shortfall.line_id, shortfall.remedies)
