"""Somebody among many who does one thing after another: as a shopper, a seller, a partner or in the stockroom."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid4

from api.housekeeping import Housekeeper
from api.ids import Kind, key_of
from api.orders.changing import Changing
from api.orders.fulfilling import HandOver, collect, ship
from domain.errors import DomainError
from tests.shop import Cart, Shop

SKUS = ("shirt", "hat", "belt", "sock")
PLACES = ("berlin", "hamburg", "warehouse")

# All lines of an attempt end together, as they began: at once, or within two seconds.
_SOME_HOLD_EXPIRES = """
WITH chosen AS (SELECT cart_id, attempt FROM reservation WHERE state = 'HELD' ORDER BY random() LIMIT 1),
     locked AS (SELECT reservation.id FROM reservation JOIN chosen USING (cart_id, attempt)
                WHERE reservation.state = 'HELD' ORDER BY reservation.id FOR UPDATE OF reservation)
UPDATE reservation SET expires_at = clock_timestamp() + make_interval(secs => CAST(:seconds AS float8))
FROM locked WHERE reservation.id = locked.id
"""


@dataclass
class Market:
    """What all of them see and fight over."""

    shop: Shop
    carts: list[Cart] = field(default_factory=list)
    orders: list[tuple[Cart, str]] = field(default_factory=list)
    transfers: list[tuple[str, str]] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)


def made_by(answer: dict[str, Any]) -> str | None:
    """The id of what was made, which is the same for all who asked for it with one key."""
    ids = [answer[name]["id"] for name in ("order", "transfer", "stockCount") if name in answer]
    return ids[0] if ids else None


class Worker:
    def __init__(self, market: Market, seed: int) -> None:
        self.market = market
        self.shop = market.shop
        self.random = Random(seed)
        self.staff = self.shop.staff()

    async def work(self, steps: int) -> None:
        await self.begin()
        shopping = [self.begin, self.hold, self.release, self.change, self.order, self.order, self.order]
        serving = [self.cancel, self.hand_over, self.hand_over, self.sell_offline, self.expire, self.sweep]
        stocking = [self.adjust, self.adjust, self.set_number, self.send, self.receive, self.resolve]
        counting = [self.begin_count, self.count, self.sync]
        for _ in range(steps):
            await self.random.choice([*shopping, *serving, *stocking, *counting])()

    def some(self, items: list[Any]) -> Any:
        return self.random.choice(items)

    async def do(self, name: str, act: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Sometimes three times at once with the same key. Who is refused leaves no trace, so a twin may find it possible a
        moment later; but it is done once.
        """
        answers = await asyncio.gather(*(act() for _ in range(self.random.choice((1, 1, 3)))))
        for answer in answers:
            self.market.seen[f"{name} {answer['__typename']}"] += 1
        done = [answer for answer in answers if answer["__typename"].endswith("Payload")]
        assert len({made_by(answer) for answer in done}) <= 1, answers
        return done[0] if done else answers[0]

    async def staff_does(self, mutation: str, **input_: Any) -> dict[str, Any]:
        key = str(uuid4())
        return await self.do(mutation, lambda: self.staff.do(mutation, **input_, idempotencyKey=key))

    def pair(self) -> dict[str, Any]:
        return {"variant": {"sku": self.random.choice(SKUS)}, "location": {"code": self.random.choice(PLACES)}}

    # Shoppers.

    async def begin(self) -> None:
        units = {sku: self.random.randint(1, 3) for sku in self.random.sample(SKUS, self.random.randint(1, 3))}
        kind = self.random.choice(("pickup", "ship", "ship", "till"))
        if kind == "till":
            cart = await self.staff.cart(units)
        else:
            cart = await self.shop.guest_cart(units, self.random.choice(("web", "web-us")))
            await (cart.shipped() if kind == "ship" else cart.collected_at(self.random.choice(PLACES[:2])))
        self.market.carts.append(cart)

    async def hold(self) -> None:
        cart, key = self.some(self.market.carts), str(uuid4())
        await self.do("hold", lambda: cart.do("cartHold", idempotencyKey=key))

    async def release(self) -> None:
        cart = self.some(self.market.carts)
        await self.do("release", lambda: cart.do("cartRelease"))

    async def change(self) -> None:
        cart, key = self.some(self.market.carts), str(uuid4())
        line = {"variant": {"sku": self.random.choice(SKUS)}, "quantity": 1}
        await self.do("change", lambda: cart.do("cartLinesAdd", lines=[line], idempotencyKey=key))

    async def order(self) -> None:
        cart, key = self.some(self.market.carts), str(uuid4())
        answer = await self.do("order", lambda: self.shop.place(cart, key))
        if answer["__typename"] == "OrderPlacePayload":
            self.market.orders.append((cart, answer["order"]["id"]))

    async def cancel(self) -> None:
        if self.market.orders:
            cart, id_ = self.some(self.market.orders)
            caller, key = self.random.choice((self.staff, cart.caller)), str(uuid4())
            await self.do("cancel", lambda: caller.do("orderCancel", orderId=id_, idempotencyKey=key))

    async def hand_over(self) -> None:
        if not self.market.orders:
            return
        order_id = key_of(Kind.Order, self.some(self.market.orders)[1])
        assert isinstance(order_id, UUID)
        wish = HandOver(
            order_id=order_id,
            location_id=self.shop.directory.locations_by_code[self.random.choice(PLACES)]["id"],
            lines=None,
            expected_version=None,
            key=str(uuid4()),
            request=None,
        )
        command = self.random.choice((ship, ship, collect))
        changing = Changing(self.staff.principal, self.shop.directory.channels_by_code["till-berlin"])

        async def act() -> dict[str, Any]:
            try:
                await command(self.shop.database, changing, wish)
            except DomainError as refusal:
                return {"__typename": type(refusal).__name__}
            return {"__typename": "HandOverPayload"}

        await self.do("hand over", act)

    async def expire(self) -> None:
        await self.shop.run(_SOME_HOLD_EXPIRES, seconds=self.random.choice((-1.0, 0.03, 0.3, 2.0)))

    async def sweep(self) -> None:
        await Housekeeper(self.shop.database).sweep()

    async def sell_offline(self) -> None:
        line = {"variant": {"sku": self.random.choice(SKUS)}, "quantity": 1, "unitPrice": "11.90"}
        input_ = {
            "location": {"code": self.random.choice(PLACES[:2])},
            "register": "1",
            "receiptNumber": str(uuid4()),
            "soldAt": "2026-03-01T12:00:00Z",
            "lines": [line],
        }
        await self.do("sell offline", lambda: self.staff.do("posSaleRecord", **input_))

    # The stockroom.

    async def adjust(self) -> None:
        reason = self.random.choice(("RECEIPT", "RECEIPT", "DAMAGE", "RETURN", "COUNT", "ADJUSTMENT"))
        changes = [
            {
                "key": self.pair(),
                "delta": self.random.randint(1, 3) if reason == "RECEIPT" else self.random.choice((-2, -1, 1)),
                "quantity": self.random.choice(("ON_HAND", "ON_HAND", "UNAVAILABLE", "SAFETY_STOCK", "INCOMING")),
            }
            for _ in range(2)
        ]
        await self.staff_does("stockAdjust", changes=changes, reason=reason)

    async def set_number(self) -> None:
        pair = self.pair()
        level = await self.shop.level(pair["variant"]["sku"], pair["location"]["code"])
        units = max(0, level["on_hand"] + self.random.choice((-1, 1, 2)))
        change = {"key": pair, "onHand": units, "expectedOnHand": level["on_hand"]}
        await self.staff_does("stockSet", changes=[change], reason="ADJUSTMENT")

    async def send(self) -> None:
        origin, destination = self.random.sample(PLACES, 2)
        sku = self.random.choice(SKUS)
        answer = await self.staff_does(
            "transferShip",
            origin={"code": origin},
            destination={"code": destination},
            lines=[{"variant": {"sku": sku}, "quantity": self.random.randint(1, 2)}],
        )
        if answer["__typename"] == "TransferPayload":
            self.market.transfers.append((answer["transfer"]["id"], sku))

    async def receive(self) -> None:
        if self.market.transfers:
            id_, sku = self.some(self.market.transfers)
            received, lost = self.random.choice(((1, 0), (0, 1), (1, 1), (2, 0)))
            line = {"variant": {"sku": sku}, "received": received, "lost": lost}
            await self.staff_does("transferReceive", transferId=id_, lines=[line])

    async def begin_count(self) -> None:
        code = self.random.choice(PLACES)
        answer = await self.staff_does("stockCountStart", location={"code": code})
        self.market.counts.append((answer["stockCount"]["id"], code))

    async def count(self) -> None:
        if self.market.counts:
            id_, _ = self.some(self.market.counts)
            line = {"variant": {"sku": self.random.choice(SKUS)}, "counted": self.random.randint(0, 5)}
            await self.staff_does("stockCountSubmit", countId=id_, lines=[line])

    async def sync(self) -> None:
        as_of = await self.shop.value("SELECT clock_timestamp() - interval '20 milliseconds'")
        stated = {**self.pair(), "onHand": self.random.randint(1, 5)}
        await self.staff_does("stockSync", source="erp", asOf=as_of.isoformat(), levels=[stated])

    async def resolve(self) -> None:
        id_ = await self.shop.value("SELECT id FROM discrepancy ORDER BY random() LIMIT 1")
        if id_ is not None:
            await self.staff_does("oversellIncidentResolve", incidentIds=[f"inc_{id_}"])
