"""Canaries: values that stand in the database once each, so that wherever one is found it is known where it came from.

Which callers a canary may reach is written down here, with the reason; everybody else must never see it.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CUSTOMER, GUEST, TILL, MARKETPLACE, SHOP = "customer", "guest", "till", "marketplace", "shop"
"""Whose: a signed-in customer's, a guest's, a sale's at the till, an app's, or the merchant's own."""


def canary(owner: str, column: str) -> str:
    return f"canary({owner}:{column})"


STOCK_NUMBERS: Mapping[str, int] = {
    "stock_level.on_hand": 311_234_567,
    "stock_level.unavailable": 41_113,
    "stock_level.safety_stock": 31_127,
    "stock_level.incoming": 77_731,
    "stock_level.backorder_limit": 55_557,
}
"""Numbers that occur nowhere else; the last digits of `on_hand` are free for what the tests sell."""

AVAILABLE = STOCK_NUMBERS["stock_level.on_hand"] - 41_113 - 31_127

PUBLIC_TEXT: frozenset[str] = frozenset(
    {
        # The merchant's shop window.
        *(f"category.{name}" for name in ("slug", "name")),
        *(f"collection.{name}" for name in ("slug", "name")),
        *(f"product.{name}" for name in ("slug", "name", "description", "brand", "tags", "options", "attributes")),
        *(f"variant.{name}" for name in ("sku", "barcode", "name", "selected_options")),
        *(f"media.{name}" for name in ("url", "alt", "kind")),
        # What a search looks at: the shop window once more.
        *(f"product_search.{name}" for name in ("document", "folded_name", "brand", "tags", "codes", "attributes")),
        "product_price_range.amounts",
        *(f"search_word.{name}" for name in ("word", "deletions")),
        *(f"market.{name}" for name in ("code", "name", "currency_code", "countries")),
        *(f"channel.{name}" for name in ("code", "name", "kind")),
        *(f"location.{name}" for name in ("code", "name", "kind", "address", "timezone", "opening_hours")),
        *(f"location.{name}" for name in ("opening_exceptions", "pickup_cutoff")),
        # Copies of what the shop window says.
        *(f"{table}.{name}" for table in ("cart_line", "order_line") for name in ("sku", "name")),
        *(f"delivery_option.{name}" for name in ("code", "name", "countries")),
        "order_delivery_group.option_name",
        "sales_order.currency_code",
        *("channel.hold_policy", "product.hold_policy"),
        # Words of our own, from a fixed list.
        *("cart.status", "cart_touch.action", "cart_delivery_group.method", "order_delivery_group.method"),
        *("sales_order.status", "sales_order.payment_status", "sales_order.fulfillment_status"),
        *("order_event.type", "order_event.actor_role", "payment.gateway", "payment.status"),
        *("reservation.state", "stock_movement.reason", "discrepancy.kind", "one_time_token.purpose"),
        *("staff.permissions", "app.permissions"),
        *("idempotency.operation", "idempotency.state", "idempotency.step", "idempotency.fingerprint"),
        # Ids and counters, no words of people; no field shows them.
        *(f"{table}.{name}" for table in ("outbox", "event_log") for name in ("topic", "key", "payload")),
        "relay_state.origin",
    }
)
"""Columns of text that need no canary. A new column is private until it stands here."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Canaries of these owners in these columns are for these callers."""

    owners: Iterable[str]
    columns: Iterable[str]
    callers: Iterable[str]
    reason: str


_PROFILE = ("customer.email", "customer.name", "customer.phone", "customer.addresses")
_CART = ("cart.email", "cart.parked_note", "cart_delivery_group.address")
_ORDER_STATES = ("sales_order.number", "sales_order.email", "order_event.message")
_ORDER = (*_ORDER_STATES, "sales_order.billing_address", "order_delivery_group.address")
_ORDERS_OF_ALL = (CUSTOMER, GUEST, TILL, MARKETPLACE)
_STOCK = (
    *(*STOCK_NUMBERS, "stock_level.available", "stock_movement.reference", "stock_movement.actor"),
    *("discrepancy.resolved_by", "discrepancy.resolution"),
    *("stock_count.reference", "stock_count.started_by", "stock_count_line.counted_by"),
)

EXPOSURES = (
    Exposure([CUSTOMER], _PROFILE, ["customer A"], "it is its own profile"),
    Exposure([CUSTOMER], _PROFILE, ["manager"], "READ_CUSTOMERS"),
    Exposure([CUSTOMER], (*_CART, *_ORDER), ["customer A"], "its own cart and orders"),
    Exposure([GUEST], _CART, ["guest A"], "holds the token of the cart"),
    Exposure([GUEST], _ORDER, ["guest A, once more"], "holds the token of the cart that became the order"),
    Exposure([TILL], _CART, ["manager", "staff of Berlin"], "SELL_IN_STORE at the till where the cart was begun"),
    Exposure([GUEST], _ORDER_STATES, ["right lookup"], "number and e-mail prove a guest; no address, no phone"),
    Exposure(_ORDERS_OF_ALL, (*_ORDER, "order_event.actor"), ["manager", "ERP"], "READ_ORDERS, bound to no place"),
    Exposure([TILL], (*_ORDER, "order_event.actor"), ["staff of Berlin"], "READ_ORDERS, sold at its location"),
    Exposure(
        [MARKETPLACE], (*_ORDER, "order_event.actor"), ["app of the marketplace"], "READ_ORDERS, sold over its channel"
    ),
    Exposure([SHOP], _STOCK, ["manager", "staff of Berlin"], "READ_STOCK"),
    Exposure([SHOP], _STOCK, ["staff of Hamburg"], "READ_STOCK: store staff sees every store's stock, changes its own"),
    Exposure(
        [SHOP],
        ["stock_level.available"],
        ["staff without permissions", "app without permissions", "app of another channel", "app of the marketplace", "ERP"],
        "AvailableQuantity is exact for staff and partner apps, capped for shoppers",
    ),
    Exposure([SHOP], ["app.name"], ["manager", "staff of Berlin"], "MANAGE_APPS, for apps of its own location"),
)  # fmt: skip


def expected_for(caller: str) -> set[str]:
    """What this caller must see when it asks for everything, and all of what it may see."""
    return {
        canary(owner, column)
        for exposure in EXPOSURES
        if caller in exposure.callers
        for owner in exposure.owners
        for column in exposure.columns
    }


def found_in(body: str) -> set[str]:
    """The canaries that occur in a response, numbers too; and whether bytes of one do, in hexadecimal or Base64."""
    body = body.lower()
    found = {f"canary({name.partition(')')[0]})" for name in body.split("canary(")[1:]}
    if b"canary(".hex() in body.replace("-", ""):
        found.add("canary in hex")
    if b64encode(b"canary").decode().lower() in body:
        found.add("canary in base64")
    numbers = {**STOCK_NUMBERS, "stock_level.available": AVAILABLE}
    return found | {canary(SHOP, column) for column, number in numbers.items() if str(number) in body}
