"""Things of the domain with everything a test does not care about filled in.

Variants, lines and delivery groups are named by small numbers, which are also the last digits of their ids.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.carts.cart import Cart, CartLine, CartStatus, DeliveryGroup, DeliveryMethod
from domain.inventory.remedies import Place
from domain.inventory.sourcing import Demand
from domain.inventory.stock import StockLevel
from domain.orders.placing import Hold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

ADDRESS = {"line1": "Karl-Marx-Allee 1", "city": "Berlin", "postal_code": "10178", "country_code": "DE"}

_CART_ID = UUID(int=0xCA27)


def variant_id(number: int = 1) -> UUID:
    return UUID(int=0xA000 + number)


def line_id(number: int = 1) -> UUID:
    return UUID(int=0xB000 + number)


def group_id(number: int = 1) -> UUID:
    return UUID(int=0xC000 + number)


def stock_level(
    *, on_hand: int, location: int = 1, variant: int = 1, id: int | None = None, **counters: int
) -> StockLevel:
    """Its id, unless given, is different for each pair of variant and location."""
    return StockLevel(
        id=variant * 1_000 + location if id is None else id,
        variant_id=variant_id(variant),
        location_id=location,
        on_hand=on_hand,
        **counters,
    )


def demand(quantity: int, *locations: int, variant: int = 1, line: int = 1, chosen: int | None = None) -> Demand:
    return Demand(line_id(line), variant_id(variant), f"SKU-{variant}", quantity, locations, chosen)


def place(location: int, *, offers_pickup: bool = False, ships_orders: bool = False) -> Place:
    return Place(location_id=location, offers_pickup=offers_pickup, ships_orders=ships_orders)


def cart_line(
    number: int = 1,
    *,
    quantity: int = 1,
    amount: int = 1_000,
    group: int | None = None,
    **values: Any,
) -> CartLine:
    """Line and variant carry the same number. It costs `amount` now as it did when it was added."""
    return CartLine(
        **{
            "id": line_id(number),
            "variant_id": variant_id(number),
            "sku": f"SKU-{number}",
            "name": f"Article {number}",
            "quantity": quantity,
            "added_amount": amount,
            "current_amount": amount,
            "is_on_sale": True,
            "channel_id": 1,
            "delivery_group_id": None if group is None else group_id(group),
            **values,
        }
    )


def shipped(number: int = 1, *, address: dict[str, str] | None = ADDRESS) -> DeliveryGroup:
    return DeliveryGroup(id=group_id(number), method=DeliveryMethod.SHIP, location_id=None, address=address)


def collected(number: int = 1, *, at: int) -> DeliveryGroup:
    return DeliveryGroup(id=group_id(number), method=DeliveryMethod.PICKUP, location_id=at, address=None)


def carried_out(number: int = 1, *, at: int) -> DeliveryGroup:
    return DeliveryGroup(id=group_id(number), method=DeliveryMethod.CARRY_OUT, location_id=at, address=None)


def cart(lines: Sequence[CartLine] = (), groups: Sequence[DeliveryGroup] = (), **values: Any) -> Cart:
    """Open, of nobody yet, with an e-mail address and a month to live."""
    return Cart(
        **{
            "id": _CART_ID,
            "version": 1,
            "status": CartStatus.OPEN,
            "customer_id": None,
            "token_hash": None,
            "staff_channel_id": None,
            "email": "ada@example.com",
            "phone": None,
            "billing_address": None,
            "channel_id": 1,
            "market_id": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "expires_at": NOW + timedelta(days=30),
            "held_until": None,
            "order_id": None,
            "lines": tuple(lines),
            "groups": tuple(groups),
            **values,
        }
    )


def hold(quantity: int, *, variant: int = 1, location: int = 1, attempt: int = 1) -> Hold:
    """Its reservation, like its level, is different for each pair of variant and location."""
    level = variant * 1_000 + location
    return Hold(attempt * 1_000_000 + level, UUID(int=attempt), level, variant_id(variant), location, quantity)
