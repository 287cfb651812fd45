"""Holding stock for a cart: planned here from the latest numbers, decided by the database, in a transaction of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from api.directory import Directory, Entry
from api.identity.passwords import Attempts
from domain.access import Permission, Principal
from domain.carts.cart import Cart, CartLine
from domain.carts.delivery import demands
from domain.carts.hold_policy import HoldPolicy, held_by, without
from domain.errors import InvalidInput
from domain.inventory.adjustment import Movement
from domain.inventory.bundles import parts_of
from domain.inventory.sourcing import Allocation, Demand, InsufficientStock, allocate, with_remedies
from domain.inventory.stock import StockLevel, seen_by
from domain.orders.placing import Hold, matched
from persistence.database import Connection, Database, Reader
from persistence.inventory import movements, reservations, stock_levels
from persistence.inventory.coalescer import lane_of
from persistence.inventory.reservations import HoldRequest

HOLD_SECONDS = 600
LONGEST_HOLD_SECONDS = 1800
"""However often it is asked for again, a hold ends half an hour after it began."""

MOST_UNITS_HELD_PER_LINE = 100
"""For shoppers: nobody empties a shelf by holding it."""

MOST_CARTS_HELD = 3
"""For customers: carts that hold stock at the same time."""

_HOPEFUL_PLANS = 3
"""How often a plan made without locks may lose a race before one is made with them."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asking, and through which channel."""

    caller: Principal
    directory: Directory
    channel: Entry
    # Where a guest calls from, and what guests hold from there; null where nobody counts.
    address: str | None = None
    guest_holds: Attempts | None = None

    @contextmanager
    def counted_as_hold(self) -> Iterator[None]:
        """A guest has no account to count by, so its address is: a hold that was refused does not count.

        Raises InvalidInput when too much was held from there of late.
        """
        counts = self.guest_holds is not None and self.address is not None and self.caller.id is None
        if not counts:
            yield
            return
        assert self.guest_holds is not None
        assert self.address is not None
        if not self.guest_holds.admit(self.address):
            raise InvalidInput("Too many carts hold stock from your address; try again in a few minutes.")
        try:
            yield
        except BaseException:
            self.guest_holds.forgive(self.address)
            raise

    def forgive_hold(self) -> None:
        """What became an order is held no longer, so it does not count."""
        if self.guest_holds is not None and self.address is not None and self.caller.id is None:
            self.guest_holds.forgive(self.address)

    @property
    def till_location_id(self) -> int | None:
        """Where the caller hands things over the counter; null for whoever does not sell in a store."""
        place: int | None = self.channel["location_id"]
        return place if self.caller.may(Permission.SELL_IN_STORE) else None

    @property
    def hold_policy(self) -> HoldPolicy:
        """Of the channel; a product may say otherwise."""
        return HoldPolicy(self.channel["hold_policy"])

    def holds_at_once(self, cart: Cart) -> bool:
        """Whether something of it is held from the moment it is in the cart."""
        return bool(held_by(cart, self.hold_policy, HoldPolicy.AT_CART).lines)

    @property
    def sourcing_order(self) -> tuple[int, ...]:
        """All locations, in the order in which they are asked for stock."""
        return tuple(self.directory.locations)


def demands_of(cart: Cart, asking: Asking) -> tuple[Demand, ...]:
    places = {place.location_id: place for place in asking.directory.places(asking.channel)}
    selling = asking.directory.sells_to(asking.channel)
    return demands(cart, selling, places, asking.till_location_id)


async def reserve(database: Database, asking: Asking, cart: Cart) -> UUID:
    """Hold every line of the cart that is not held; returns the attempt that its holds carry. Raises InsufficientStock with all
    shortages.

    Never call it inside a transaction: what it holds is committed when it returns.
    """
    await _expect_within_caps(database, asking, cart)
    with asking.counted_as_hold():
        rest = await unheld(database, asking, cart)
        # Where all of it is held, but not as it should be, everything is held anew.
        return await _reserve(database, asking, cart, demands_of(rest if rest.lines else cart, asking))


