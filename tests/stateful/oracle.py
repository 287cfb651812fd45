"""What the books should say, in plain Python: written anew from the rules, without a look at the code that keeps them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Place = tuple[str, str]
"""A SKU and the code of a location."""

SHIPPING = ("warehouse", "berlin")

COUNTERS = ("on_hand", "reserved", "unavailable", "safety_stock", "incoming", "shortfall")


@dataclass
class Promise:
    """Units held for a cart or committed to what it became."""

    cart: str
    place: Place
    open: int
    is_committed: bool = False
    has_expired: bool = False


@dataclass
class Level:
    on_hand: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0
    # The part of incoming that transfers bring.
    underway: int = 0
    # When each change of on hand happened, by the oracle's own clock.
    changes: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Count:
    """What was there when a count began, as far as the ledger knows by now."""

    began: int
    on_hand: dict[Place, int]
    counted: set[Place] = field(default_factory=set)


class Oracle:
    def __init__(self, places: Iterable[Place]) -> None:
        self.levels = {place: Level() for place in places}
        self.promises: list[Promise] = []
        self.counts: list[Count] = []
        self.synced: dict[Place, int] = {}
        self.clock = 0

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    # What is there.

    def reserved(self, place: Place, *, with_expired: bool = True) -> int:
        promises = (promise for promise in self.promises if promise.place == place)
        return sum(promise.open for promise in promises if with_expired or not promise.has_expired)

    def unpromised(self, place: Place) -> int:
        """What staff may take away: an expired hold keeps nobody from anything."""
        level = self.levels[place]
        return level.on_hand - self.reserved(place, with_expired=False) - level.unavailable

    def sellable(self, place: Place) -> int:
        return max(0, self.unpromised(place) - self.levels[place].safety_stock)

    def counters(self) -> dict[Place, dict[str, int]]:
        return {place: self._counters(place, level) for place, level in self.levels.items()}

    def _counters(self, place: Place, level: Level) -> dict[str, int]:
        reserved = self.reserved(place)
        shortfall = max(0, reserved + level.unavailable - level.on_hand)
        values = (level.on_hand, reserved, level.unavailable, level.safety_stock, level.incoming, shortfall)
        return dict(zip(COUNTERS, values, strict=True))

    def open_promises(self) -> Counter[tuple[str, Place, int, bool]]:
        return Counter((one.cart, one.place, one.open, one.is_committed) for one in self.promises)

    def take_back(self, found: Counter[tuple[str, Place, int, bool]]) -> None:
        """Whatever has expired may be taken back by anybody at any time, and nothing else may."""
        self.promises = [
            one
            for one in self.promises
            if not one.has_expired or (one.cart, one.place, one.open, one.is_committed) in found
        ]

    # Carts and orders.

    def of(self, cart: str) -> list[Promise]:
        return [promise for promise in self.promises if promise.cart == cart]

    def is_held(self, cart: str, units: Mapping[str, int]) -> bool:
        """Expired or not: what nobody has taken back is still the cart's."""
        held: Counter[str] = Counter()
        for promise in self.of(cart):
            held[promise.place[0]] += promise.open
        return held == Counter(units)

    def is_alive(self, cart: str) -> bool:
        return not any(promise.has_expired for promise in self.of(cart))

    def can_hold(self, units: Mapping[str, int], places: Iterable[str]) -> bool:
        candidates = list(places)
        return all(
            sum(self.sellable((sku, place)) for place in candidates) >= quantity for sku, quantity in units.items()
        )

    def expect_legal(self, plan: Counter[Place], units: Mapping[str, int], places: Iterable[str]) -> None:
        """Any plan is, that gives the cart exactly what it wants and takes nowhere more than may be sold there."""
        planned: Counter[str] = Counter()
        for (sku, place), quantity in plan.items():
            assert place in places, (plan, places)
            assert quantity <= self.sellable((sku, place)), (plan, self.counters())
            planned[sku] += quantity
        assert planned == Counter(units), (plan, units)

    def hold(self, cart: str, plan: Counter[Place]) -> None:
        self.release(cart)
        self.promises += [Promise(cart, place, quantity) for place, quantity in plan.items()]

    def release(self, cart: str) -> None:
        self.promises = [promise for promise in self.promises if promise.cart != cart]

    def commit(self, cart: str) -> None:
        for promise in self.of(cart):
            promise.is_committed, promise.has_expired = True, False

    def owed(self, cart: str, place: str, sku: str | None = None) -> int:
        return sum(one.open for one in self.of(cart) if one.place[1] == place and sku in (None, one.place[0]))

    def hand_over(self, cart: str, place: str, units: Mapping[str, int] | None) -> None:
        for promise in self.of(cart):
            if promise.place[1] == place and (units is None or promise.place[0] in units):
                quantity = promise.open if units is None else units[promise.place[0]]
                promise.open -= quantity
                self.move(promise.place, -quantity)
        self.promises = [promise for promise in self.promises if promise.open]

    # The stockroom.

    def move(self, place: Place, units: int, happened: int | None = None, *, corrects: bool = False) -> None:
        """On hand changes. What corrects the past was there already for whoever began to count after it."""
        at = self.clock if happened is None else happened
        self.levels[place].on_hand += units
        self.levels[place].changes.append((at, units))
        if corrects:
            for count in self.counts:
                if place in count.on_hand and at <= count.began:
                    count.on_hand[place] += units

    def send(self, origin: Place, destination: Place, units: int) -> None:
        self.move(origin, -units)
        self.levels[destination].incoming += units
        self.levels[destination].underway += units

    def receive(self, place: Place, received: int, lost: int) -> None:
        self.levels[place].incoming -= received + lost
        self.levels[place].underway -= received + lost
        self.move(place, received)

    def on_hand_at(self, place: Place, moment: int) -> int:
        level = self.levels[place]
        return level.on_hand - sum(units for at, units in level.changes if at > moment)

    def begin_count(self, places: Iterable[Place]) -> int:
        self.counts.append(Count(self.clock, {place: self.levels[place].on_hand for place in places}))
        return len(self.counts) - 1

    def is_countable(self, number: int, place: Place) -> bool:
        later = self.counts[number + 1 :]
        return place not in self.counts[number].counted and not any(place in count.counted for count in later)

    def count(self, number: int, place: Place, units: int) -> None:
        count = self.counts[number]
        self.move(place, units - count.on_hand[place], count.began, corrects=True)
        count.counted.add(place)

    def sync(self, place: Place, units: int, moment: int) -> str:
        if moment < self.synced.get(place, 0):
            return "IGNORED"
        self.synced[place] = moment
        missing = units - self.on_hand_at(place, moment)
        self.move(place, missing, moment, corrects=True)
        return "CORRECTED" if missing else "UNCHANGED"

    def after_adjusting(self, place: Place, quantity: str, delta: int, reason: str) -> str:
        """What is answered; what is accepted is done."""
        level = self.levels[place]
        name = quantity.lower()
        value = getattr(level, name) + delta
        least = level.underway if quantity == "INCOMING" else 0
        if value < least and delta < 0:
            return "InvalidInput"
        taken = {"ON_HAND": -delta, "UNAVAILABLE": delta}.get(quantity, 0)
        if reason != "COUNT" and taken > max(0, self.unpromised(place)):
            return "InsufficientStock"
        if quantity == "ON_HAND":
            self.move(place, delta)
        else:
            setattr(level, name, value)
        return "StockPayload"

    def after_setting(self, place: Place, units: int, expected: int, reason: str) -> str:
        on_hand = self.levels[place].on_hand
        if expected != on_hand:
            return "StockSetMismatch"
        least = on_hand - self.unpromised(place)
        if reason != "COUNT" and units < min(least, on_hand):
            return "InvalidInput"
        self.move(place, units - on_hand)
        return "StockPayload"
