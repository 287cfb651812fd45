"""When the stock of a line is held. A product may say otherwise than the channel that sells it."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from domain.carts.cart import Cart, CartLine


class HoldPolicy(Enum):
    """In the order in which the moments come."""

    AT_CART = "AT_CART"
    AT_CHECKOUT = "AT_CHECKOUT"
    AT_ORDER = "AT_ORDER"


_ORDER = tuple(HoldPolicy)


def policy_of(line: CartLine, of_channel: HoldPolicy) -> HoldPolicy:
    return of_channel if line.hold_policy is None else HoldPolicy(line.hold_policy)


def held_by(cart: Cart, of_channel: HoldPolicy, moment: HoldPolicy) -> Cart:
    """The cart with those lines only that are to be held by this moment; with the order that is all of them."""
    due = _ORDER[: _ORDER.index(moment) + 1]
    return replace(cart, lines=tuple(line for line in cart.lines if policy_of(line, of_channel) in due))


def without(cart: Cart, lines: Sequence[CartLine]) -> Cart:
    left_out = {line.id for line in lines}
    return replace(cart, lines=tuple(line for line in cart.lines if line.id not in left_out))
