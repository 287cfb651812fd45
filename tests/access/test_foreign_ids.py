"""Whoever names what belongs to somebody else is refused, learns nothing by it and changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from graphql import GraphQLInputObjectType, get_named_type
from uuid_utils.compat import uuid7

from api.ids import Kind, encode
from domain.access import Permission
from tests.access.arguments import values_of
from tests.access.canaries import CUSTOMER, GUEST, TILL, expected_for, found_in
from tests.access.documents import Asker, Node
from tests.access.inputs import NAMES_SOMETHING, fields_below, filled
from tests.access.world import SCHEMA, World

pytestmark = pytest.mark.anyio

STRANGERS = (
    "anonymous",
    "guest B",
    "customer B",
    "staff without permissions",
    "staff of Hamburg",
    "app without permissions",
    "app of another channel",
)
PASSWORD = "correct horse battery"

NAMES_NOTHING = {
    "bundleSet",
    "cartCreate",
    "customerRegister",
    "customerUpdate",
    "holdPolicySet",
    "passwordResetRequest",
}
"""Mutations that can only be about the caller itself, or say the same to everybody."""

_REFUSALS = {type_.name for type_ in SCHEMA.get_implementations(SCHEMA.get_type("UserError")).objects}  # type: ignore[arg-type]


def input_of(mutation: str) -> GraphQLInputObjectType:
    assert SCHEMA.mutation_type is not None
    type_ = get_named_type(SCHEMA.mutation_type.fields[mutation].args["input"].type)
    assert isinstance(type_, GraphQLInputObjectType)
    return type_


def mutations() -> list[str]:
    assert SCHEMA.mutation_type is not None
    return [name for name in SCHEMA.mutation_type.fields if name not in NAMES_NOTHING]


def test_every_mutation_is_tried_that_can_name_something_of_somebody() -> None:
    assert SCHEMA.mutation_type is not None

    harmless = {name for name in SCHEMA.mutation_type.fields if not NAMES_SOMETHING & {*fields_below(input_of(name))}}

    assert harmless == NAMES_NOTHING


class Attempts:
    """Documents for all mutations, which select everything that they could answer."""

    def __init__(self, world: World) -> None:
        assert SCHEMA.mutation_type is not None
        self._world = world
        asker = Asker(SCHEMA, values_of(world, knows_email=False))
        self._documents = {}
        for name in mutations():
            node = Node(name, "(input: $input)", None, asker.below(SCHEMA.mutation_type.fields[name]))
            self._documents[name] = f"mutation ($input: {input_of(name).name}!) {{ {node.text(name)} }}"

    async def answer(self, caller: str, mutation: str, input_: Mapping[str, Any]) -> str:
        return await self._world.answer(caller, self._documents[mutation], {"input": input_})


def everything_of_a(world: World) -> Iterator[Mapping[str, Any]]:
    """What one of A's has, and whatever B could mistake for a key to it."""
    for owner in (CUSTOMER, GUEST, TILL):
        cart_id = world.carts[owner].id
        yield (
            named(cart_id, world.lines[owner], world.app_id, world.access_token_of_a)
            | stock_of_berlin(world)
            | order_of(world, owner)
        )
    yield named(world.ordered_cart, world.lines[GUEST], world.app_id, world.session_of_a) | stock_of_berlin(world)


def order_of(world: World, owner: str) -> dict[str, Any]:
    return {"orderId": world.orders[owner], "orderLineId": world.ids[Kind.OrderLine][0]}


def stock_of_berlin(world: World) -> dict[str, Any]:
    """A transfer to it, a count and an incident there."""
    transfer, count, incident = (world.ids[kind][0] for kind in (Kind.Transfer, Kind.StockCount, Kind.OversellIncident))
    return {"transferId": transfer, "countId": count, "incidentIds": incident}


def named(cart: str, line: str, app: str, token: str) -> dict[str, Any]:
    return {
        "cartId": cart,
        "lineId": line,
        "lineIds": line,
        "appId": app,
        "token": token,
        "refreshToken": token,
        "location": {"code": "berlin"},
        "origin": {"code": "berlin"},
        "destination": {"code": "hamburg"},
        "transferId": encode(Kind.Transfer, uuid7()),
        "countId": encode(Kind.StockCount, uuid7()),
        "incidentIds": encode(Kind.OversellIncident, 2**40),
        "orderId": encode(Kind.Order, uuid7()),
        "orderLineId": encode(Kind.OrderLine, uuid7()),
        "sourceId": cart,
        "targetId": encode(Kind.Cart, uuid7()),
        # Codes are secrets, so whoever has a real one may claim the cart: nobody has one here.
        "handoffCode": "22222-22222",
    }


def nothing() -> dict[str, Any]:
    """The like of it that nobody has."""
    cart, line, app = (encode(kind, uuid7()) for kind in (Kind.Cart, Kind.CartLine, Kind.App))
    return named(cart, line, app, "no such token")


def is_refused(body: str) -> bool:
    response = orjson.loads(body)
    codes = {error["extensions"]["code"] for error in response.get("errors", [])}
    if codes:
        return codes <= {"FORBIDDEN", "UNAUTHENTICATED"}
    (result,) = response["data"].values()
    return result["__typename"] in _REFUSALS


