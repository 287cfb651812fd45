"""Making one cart of two, on signing in or by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts import holding
from api.carts.changing import CART_PATH, now, touch
from api.carts.holding import Asking
from domain.carts.cart import Cart, CartAction, CartLine, CartStatus, DeliveryGroup, expect_open, expect_parked
from domain.carts.merging import MergeChange, Merged, MergeMode, merge
from domain.errors import InvalidInput, NotFound
from domain.orders.placing import Hold, still_needed
from persistence import idempotency
from persistence.carts import carts, lines, moving
from persistence.database import Connection, Database
from persistence.inventory import reservations
from persistence.pricing import prices

SOURCE_PATH = ("input", "sourceId")
TARGET_PATH = ("input", "targetId")

_ATTEMPTS = 3
"""How often a customer's open cart may become another one while a guest's is merged into it."""

Report = list[dict[str, Any]]
"""Of each change: action, variant_id, sku, name, quantity_before, quantity_after, all as JSON."""


@dataclass(frozen=True, slots=True)
class MergedCarts:
    """The target, and what became of each line of both."""

    cart_id: UUID
    report: Report


async def merge_carts(
    database: Database,
    asking: Asking,
    source_id: UUID,
    target_id: UUID,
    *,
    mode: MergeMode,
    is_dry_run: bool,
    key: str | None,
    request: Any,
) -> MergedCarts:
    """The caller must be able to reach both. A dry run tells what would become of each line, changes and remembers nothing.

    Raises NotFound, CartNotOpen, InvalidInput and the pair of idempotency refusals.
    """
    if source_id == target_id:
        raise InvalidInput("A cart is not merged into itself.", TARGET_PATH)
    scope = idempotency.scope_of(asking.caller)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=scope,
            key=None if is_dry_run else key,
            operation="cartMerge",
            request=request,
        ) as first,
    ):
        found = {id_: await carts.lock(connection, id_) for id_ in sorted((source_id, target_id))}
        source = _reachable(found[source_id], asking, SOURCE_PATH)
        target = _reachable(found[target_id], asking, TARGET_PATH)
        if first.result is not None:
            return MergedCarts(target_id, first.result["report"])
        expect_parked(source, now())
        expect_parked(target, now())
        merged = await _decided(connection, source, target, mode)
        report = told(merged.report)
        if not is_dry_run:
            await _write(connection, asking, source, target, merged, report)
            first.remember({"cart": str(target_id), "report": report})
        return MergedCarts(target_id, report)


async def claim_on_signing_in(
    connection: Connection, asking: Asking, cart_id: UUID, customer_id: UUID, mode: MergeMode
) -> Report | None:
    """The guest's cart becomes the customer's, or is merged into the open one: then this is the report. Done twice it is
    done once.

    Raises NotFound unless the caller holds the cart's token, CartNotOpen when it can no longer be changed.
    """
    for _ in range(_ATTEMPTS):
        target_id = await moving.active_of(connection, customer_id, now())
        ids = sorted({cart_id} if target_id is None else {cart_id, target_id})
        found = {id_: await carts.lock(connection, id_) for id_ in ids}
        source = found[cart_id]
        if source is not None and source.status is CartStatus.MERGED:
            return await _report_of_earlier(connection, asking, source, customer_id)
        if source is not None and source.customer_id == customer_id:
            return None
        source = _proved(source, asking)
        expect_open(source, now())
        target = None if target_id is None else found[target_id]
        if target is None:
            await _give(connection, asking, source, customer_id)
            return None
        if target.status is CartStatus.OPEN and target.expires_at > now():
            merged = await _decided(connection, source, target, mode)
            report = told(merged.report)
            await _write(connection, asking, source, target, merged, report)
            return report
    raise NotFound("The open cart keeps changing; sign in again.", path=CART_PATH)


def told(report: Sequence[MergeChange]) -> Report:
    """As it is remembered; it says nothing of a person."""
    return [
        {
            "action": change.action.value,
            "variant_id": str(change.variant_id),
            "sku": change.sku,
            "name": change.name,
            "quantity_before": change.quantity_before,
            "quantity_after": change.quantity_after,
        }
        for change in report
    ]


def _reachable(cart: Cart | None, asking: Asking, path: tuple[str, ...]) -> Cart:
    if cart is None or not cart.is_open_to(asking.caller, asking.channel["id"]):
        raise NotFound("There is no such cart.", path=path)
    return cart


def _proved(cart: Cart | None, asking: Asking) -> Cart:
    if cart is None or cart.token_hash is None or cart.token_hash != asking.caller.cart_token_hash:
        raise NotFound("There is no such cart.", path=CART_PATH)
    return cart


async def _report_of_earlier(connection: Connection, asking: Asking, source: Cart, customer_id: UUID) -> Report:
    _proved(source, asking)
    assert source.merged_into_id is not None, "the database says where every merged cart went"
    target = await carts.by_id(connection, source.merged_into_id)
    if target is None or target.customer_id != customer_id:
        raise NotFound("There is no such cart.", path=CART_PATH)
    return await moving.merge_report(connection, source.id)


async def _give(connection: Connection, asking: Asking, cart: Cart, customer_id: UUID) -> None:
    await carts.give_to_customer(connection, cart.id, customer_id)
    await touch(connection, asking, cart.id, CartAction.CLAIMED)


async def _decided(connection: Connection, source: Cart, target: Cart, mode: MergeMode) -> Merged:
    wanted = [line.variant_id for line in source.lines]
    sold = await prices.by_variant(connection, wanted, target.market_id) if wanted else []
    return merge(source, target, mode, {row["variant_id"]: row["amount"] for row in sold})


async def _write(
    connection: Connection, asking: Asking, source: Cart, target: Cart, merged: Merged, report: Report
) -> None:
    by_cart = {id_: await reservations.lock_holds(connection, id_) for id_ in sorted((source.id, target.id))}
    held = [*by_cart[target.id], *by_cart[source.id]]
    quantities = {
        line.id: merged.quantities.get(line.variant_id, 0)
        for line in target.lines
        if merged.quantities.get(line.variant_id, 0) != line.quantity
    }
    if quantities:
        await lines.set_quantities(connection, target.id, quantities)
    await _take_over(connection, source, target, merged.moved)
    await lines.drop_empty_groups(connection, target.id)
    if not _is_anothers(source, target):
        await carts.set_buyer(
            connection,
            target.id,
            email=target.email or source.email,
            phone=target.phone or source.phone,
            billing_address=target.billing_address or source.billing_address,
        )
    await moving.mark_merged(connection, source.id, target.id, report)
    await _keep_held(connection, asking, target.id, held)
    await touch(connection, asking, source.id, CartAction.MERGED)
    await touch(connection, asking, target.id, CartAction.MERGED)


async def _keep_held(connection: Connection, asking: Asking, target_id: UUID, held: Sequence[Hold]) -> None:
    """Holds move with their lines; those of which the merged cart needs only part, or nothing, are given back. A cart with a line
    that is too large for its shopper to hold holds nothing: nobody empties a shelf by merging either.
    """
    cart = await carts.by_id(connection, target_id)
    assert cart is not None, "carts are never deleted"
    may_be_held = all(holding.may_hold(asking, line) for line in cart.lines)
    kept = still_needed(cart, held, asking.sourcing_order) if may_be_held else ()
    await holding.release(connection, asking, [hold for hold in held if hold not in kept])
    if kept:
        await reservations.move(connection, [hold.reservation_id for hold in kept], target_id)


async def _take_over(connection: Connection, source: Cart, target: Cart, moved: Sequence[CartLine]) -> None:
    """Lines leave as they were to leave in the source, with whatever leaves the same way in the target. Where another customer
    lives stays with that one's cart.
    """
    if not moved:
        return
    groups = {_way(group): group.id for group in target.groups}
    new: list[DeliveryGroup] = []
    group_of: dict[UUID, UUID | None] = {}
    for line in moved:
        group = source.group_of(line)
        if group is not None and group.address is not None and _is_anothers(source, target):
            group = None
        if group is not None and _way(group) not in groups:
            new.append(
                DeliveryGroup(
                    id=uuid7(),
                    method=group.method,
                    location_id=group.location_id,
                    address=group.address,
                    # Another market ships by options of its own.
                    option_id=group.option_id if source.market_id == target.market_id else None,
                )
            )
            groups[_way(group)] = new[-1].id
        group_of[line.id] = None if group is None else groups[_way(group)]
    await lines.insert_groups(connection, target.id, new)
    await moving.copy_lines(
        connection,
        target.id,
        [{"line_id": line.id, "id": uuid7(), "group_id": group_of[line.id]} for line in moved],
    )


def _is_anothers(source: Cart, target: Cart) -> bool:
    """Whether the source says of its customer what whoever holds the target must not read: a till may merge two customers'."""
    holds_target = target.customer_id is not None or target.token_hash is not None
    return holds_target and source.customer_id not in (None, target.customer_id)


def _way(group: DeliveryGroup) -> tuple[Any, ...]:
    address = None if group.address is None else tuple(sorted(group.address.items()))
    return group.method, group.location_id, address, group.option_id
