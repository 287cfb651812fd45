"""Hypothesis chooses what happens next; after each step the database must say what the oracle says."""

from collections.abc import Coroutine
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.stateful.oracle import Oracle, Place
from tests.stateful.premises import Premises
from tests.stateful.trade import PLACES, TIMES, WAYS, Sale, Trade

CHECKED_EVERY = 10
"""Steps between two looks at all invariants."""

SKUS = st.sampled_from([0, 1])
CODES = st.sampled_from(PLACES)
FEW = st.integers(1, 4)
HOW = st.sampled_from(TIMES)
WHICH = st.integers(0, 30)
UNITS = st.dictionaries(SKUS, st.integers(1, 3), min_size=1)


def has(name: str) -> Any:
    return precondition(lambda self: self.trade is not None and getattr(self.trade, name))


class StockMachine(RuleBasedStateMachine):
    """Two articles at three locations, sold, moved, counted and lost in every order."""

    premises: Premises

    def __init__(self) -> None:
        super().__init__()
        number = next(self.premises.numbers)
        self.skus = (f"shirt-{number}", f"hat-{number}")
        self.steps = 0
        self.is_in_order = False
        self.trade: Trade | None = None

    @initialize(units=st.integers(2, 6))
    def open(self, units: int) -> None:
        shop = self.premises.shop
        oracle = Oracle((sku, code) for sku in self.skus for code in PLACES)
        self.trade = Trade(shop, self.skus, oracle, self.premises.answers)
        for sku in self.skus:
            self.premises.run(self._stock(sku, units))
        self.do(self.trade.remember_moment())

    async def _stock(self, sku: str, units: int) -> None:
        await self.premises.shop.product(sku)
        for code in PLACES:
            await self.premises.shop.receive(sku, units, at=code)
            self._trade.oracle.move((sku, code), units)

    @property
    def _trade(self) -> Trade:
        assert self.trade is not None
        return self.trade

    def do(self, step: Coroutine[Any, Any, None]) -> None:
        self.is_in_order = False
        self._trade.oracle.tick()
        self.premises.run(step)
        self.expect_what_the_oracle_says()

    def sale(self, which: int) -> Sale:
        return self._trade.sales[which % len(self._trade.sales)]

    def order(self, which: int) -> Sale:
        return self._trade.orders[which % len(self._trade.orders)]

    def place(self, sku: int, code: str) -> Place:
        return self.skus[sku], code

    # Shoppers.

    @rule(way=st.sampled_from(WAYS), units=UNITS)
    def begins(self, way: str, units: dict[int, int]) -> None:
        self.do(self._trade.begin(way, {self.skus[sku]: quantity for sku, quantity in units.items()}))

    @has("sales")
    @rule(which=WHICH, sku=SKUS)
    def changes(self, which: int, sku: int) -> None:
        self.do(self._trade.change(self.sale(which), self.skus[sku]))

    @has("sales")
    @rule(which=WHICH, how=HOW)
    def holds(self, which: int, how: str) -> None:
        self.do(self._trade.hold(self.sale(which), how))

    @has("sales")
    @rule(which=WHICH)
    def releases(self, which: int) -> None:
        self.do(self._trade.release(self.sale(which)))

    @has("sales")
    @rule(which=WHICH)
    def expires(self, which: int) -> None:
        self.do(self._trade.expire(self.sale(which)))

    @rule()
    def sweeps(self) -> None:
        self.do(self._trade.sweep())

    @has("sales")
    @rule(which=WHICH, how=HOW)
    def orders(self, which: int, how: str) -> None:
        self.do(self._trade.place(self.sale(which), how))

    @has("orders")
    @rule(which=WHICH, how=HOW, by_staff=st.booleans())
    def cancels(self, which: int, how: str, by_staff: bool) -> None:  # noqa: FBT001
        sale = self.order(which)
        self.do(self._trade.cancel(sale, how, by_staff=by_staff))

    @has("orders")
    @rule(which=WHICH, where=WHICH, how=HOW, quantity=st.none() | st.integers(1, 2))
    def is_handed_over(self, which: int, where: int, how: str, quantity: int | None) -> None:
        sale = self.order(which)
        # At its own places mostly, and sometimes where it has nothing to get.
        places = (*sale.places, *sale.places, PLACES[where % 3])
        units = None if quantity is None else dict.fromkeys(sale.units, quantity)
        self.do(self._trade.hand_over(sale, places[where % len(places)], how, units))

    @rule(way=st.sampled_from(WAYS), units=UNITS, how=HOW)
    def buys(self, way: str, units: dict[int, int], how: str) -> None:
        self.begins(way, units)
        self.do(self._trade.place(self._trade.sales[-1], how))

    @rule(way=st.sampled_from(WAYS), units=UNITS, expires=st.booleans())
    def reserves(self, way: str, units: dict[int, int], expires: bool) -> None:  # noqa: FBT001
        self.begins(way, units)
        self.do(self._trade.hold(self._trade.sales[-1], "once"))
        if expires:
            self.do(self._trade.expire(self._trade.sales[-1]))

    @has("sales")
    @rule(which=WHICH, how=HOW)
    def is_outbid(self, which: int, how: str) -> None:
        """Too late, and somebody else takes all that there is of one of its articles; then it is ordered all the same."""
        sale, oracle = self.sale(which), self._trade.oracle
        held = [one.place for one in oracle.of(sale.id) if not one.is_committed and one.place[1] in PLACES[:2]]
        if held:
            sku, code = held[0]
            self.do(self._trade.expire(sale))
            self.do(self._trade.begin(code, {sku: max(1, oracle.sellable(held[0]))}))
            self.do(self._trade.place(self._trade.sales[-1], "once"))
            self.do(self._trade.place(sale, how))

    # The stockroom.

    @rule(
        sku=SKUS,
        code=CODES,
        quantity=st.sampled_from(("ON_HAND", "ON_HAND", "UNAVAILABLE", "SAFETY_STOCK", "INCOMING")),
        delta=st.integers(-3, 3).filter(bool),
        reason=st.sampled_from(("INITIAL", "ADJUSTMENT", "RECEIPT", "DAMAGE", "RETURN", "COUNT")),
        how=HOW,
    )
    def is_adjusted(self, sku: int, code: str, quantity: str, delta: int, reason: str, how: str) -> None:
        self.do(self._trade.adjust(self.place(sku, code), quantity, delta, reason, how))

    @rule(
        sku=SKUS,
        code=CODES,
        units=st.integers(0, 6),
        wrong_by=st.sampled_from((0, 0, 0, 1)),
        reason=st.sampled_from(("ADJUSTMENT", "COUNT")),
        how=HOW,
    )
    def is_set(self, sku: int, code: str, units: int, wrong_by: int, reason: str, how: str) -> None:
        self.do(self._trade.set_number(self.place(sku, code), units, wrong_by, reason, how))

    @rule(sku=SKUS, route=st.permutations(PLACES), units=FEW, how=HOW)
    def is_sent(self, sku: int, route: list[str], units: int, how: str) -> None:
        self.do(self._trade.send(self.skus[sku], route[0], route[1], units, how))

    @has("transfers")
    @rule(which=WHICH, received=st.integers(0, 3), lost=st.sampled_from((0, 0, 1, 2)), how=HOW)
    def arrives(self, which: int, received: int, lost: int, how: str) -> None:
        transfers = self._trade.transfers
        self.do(self._trade.receive(transfers[which % len(transfers)], received, lost, how))

    @rule(sku=SKUS, code=st.sampled_from(PLACES[:2]), units=FEW, which=WHICH, how=HOW)
    def is_sold_offline(self, sku: int, code: str, units: int, which: int, how: str) -> None:
        moments = self._trade.moments
        self.do(self._trade.sell_offline(self.place(sku, code), units, moments[which % len(moments)], how))

    @rule(code=CODES)
    def count_begins(self, code: str) -> None:
        self.do(self._trade.begin_count(code))

    @has("counts")
    @rule(which=WHICH, sku=SKUS, units=st.integers(0, 6), how=HOW)
    def is_counted(self, which: int, sku: int, units: int, how: str) -> None:
        self.do(self._trade.submit_count(which % len(self._trade.counts), self.skus[sku], units, how))

    @rule()
    def time_passes(self) -> None:
        self.do(self._trade.remember_moment())

    @rule(sku=SKUS, code=CODES, units=st.integers(0, 6), which=WHICH, how=HOW)
    def is_synced(self, sku: int, code: str, units: int, which: int, how: str) -> None:
        moments = self._trade.moments
        self.do(self._trade.sync(self.place(sku, code), units, moments[which % len(moments)], how))

    @rule(which=WHICH, how=HOW)
    def is_resolved(self, which: int, how: str) -> None:
        self.do(self._trade.resolve(which, how))

    # What must be true then.

    def expect_what_the_oracle_says(self) -> None:
        oracle, skus = self._trade.oracle, list(self.skus)
        promises = self.premises.run(self.premises.open_promises(skus))
        oracle.take_back(promises)
        assert promises == oracle.open_promises()
        assert self.premises.run(self.premises.counters(skus)) == oracle.counters()
        self.steps += 1
        if self.steps % CHECKED_EVERY == 0:
            self.premises.run(self.premises.expect_books_in_order())
        self.is_in_order = True

    def teardown(self) -> None:
        if not self.is_in_order:
            self.premises.renew()
            return
        try:
            self.premises.run(self.premises.expect_books_in_order())
        except AssertionError:
            self.premises.renew()
            raise