async def test_strangers_are_refused_and_change_nothing(world: World) -> None:
    await world.give_password("customer B", PASSWORD)
    await world.warm_up()
    attempts = Attempts(world)
    before = await world.shop.everything()

    wrong = []
    for caller in STRANGERS:
        for mutation in mutations():
            for theirs in everything_of_a(world):
                for with_optional in (True, False):
                    input_ = filled(input_of(mutation), theirs, with_optional=with_optional)
                    body = await attempts.answer(caller, mutation, input_)
                    if not is_refused(body) or found_in(body) - expected_for(caller):
                        wrong.append((caller, mutation, input_, body))

    assert wrong == []
    assert await world.shop.everything() == before


async def test_what_is_somebody_elses_looks_like_what_does_not_exist(world: World) -> None:
    await world.give_password("customer B", PASSWORD)
    attempts = Attempts(world)

    different = []
    for caller in STRANGERS:
        for mutation in mutations():
            missing = await attempts.answer(caller, mutation, filled(input_of(mutation), nothing(), with_optional=True))
            for theirs in everything_of_a(world):
                input_ = filled(input_of(mutation), theirs, with_optional=True)
                foreign = await attempts.answer(caller, mutation, input_)
                if foreign != missing:
                    different.append((caller, mutation, foreign, missing))

    assert different == []


@pytest.mark.parametrize("caller", ["guest B", "customer B", "staff of Hamburg"])
async def test_lines_of_another_cart_cannot_be_reached_through_ones_own(world: World, caller: str) -> None:
    attempts = Attempts(world)
    before = await world.shop.everything()

    wrong = []
    for mutation in ("cartLinesUpdate", "cartLinesRemove", "cartDeliverySet"):
        answers = set()
        for line in (*world.lines.values(), encode(Kind.CartLine, uuid7())):
            reach = {**nothing(), "cartId": world.own_carts[caller].id, "lineId": line, "lineIds": line}
            body = await attempts.answer(
                caller,
                mutation,
                filled(input_of(mutation), {**reach, "location": {"code": "berlin"}}, with_optional=False),
            )
            answers.add(body)
            if not is_refused(body):
                wrong.append((mutation, body))
        if len(answers) != 1:
            wrong.append((mutation, str(answers)))

    assert wrong == []
    assert await world.shop.everything() == before


async def test_staff_of_one_store_neither_changes_stock_nor_grants_access_in_another(world: World) -> None:
    attempts = Attempts(world)
    here, there, nowhere = ({**nothing(), "location": {"code": code}} for code in ("hamburg", "berlin", "nowhere"))
    adjust, create = input_of("stockAdjust"), input_of("appCreate")

    done = [
        await attempts.answer("staff of Hamburg", "stockAdjust", filled(adjust, here, with_optional=True)),
        await attempts.answer("staff of Hamburg", "appCreate", filled(create, here, with_optional=True)),
    ]
    foreign = await attempts.answer("staff of Hamburg", "stockAdjust", filled(adjust, there, with_optional=True))
    missing = await attempts.answer("staff of Hamburg", "stockAdjust", filled(adjust, nowhere, with_optional=True))
    granted = await attempts.answer("staff of Hamburg", "appCreate", filled(create, there, with_optional=True))

    assert [is_refused(body) for body in done] == [False, False]
    assert foreign == missing
    assert is_refused(foreign)
    assert is_refused(granted)


async def test_nobody_grants_what_it_does_not_have(world: World) -> None:
    attempts = Attempts(world)
    wish = filled(input_of("appCreate"), {**nothing(), "location": {"code": "hamburg"}}, with_optional=True)

    body = await attempts.answer(
        "staff of Hamburg", "appCreate", {**wish, "permissions": [Permission.READ_CUSTOMERS.value]}
    )

    assert orjson.loads(body)["data"]["appCreate"]["__typename"] == "InvalidInput"


async def test_the_owner_is_not_refused(world: World) -> None:
    """Otherwise all of the above would pass in a shop where nothing works."""
    attempts = Attempts(world)
    theirs = {CUSTOMER: "customer A", GUEST: "guest A", TILL: "staff of Berlin"}

    refused = []
    for owner, caller in theirs.items():
        for mutation in (
            "cartLinesAdd",
            "cartLinesUpdate",
            "cartDeliverySet",
            "cartHold",
            "cartRelease",
            "cartLinesRemove",
        ):
            reach = {**nothing(), "cartId": world.carts[owner].id, "lineId": world.lines[owner]}
            reach |= {"lineIds": world.lines[owner], "location": {"code": "berlin"}}
            body = await attempts.answer(caller, mutation, filled(input_of(mutation), reach, with_optional=False))
            if is_refused(body):
                refused.append((caller, mutation, body))
    for owner, caller in (theirs | {GUEST: "guest A, once more"}).items():
        body = await attempts.answer(caller, "orderCancel", filled_for(world, owner))
        if is_refused(body):
            refused.append((caller, "orderCancel", body))

    assert refused == []


def filled_for(world: World, owner: str) -> dict[str, Any]:
    return filled(input_of("orderCancel"), {**nothing(), **order_of(world, owner)}, with_optional=False)
