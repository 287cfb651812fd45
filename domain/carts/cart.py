"""A cart as it stands: whose it is, what is in it, and how each line is to leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from domain.access import Permission, Principal
from domain.errors import DomainError
from domain.inventory.bundles import Component
from domain.pricing.totals import PricedLine

MOST_LINES = 200
MOST_UNITS = 999


class CartStatus(Enum):
    OPEN = "OPEN"
    PARKED = "PARKED"
    MERGED = "MERGED"
    ORDERED = "ORDERED"
    EXPIRED = "EXPIRED"


class CartAction(Enum):
    CREATED = "CREATED"
    CHANGED = "CHANGED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    PARKED = "PARKED"
    RESUMED = "RESUMED"
    HANDED_OFF = "HANDED_OFF"
    CLAIMED = "CLAIMED"
    MERGED = "MERGED"
    ORDERED = "ORDERED"


class DeliveryMethod(Enum):
    SHIP = "SHIP"
    PICKUP = "PICKUP"
    # Asked for online, looked at and paid in the store.
    RESERVE_IN_STORE = "RESERVE_IN_STORE"
    CARRY_OUT = "CARRY_OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """One variant; amounts are minor units of the cart's market."""

    id: UUID
    variant_id: UUID
    sku: str
    name: str
    quantity: int
    # What it cost when it was added, and what it costs now: null when its market no longer sells it.
    added_amount: int
    current_amount: int | None
    is_on_sale: bool
    channel_id: int
    delivery_group_id: UUID | None
    # What a bundle is made of now; empty for everything else.
    components: tuple[Component, ...] = ()
    # When its product is held, a name of HoldPolicy; null where the channel decides.
    hold_policy: str | None = None

    @property
    def unit_amount(self) -> int:
        """Now, or what it was while nobody sells it."""
        return self.added_amount if self.current_amount is None else self.current_amount

    @property
    def priced(self) -> PricedLine:
        return PricedLine(self.unit_amount, self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryGroup:
    """Lines that leave together. `location_id` is null exactly when they are shipped."""

    id: UUID
    method: DeliveryMethod
    location_id: int | None
    address: Mapping[str, Any] | None
    # The way of shipping that somebody has chosen; null for the default.
    option_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Lines are in the order in which they were added."""

    id: UUID
    version: int
    status: CartStatus
    customer_id: UUID | None
    token_hash: bytes | None
    staff_channel_id: int | None
    email: str | None
    phone: str | None
    billing_address: Mapping[str, Any] | None
    channel_id: int
    market_id: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    held_until: datetime | None
    order_id: UUID | None
    lines: tuple[CartLine, ...]
    groups: tuple[DeliveryGroup, ...]
    # Where it was set aside, while it is.
    parked_location_id: int | None = None
    parked_note: str | None = None
    merged_into_id: UUID | None = None
    # Variants of which the last hold has run out.
    lapsed: frozenset[UUID] = frozenset()

    def is_open_to(self, caller: Principal, channel_id: int) -> bool:
        """Its customer, whoever holds its token, and at a till whoever may sell there; while it is parked in a store, whoever
        sells in that store. Its id alone opens nothing.
        """
        if self.customer_id is not None and self.customer_id == caller.customer_id:
            return True
        if self.token_hash is not None and self.token_hash == caller.cart_token_hash:
            return True
        if self.status is CartStatus.PARKED and self.parked_location_id is not None:
            return caller.may_at(Permission.SELL_IN_STORE, self.parked_location_id)
        return self.staff_channel_id == channel_id and caller.may(Permission.SELL_IN_STORE)

    def group_of(self, line: CartLine) -> DeliveryGroup | None:
        return next((group for group in self.groups if group.id == line.delivery_group_id), None)


@dataclass(eq=False, kw_only=True)
class CartNotOpen(DomainError):
    """It was ordered, merged, parked or has expired."""

    message: str = "This cart can no longer be changed."
    cart_id: UUID
    status: CartStatus


@dataclass(eq=False, kw_only=True)
class VersionConflict(DomainError):
    """Somebody else changed the cart meanwhile."""

    message: str = "The cart has changed since; look at it again."
    cart_id: UUID


@dataclass(eq=False, kw_only=True)
class PriceChanged(DomainError):
    """The total is no longer what the shopper agreed to; both in minor units."""

    message: str = "The total has changed; look at it again."
    cart_id: UUID
    expected_total: int
    current_total: int
    currency_code: str


def expect_open(cart: Cart, now: datetime) -> None:
    """Raises CartNotOpen; a cart past its time is expired whether or not anybody has written that down."""
    if cart.status is not CartStatus.OPEN:
        raise CartNotOpen(cart_id=cart.id, status=cart.status)
    if cart.expires_at <= now:
        raise CartNotOpen(cart_id=cart.id, status=CartStatus.EXPIRED)


def expect_parked(cart: Cart, now: datetime) -> None:
    """Raises CartNotOpen for carts that are neither parked nor open, or past their time."""
    if cart.status is not CartStatus.PARKED:
        expect_open(cart, now)
    elif cart.expires_at <= now:
        raise CartNotOpen(cart_id=cart.id, status=CartStatus.EXPIRED)


def expect_version(cart: Cart, expected: int | None) -> None:
    """Raises VersionConflict; without an expectation any version will do."""
    if expected is not None and cart.version != expected:
        raise VersionConflict(cart_id=cart.id, path=("input", "expectedVersion"))
