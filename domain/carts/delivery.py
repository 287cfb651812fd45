"""How the lines of a cart leave, and from which locations each can be served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.carts.cart import Cart, CartLine, DeliveryGroup, DeliveryMethod
from domain.carts.shipping import DeliveryOption, offered
from domain.errors import InvalidInput, NotFound, Path
from domain.inventory.remedies import Place
from domain.inventory.sourcing import Demand

_COLLECTED = frozenset({DeliveryMethod.PICKUP, DeliveryMethod.RESERVE_IN_STORE})


@dataclass(frozen=True, slots=True)
class Wish:
    """A group asked for: null lines mean all of them."""

    line_ids: tuple[UUID, ...] | None
    method: DeliveryMethod
    location_id: int | None
    address: Mapping[str, Any] | None
    path: Path
    option_id: int | None = None


@dataclass(frozen=True, slots=True)
class Regrouped:
    """The groups as they are afterwards, and the group of each line that moved."""

    groups: tuple[DeliveryGroup, ...]
    moved: Mapping[UUID, UUID]


def regroup(
    cart: Cart,
    wishes: Sequence[Wish],
    new_ids: Sequence[UUID],
    places: Mapping[int, Place],
    till_location_id: int | None,
    options: Sequence[DeliveryOption] = (),
) -> Regrouped:
    """Lines not named stay where they are; groups left empty disappear. `new_ids` has one id for each wish; `options` are those
    of the cart's market.
    """
    lines = {line.id: line.delivery_group_id for line in cart.lines}
    groups = {group.id: group for group in cart.groups}
    moved: dict[UUID, UUID] = {}
    for wish, new_id in zip(wishes, new_ids, strict=True):
        _expect_possible(wish, places, till_location_id)
        group = DeliveryGroup(
            id=new_id,
            method=wish.method,
            location_id=wish.location_id,
            address=wish.address,
            option_id=wish.option_id,
        )
        _expect_offered(group, options, (*wish.path, "option"))
        named = tuple(lines) if wish.line_ids is None else wish.line_ids
        for position, line_id in enumerate(named):
            if line_id not in lines:
                raise NotFound("This cart has no such line.", path=(*wish.path, "lineIds", str(position)))
            moved[line_id] = new_id
        groups[new_id] = group
    used = set((lines | moved).values())
    return Regrouped(tuple(group for group in groups.values() if group.id in used), moved)


def _expect_possible(wish: Wish, places: Mapping[int, Place], till_location_id: int | None) -> None:
    if wish.method is DeliveryMethod.SHIP:
        if wish.location_id is not None:
            raise InvalidInput("What is shipped has no location: we choose it.", path=(*wish.path, "location"))
        return
    if wish.location_id is None:
        raise InvalidInput("Say at which location it is handed over.", path=(*wish.path, "location"))
    if wish.address is not None:
        raise InvalidInput("Only what is shipped has an address.", path=(*wish.path, "address"))
    if wish.method in _COLLECTED and not places[wish.location_id].offers_pickup:
        raise InvalidInput("Orders cannot be collected at this location.", path=(*wish.path, "location"))
    if wish.method is DeliveryMethod.RESERVE_IN_STORE and not places[wish.location_id].is_store:
        raise InvalidInput("Nobody can be paid at this location.", path=(*wish.path, "location"))
    if wish.method is DeliveryMethod.CARRY_OUT and wish.location_id != till_location_id:
        raise InvalidInput("Only the till of this location can hand it over.", path=(*wish.path, "location"))


def _expect_offered(group: DeliveryGroup, options: Sequence[DeliveryOption], path: Path) -> None:
    if group.option_id is None:
        return
    if group.method is not DeliveryMethod.SHIP:
        raise InvalidInput("Only what is shipped has an option.", path=path)
    if all(option.id != group.option_id for option in options):
        raise NotFound("There is no such delivery option in this market.", path=path)
    if all(option.id != group.option_id for option in offered(group, options)):
        raise InvalidInput("This delivery option does not go to that country.", path=path)


def demands(
    cart: Cart, selling: Sequence[int], places: Mapping[int, Place], till_location_id: int | None
) -> tuple[Demand, ...]:
    """What each line asks of stock. A line without a delivery yet is looked for where it would leave by default:
    at the till's own location, else wherever orders are shipped from. Only a location that sells to the channel serves any.
    """
    shipping = tuple(id_ for id_ in selling if places[id_].ships_orders)
    sells = frozenset(selling)

    def candidates(line: CartLine) -> tuple[tuple[int, ...], int | None]:
        group = cart.group_of(line)
        place = group.location_id if group else till_location_id
        if place is None:
            return shipping, None
        return ((place,) if place in sells else ()), place

    return tuple(
        Demand(line.id, line.variant_id, line.sku, line.quantity, *candidates(line), line.components)
        for line in cart.lines
    )
