"""What delivery costs: the options that a market ships by, which of them a group of lines has, and what both add to the cart."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.carts.cart import Cart, CartLine, DeliveryGroup, DeliveryMethod
from domain.pricing.tax import TaxRule
from domain.pricing.totals import Totals, totals


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOption:
    """A way of shipping in one market; amounts are minor units of its currency.

    It arrives so many days after it has left. Without countries it goes to all that the market serves.
    """

    id: int
    code: str
    name: str
    amount: int
    # A group whose lines cost as much as this ships for nothing; null where it never does.
    free_from: int | None
    earliest_days: int
    latest_days: int
    countries: frozenset[str]
    is_default: bool

    def goes_to(self, country_code: str | None) -> bool:
        """Anywhere, as long as nobody has said where to."""
        return country_code is None or not self.countries or country_code in self.countries

    def price(self, value: int) -> int:
        """For lines that cost `value` together."""
        return 0 if self.free_from is not None and value >= self.free_from else self.amount


@dataclass(frozen=True, slots=True)
class Charge:
    """What the delivery of one group costs; the option is null where it is not shipped, or needs none."""

    group_id: UUID
    option: DeliveryOption | None
    amount: int


def lines_in(cart: Cart, group: DeliveryGroup) -> tuple[CartLine, ...]:
    return tuple(line for line in cart.lines if line.delivery_group_id == group.id)


def value_of(cart: Cart, group: DeliveryGroup) -> int:
    return sum(line.priced.amount for line in lines_in(cart, group))


def offered(group: DeliveryGroup, options: Sequence[DeliveryOption]) -> tuple[DeliveryOption, ...]:
    """Those of its market that go where the group does; none for what is not shipped."""
    if group.method is not DeliveryMethod.SHIP:
        return ()
    country_code = None if group.address is None else group.address.get("country_code")
    return tuple(option for option in options if option.goes_to(country_code))


def chosen(group: DeliveryGroup, options: Sequence[DeliveryOption]) -> DeliveryOption | None:
    """The one that was chosen, as long as it goes there, else the default; null where neither does."""
    possible = offered(group, options)
    wanted = (option for option in possible if option.id == group.option_id)
    return next(wanted, next((option for option in possible if option.is_default), None))


def charge(cart: Cart, group: DeliveryGroup, options: Sequence[DeliveryOption]) -> Charge:
    """Nothing while no option is chosen."""
    option = chosen(group, options)
    return Charge(group.id, option, 0 if option is None else option.price(value_of(cart, group)))


def charges(cart: Cart, options: Sequence[DeliveryOption]) -> tuple[Charge, ...]:
    """One for each group of the cart."""
    return tuple(charge(cart, group, options) for group in cart.groups)


def cost(cart: Cart, options: Sequence[DeliveryOption], rule: TaxRule) -> Totals:
    """Of the lines and of their delivery. `options` are those of the cart's market."""
    return totals([line.priced for line in cart.lines], rule, [found.amount for found in charges(cart, options)])


def without_option(cart: Cart, options: Sequence[DeliveryOption]) -> tuple[CartLine, ...]:
    """Lines that are to be shipped, though nobody has said how. A market without options ships by itself."""
    if not options:
        return ()
    undecided = {
        group.id for group in cart.groups if group.method is DeliveryMethod.SHIP and chosen(group, options) is None
    }
    return tuple(line for line in cart.lines if line.delivery_group_id in undecided)
