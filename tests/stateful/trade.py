"""What is done to the shop, each step as a mutation, or as a command where no mutation exists yet; and what must come of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid4

from api.housekeeping import Housekeeper
from api.ids import Kind, key_of
from api.orders.changing import Changing
from api.orders.fulfilling import HandOver, collect, ship
from domain.errors import DomainError
from domain.orders.fulfilling import WantedLine
from tests.shop import Cart, Shop
from tests.stateful.oracle import SHIPPING, Oracle, Place

PLACES = ("berlin", "hamburg", "warehouse")
WAYS = ("berlin", "hamburg", "ship", "till")
TIMES = ("once", "again", "at once")

Act = Callable[[], Awaitable[dict[str, Any]]]

_EXPIRE = (
    "UPDATE reservation SET expires_at = clock_timestamp() - interval '1 second' WHERE state = 'HELD' AND cart_id = :id"
)
_PLAN = """
SELECT jsonb_agg(jsonb_build_array(variant.sku, location.code, reservation.quantity))
FROM reservation
JOIN stock_level level ON level.id = reservation.stock_level_id
JOIN variant ON variant.id = level.variant_id
JOIN location ON location.id = level.location_id
WHERE reservation.cart_id = :id AND (reservation.state IN ('HELD', 'COMMITTED') OR reservation.order_id IS NOT NULL)
"""
_INCIDENTS = """
SELECT jsonb_agg(jsonb_build_array(incident.id, incident.resolved_at IS NULL) ORDER BY incident.id)
FROM discrepancy incident JOIN stock_level level ON level.id = incident.stock_level_id
JOIN variant ON variant.id = level.variant_id
WHERE variant.sku = ANY (CAST(:skus AS text[]))
"""


@dataclass
class Sale:
    """A cart and what has become of it."""

    cart: Cart
    way: str
    units: dict[str, int]
    order: dict[str, Any] | None = None
    is_cancelled: bool = False
    handed_over: int = 0

    @property
    def id(self) -> str:
        return self.cart.id

    @property
    def places(self) -> tuple[str, ...]:
        return SHIPPING if self.way == "ship" else ("berlin" if self.way == "till" else self.way,)

    @property
    def uuid(self) -> UUID:
        key = key_of(Kind.Cart, self.id)
        assert isinstance(key, UUID)
        return key


@dataclass
class Transfer:
    id: str
    sku: str
    destination: str
    open: int


@dataclass
class Trade:
    shop: Shop
    skus: tuple[str, ...]
    oracle: Oracle
    # How often each step was answered in which way.
    answers: Counter[str]
    sales: list[Sale] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)
    moments: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def orders(self) -> list[Sale]:
        return [sale for sale in self.sales if sale.order is not None]

    async def times(self, how: str, act: Act) -> dict[str, Any]:
        """Sent once, again, or three times at once with the same key: it is done once, and all are told the same."""
        if how == "at once":
            first, *others = await asyncio.gather(act(), act(), act())
        else:
            first, others = await act(), [await act()] if how == "again" else []
        assert {other["__typename"] for other in others} <= {first["__typename"]}, (first, others)
        return first

    def expect(self, name: str, answer: dict[str, Any], *expected: str) -> None:
        self.answers[f"{name} {answer['__typename']}"] += 1
        assert answer["__typename"] in expected, (name, answer, expected, self.oracle.counters())

    # Shoppers.

    async def begin(self, way: str, units: dict[str, int]) -> None:
        if way == "till":
            cart = await self.shop.staff().cart(units)
        else:
            cart = await self.shop.guest_cart(units)
            await (cart.shipped() if way == "ship" else cart.collected_at(way))
        self.sales.append(Sale(cart, way, units))

    async def change(self, sale: Sale, sku: str) -> None:
        sku = sku if sku in sale.units else next(iter(sale.units))
        answer = await sale.cart.do("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": 1}])
        self.expect("change", answer, "CartNotOpen" if sale.order else "CartPayload")
        if sale.order is None:
            sale.units[sku] += 1
            self.oracle.release(sale.id)

    async def hold(self, sale: Sale, how: str) -> None:
        key = str(uuid4())
        is_held = self.oracle.is_held(sale.id, sale.units) and self.oracle.is_alive(sale.id)
        can_hold = self.oracle.can_hold(sale.units, sale.places)
        expected = "CartPayload" if is_held or can_hold else "InsufficientStock"

        answer = await self.times(how, lambda: sale.cart.do("cartHold", idempotencyKey=key))

        self.expect("hold", answer, "CartNotOpen" if sale.order else expected)
        if answer["__typename"] == "CartPayload" and not is_held:
            await self._adopt(sale)

    async def _adopt(self, sale: Sale) -> None:
        """What the database has chosen, if it may."""
        rows = await self.shop.value(_PLAN, id=sale.uuid)
        plan = Counter[Place]()
        for sku, place, quantity in rows:
            plan[sku, place] += quantity
        self.oracle.expect_legal(plan, sale.units, sale.places)
        self.oracle.hold(sale.id, plan)

    async def release(self, sale: Sale) -> None:
        answer = await sale.cart.do("cartRelease")
        self.expect("release", answer, "CartNotOpen" if sale.order else "CartPayload")
        if sale.order is None:
            self.oracle.release(sale.id)

    async def expire(self, sale: Sale) -> None:
        await self.shop.run(_EXPIRE, id=sale.uuid)
        for promise in self.oracle.of(sale.id):
            promise.has_expired = not promise.is_committed

    async def sweep(self) -> None:
        await Housekeeper(self.shop.database).sweep()
        self.oracle.promises = [promise for promise in self.oracle.promises if not promise.has_expired]

    async def place(self, sale: Sale, how: str) -> None:
        key = str(uuid4())
        is_held = self.oracle.is_held(sale.id, sale.units)
        can_hold = is_held or self.oracle.can_hold(sale.units, sale.places)
        expected = "OrderPlacePayload" if can_hold else "InsufficientStock"

        answer = await self.times(how, lambda: self.shop.place(sale.cart, key))

        self.expect("place", answer, "CartNotOpen" if sale.order else expected)
        if answer["__typename"] == "OrderPlacePayload":
            if not is_held:
                await self._adopt(sale)
            sale.order = answer["order"]
            self.oracle.commit(sale.id)
            if sale.way == "till":
                sale.handed_over = sum(sale.units.values())
                self.oracle.hand_over(sale.id, "berlin", None)

    async def cancel(self, sale: Sale, how: str, *, by_staff: bool) -> None:
        assert sale.order is not None
        caller = self.shop.staff() if by_staff else sale.cart.caller
        input_ = {"orderId": sale.order["id"], "idempotencyKey": str(uuid4())}
        is_refused = sale.is_cancelled or sale.handed_over > 0

        answer = await self.times(how, lambda: caller.do("orderCancel", **input_))

        self.expect("cancel", answer, "InvalidTransition" if is_refused else "OrderPayload")
        if not is_refused:
            sale.is_cancelled = True
            self.oracle.release(sale.id)

    async def hand_over(self, sale: Sale, place: str, how: str, units: dict[str, int] | None) -> None:
        """All that the place owes, or some units of some lines."""
        assert sale.order is not None
        owed = [self.oracle.owed(sale.id, place, sku) for sku in units or ()]
        is_enough = all(have >= want for have, want in zip(owed, (units or {}).values(), strict=True))
        can_leave = is_enough if units is not None else self.oracle.owed(sale.id, place) > 0
        wish = await self._wish(sale, place, units)
        staff = self.shop.staff()
        changing = Changing(staff.principal, self.shop.directory.channels_by_code["till-berlin"])

        async def act() -> dict[str, Any]:
            try:
                await (ship if sale.way == "ship" else collect)(self.shop.database, changing, wish)
            except DomainError as refusal:
                return {"__typename": type(refusal).__name__, "message": refusal.message}
            return {"__typename": "HandedOver"}

        answer = await self.times(how, act)

        self.expect("hand over", answer, "HandedOver" if can_leave else "InvalidTransition")
        if can_leave:
            sale.handed_over += 1
            self.oracle.hand_over(sale.id, place, units)

    async def _wish(self, sale: Sale, place: str, units: dict[str, int] | None) -> HandOver:
        assert sale.order is not None
        order_id = key_of(Kind.Order, sale.order["id"])
        assert isinstance(order_id, UUID)
        ids = await self.shop.value(
            "SELECT jsonb_object_agg(sku, id) FROM order_line WHERE order_id = :id", id=order_id
        )
        lines = None
        if units is not None:
            lines = [WantedLine(UUID(ids[sku]), quantity, ("input",)) for sku, quantity in units.items()]
        return HandOver(
            order_id=order_id,
            location_id=self.shop.directory.locations_by_code[place]["id"],
            lines=lines,
            expected_version=None,
            key=str(uuid4()),
            request=None,
        )

    # The stockroom.

    async def staff_does(self, name: str, how: str, **input_: Any) -> dict[str, Any]:
        staff, key = self.shop.staff(), str(uuid4())
        return await self.times(how, lambda: staff.do(name, **input_, idempotencyKey=key))

    async def adjust(self, place: Place, quantity: str, delta: int, reason: str, how: str) -> None:
        change = {"key": pair(place), "quantity": quantity, "delta": delta}
        answer = await self.staff_does("stockAdjust", how, changes=[change], reason=reason)
        self.expect("adjust", answer, self.oracle.after_adjusting(place, quantity, delta, reason))

    async def set_number(self, place: Place, units: int, wrong_by: int, reason: str, how: str) -> None:
        expected = self.oracle.levels[place].on_hand + wrong_by
        change = {"key": pair(place), "onHand": units, "expectedOnHand": expected}
        answer = await self.staff_does("stockSet", how, changes=[change], reason=reason)
        self.expect("set", answer, self.oracle.after_setting(place, units, expected, reason))

    async def send(self, sku: str, origin: str, destination: str, units: int, how: str) -> None:
        is_refused = units > self.oracle.sellable((sku, origin))
        answer = await self.staff_does(
            "transferShip",
            how,
            origin={"code": origin},
            destination={"code": destination},
            lines=[{"variant": {"sku": sku}, "quantity": units}],
        )
        self.expect("send", answer, "InsufficientStock" if is_refused else "TransferPayload")
        if not is_refused:
            self.transfers.append(Transfer(answer["transfer"]["id"], sku, destination, units))
            self.oracle.send((sku, origin), (sku, destination), units)

    async def receive(self, transfer: Transfer, received: int, lost: int, how: str) -> None:
        is_too_much = received + lost > transfer.open
        expected = "InvalidInput" if received + lost == 0 else "InvalidTransition" if is_too_much else "TransferPayload"
        line = {"variant": {"sku": transfer.sku}, "received": received, "lost": lost}
        answer = await self.staff_does("transferReceive", how, transferId=transfer.id, lines=[line])
        self.expect("receive", answer, expected)
        if expected == "TransferPayload":
            transfer.open -= received + lost
            self.oracle.receive((transfer.sku, transfer.destination), received, lost)

    async def sell_offline(self, place: Place, units: int, moment: tuple[int, datetime], how: str) -> None:
        """A till tells of what has happened; it has no key but its receipt."""
        receipt, staff = str(uuid4()), self.shop.staff()
        input_ = {
            "location": {"code": place[1]},
            "register": "1",
            "receiptNumber": receipt,
            "soldAt": moment[1].isoformat(),
            "lines": [{"variant": {"sku": place[0]}, "quantity": units, "unitPrice": "11.90"}],
        }
        answer = await self.times(how, lambda: staff.do("posSaleRecord", **input_))
        self.expect("sell offline", answer, "PosSalePayload")
        self.oracle.move(place, -units, moment[0])

    async def begin_count(self, code: str) -> None:
        answer = await self.staff_does(
            "stockCountStart", "once", location={"code": code}, variants=[{"sku": sku} for sku in self.skus]
        )
        self.expect("begin count", answer, "StockCountPayload")
        self.oracle.begin_count([(sku, code) for sku in self.skus])
        self.counts.append((answer["stockCount"]["id"], code))

    async def submit_count(self, number: int, sku: str, units: int, how: str) -> None:
        id_, code = self.counts[number]
        is_countable = self.oracle.is_countable(number, (sku, code))
        line = {"variant": {"sku": sku}, "counted": units}
        answer = await self.staff_does("stockCountSubmit", how, countId=id_, lines=[line])
        self.expect("submit count", answer, "StockCountPayload" if is_countable else "InvalidTransition")
        if is_countable:
            self.oracle.count(number, (sku, code), units)

    async def remember_moment(self) -> None:
        """Milliseconds apart from everything before and after, since that is as fine as GraphQL tells the time."""
        await asyncio.sleep(0.003)
        now: datetime = await self.shop.value("SELECT clock_timestamp()")
        await asyncio.sleep(0.003)
        whole = now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000) + timedelta(milliseconds=1)
        self.moments.append((self.oracle.tick(), whole))

    async def sync(self, place: Place, units: int, moment: tuple[int, datetime], how: str) -> None:
        stated = {**pair(place), "onHand": units}
        answer = await self.staff_does("stockSync", how, source="erp", asOf=moment[1].isoformat(), levels=[stated])
        self.expect("sync", answer, "StockSyncPayload")
        assert [level["outcome"] for level in answer["levels"]] == [self.oracle.sync(place, units, moment[0])]

    async def resolve(self, index: int, how: str) -> None:
        found = await self.shop.value(_INCIDENTS, skus=list(self.skus)) or []
        if found:
            id_, is_open = found[index % len(found)]
            answer = await self.staff_does("oversellIncidentResolve", how, incidentIds=[f"inc_{id_}"])
            self.expect("resolve", answer, "OversellIncidentResolvePayload" if is_open else "InvalidTransition")


def pair(place: Place) -> dict[str, Any]:
    return {"variant": {"sku": place[0]}, "location": {"code": place[1]}}
