"""The rows that a placed cart becomes."""

from collections.abc import Mapping, Sequence
from secrets import token_bytes
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts.holding import Asking
from domain.carts.cart import Cart
from domain.orders.number import order_number
from domain.orders.placing import FulfillmentStatus, Placement


def order_values(asking: Asking, cart: Cart, decided: Placement, order_id: UUID) -> dict[str, Any]:
    market = asking.directory.markets[cart.market_id]
    is_complete = decided.fulfillment_status is FulfillmentStatus.FULFILLED and decided.payment_status.value == "PAID"
    return {
        "id": order_id,
        "number": order_number(token_bytes(10)),
        "cart_id": cart.id,
        "status": "COMPLETED" if is_complete else "OPEN",
        "payment_status": decided.payment_status.value,
        "fulfillment_status": decided.fulfillment_status.value,
        "customer_id": cart.customer_id,
        "email": cart.email,
        "phone": cart.phone,
        "billing_address": cart.billing_address,
        "channel_id": asking.channel["id"],
        "location_id": asking.till_location_id,
        "market_id": cart.market_id,
        "currency_code": market["currency_code"],
        "tax_included": market["tax_included"],
        "subtotal_amount": decided.totals.subtotal,
        "tax_amount": decided.totals.tax,
        "total_amount": decided.totals.total,
        "delivery_amount": decided.totals.delivery,
    }


def group_values(
    cart: Cart, decided: Placement, order_id: UUID, group_ids: Mapping[UUID, UUID]
) -> list[dict[str, Any]]:
    charged = {delivery.cart_group_id: delivery for delivery in decided.deliveries}
    return [
        {
            "id": group_ids[group.id],
            "order_id": order_id,
            "method": group.method.value,
            "location_id": group.location_id,
            "address": None if group.address is None else dict(group.address),
            "option_name": charged[group.id].option_name,
            "amount": charged[group.id].amount,
            "tax_amount": charged[group.id].tax_amount,
        }
        for group in cart.groups
    ]


def payment_values(decided: Placement, order_id: UUID) -> list[dict[str, Any]]:
    return [
        {"id": uuid7(), "order_id": order_id, "gateway": gateway, "status": status.value, "amount": amount}
        for gateway, status, amount in decided.payments
    ]


def placed_by(asking: Asking, message: str) -> dict[str, Any]:
    """The first step of its timeline."""
    return {
        "actor_role": asking.caller.actor_role,
        "actor": asking.caller.actor,
        "channel_id": asking.channel["id"],
        "message": message,
    }


def line_values(cart: Cart, decided: Placement, order_id: UUID, group_ids: dict[UUID, UUID]) -> list[dict[str, Any]]:
    priced = {line.cart_line_id: line for line in decided.lines}
    return [
        {
            "id": uuid7(),
            "cart_line_id": line.id,
            "order_id": order_id,
            "delivery_group_id": group_ids[line.delivery_group_id],
            "variant_id": line.variant_id,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unit_amount": priced[line.id].unit_amount,
            "line_amount": priced[line.id].line_amount,
            "tax_amount": priced[line.id].tax_amount,
        }
        for line in cart.lines
        if line.delivery_group_id is not None
    ]


def component_values(cart: Cart, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    line_ids = {line["cart_line_id"]: line["id"] for line in lines}
    return [
        {
            "order_line_id": line_ids[line.id],
            "variant_id": component.variant_id,
            "quantity": component.quantity,
        }
        for line in cart.lines
        for component in line.components
    ]