async def unheld(database: Database, asking: Asking, cart: Cart) -> Cart:
    """The cart with those lines only that are not held as they should be."""
    if cart.held_until is None:
        return cart
    async with database.reading() as reader:
        held = await reservations.holds_of(reader, cart.id, live_only=True)
    found = matched(cart, held, asking.sourcing_order)
    # A line is held when every hold that serves it is used whole.
    partly = {share.cart_line_id for share in found.shares if share.hold.attempt not in found.fitting}
    fitting = {share.cart_line_id for share in found.shares} - partly
    return without(cart, [line for line in cart.lines if line.id in fitting])


async def _reserve(database: Database, asking: Asking, cart: Cart, wanted: Sequence[Demand]) -> UUID:
    for _ in range(_HOPEFUL_PLANS):
        async with database.reading() as reader:
            levels = await _levels_for(reader, asking, wanted)
        try:
            request = _request(asking, cart, allocate(wanted, levels))
        except InsufficientStock as refusal:
            # What expires from here on counts too: then the exact numbers decide.
            async with database.reading() as reader:
                has_expired = await reservations.any_expired(reader, [level.id for level in levels])
            if not has_expired:
                raise with_remedies(refusal, wanted, levels, asking.directory.places(asking.channel)) from None
            break
        if await lane_of(database).reserve(request):
            return request.attempt
    return await _reserve_on_exact_numbers(database, asking, cart, wanted)


async def _reserve_on_exact_numbers(database: Database, asking: Asking, cart: Cart, wanted: Sequence[Demand]) -> UUID:
    """With every candidate level locked, so that nobody is faster; and first whatever has expired is taken back."""
    async with database.transaction() as connection:
        ids = [level.id for level in await _levels_for(connection, asking, wanted)]
        await stock_levels.lock(connection, ids)
        await reservations.reclaim_expired(connection, ids)
        levels = await _levels_for(connection, asking, wanted)
        try:
            request = _request(asking, cart, allocate(wanted, levels))
        except InsufficientStock as refusal:
            short = refusal
        else:
            granted = await reservations.reserve(connection, [request])
            assert granted[0], "the levels are locked and were enough"
            return request.attempt
    # Raised only here, so that what was taken back stays taken back.
    raise with_remedies(short, wanted, levels, asking.directory.places(asking.channel))


async def _levels_for(reader: Reader, asking: Asking, wanted: Sequence[Demand]) -> list[StockLevel]:
    """Of everything that is wanted, as the channel sees it."""
    found = await stock_levels.by_variants(reader, {part.variant_id for demand in wanted for part in demand.parts})
    return seen_by(found, asking.directory.buffers_of(asking.channel))


def _request(asking: Asking, cart: Cart, plan: Sequence[Allocation]) -> HoldRequest:
    return HoldRequest(
        cart_id=cart.id,
        attempt=uuid4(),
        actor=asking.caller.actor,
        channel_id=asking.channel["id"],
        seconds=HOLD_SECONDS,
        allocations=plan,
    )


def may_hold(asking: Asking, line: CartLine) -> bool:
    """Whether the line is small enough for the caller to hold."""
    return not asking.caller.is_shopper or line.quantity <= _most_held(line)


def _most_held(line: CartLine) -> int:
    return MOST_UNITS_HELD_PER_LINE // max(part.quantity for part in parts_of(line.variant_id, line.components))


async def _expect_within_caps(database: Database, asking: Asking, cart: Cart) -> None:
    if not asking.caller.is_shopper:
        return
    for line in cart.lines:
        if not may_hold(asking, line):
            raise InvalidInput(f"At most {_most_held(line)} units of {line.sku} can be held at once.")
    if cart.customer_id is not None:
        async with database.reading() as reader:
            others = await reservations.other_carts_with_holds(reader, cart.customer_id, cart.id)
        if others >= MOST_CARTS_HELD:
            raise InvalidInput(f"You already hold stock in {others} other carts; release one of them first.")


async def release(connection: Connection, asking: Asking, holds: Sequence[Hold]) -> None:
    """Give back what is held; the caller has locked these reservations, nothing after them."""
    if not holds:
        return
    await stock_levels.lock(connection, [hold.stock_level_id for hold in holds])
    await reservations.release(connection, [hold.reservation_id for hold in holds])
    await movements.apply(
        connection,
        [
            Movement(
                stock_level_id=hold.stock_level_id,
                reason="RELEASE",
                reserved=-hold.quantity,
                reference=f"reservation:{hold.reservation_id}",
            )
            for hold in holds
        ],
        actor=asking.caller.actor,
        channel_id=asking.channel["id"],
    )
