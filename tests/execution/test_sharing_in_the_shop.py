"""What shoppers share and what they do not, over a real database."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import GraphQLInputType, GraphQLObjectType, get_named_type, is_leaf_type

from api.context import Context
from api.execution.access import NOBODY, rule_of
from api.execution.engine import Engine, GraphQLRequest
from api.execution.limits import Limits
from api.identity.identity import Identity
from api.schema import build_schema
from api.settings import Settings
from api.sharing import SHAREABLE, SHARED_QUERIES
from domain.access import Permission
from persistence.database import Database
from tests.access.documents import Asker, document
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

SCHEMA = build_schema()
STOCK = "query ($sku: String!) { productVariant(by: {sku: $sku}) { price { amount } availability { available { quantity } } } }"


@pytest.fixture
def engine() -> Engine:
    # Documents that ask for everything are dearer than any client's.
    return Engine(
        SCHEMA, shareable=SHAREABLE, limits=Limits(tokens=100_000, fields=100_000, aliases=1_000, cost=10**12)
    )


@pytest.fixture
def identity(tmp_path: Any) -> Iterator[Identity]:
    made = Identity.of(Settings(data=tmp_path))
    yield made
    made.passwords.close()


@pytest.fixture
async def shop(database: Database, identity: Identity) -> Shop:
    return await Shop.open(database, identity)


def context_of(caller: Caller) -> Context:
    return Context(
        database=caller.shop.database,
        caller=caller.principal,
        directory=caller.shop.directory,
        channel=caller.shop.directory.channels_by_code[caller.channel],
        request_id="test",
        identity=caller.shop.identity,
        client_address=None,
        shopper_cap=caller.cap,
        clock=caller.clock,
    )


async def asked(engine: Engine, caller: Caller, text: str, **variables: Any) -> bytes:
    return (await engine.execute(GraphQLRequest(text, variables), context_of(caller))).body


async def test_shoppers_who_ask_alike_at_once_cost_two_executions(
    shop: Shop, engine: Engine, statements: list[str]
) -> None:
    sku = await shop.stocked(on_hand=5)
    alone = await asked(engine, shop.guest(), STOCK, sku=sku)
    statements.clear()
    await asked(engine, shop.guest(), STOCK, sku=sku)
    of_one = len(statements)
    statements.clear()

    customers = [await shop.customer(f"{number}@example.com") for number in range(4)]
    statements.clear()
    callers = [shop.guest() for _ in range(12)] + customers
    answers = await asyncio.gather(*(asked(engine, caller, STOCK, sku=sku) for caller in callers))

    assert set(answers) == {alone}
    assert (len(statements), engine.shared) == (2 * of_one, 14)


async def test_other_channels_markets_and_caps_never_share(shop: Shop, engine: Engine) -> None:
    sku = await shop.stocked(on_hand=50)
    audiences = [
        shop.guest("web"),
        shop.guest("web-us"),
        shop.guest("web").capped_at(20),
        shop.guest("web").capped_at(30),
    ]
    alone = [await asked(engine, caller, STOCK, sku=sku) for caller in audiences]

    answers = await asyncio.gather(*(asked(engine, caller, STOCK, sku=sku) for _ in range(8) for caller in audiences))

    assert len(set(alone)) == 4
    assert answers == alone * 8
    assert engine.shared == 4 * 6


@pytest.mark.parametrize(
    "text",
    [
        "{ viewer { kind } }",
        "{ me { name } }",
        "{ products { nodes { slug } } me { name } }",
        "{ ...F } fragment F on Query { categories { slug } viewer { kind } }",
        '{ cart(id: "crt_00000000000000000000000000000000") { id } }',
        '{ node(id: "chn_1") { id } }',
        "{ products { nodes { slug } } stockLevels { nodes { id } } }",
        "{ streamCursor }",
    ],
)
async def test_a_personal_field_forbids_it(shop: Shop, engine: Engine, text: str) -> None:
    callers = [await shop.customer(f"{number}@example.com") for number in range(4)]
    alone = [await asked(engine, caller, text) for caller in callers]

    answers = await asyncio.gather(*(asked(engine, caller, text) for caller in callers))

    assert answers == alone
    assert engine.shared == 0


async def test_staff_and_apps_share_with_nobody(shop: Shop, engine: Engine) -> None:
    sku = await shop.stocked(on_hand=50)
    callers = [
        shop.staff(channel="web"),
        shop.staff(Permission.READ_STOCK, channel="web"),
        shop.app(channel="web"),
        shop.guest("web"),
    ]
    alone = [await asked(engine, caller, STOCK, sku=sku) for caller in callers]

    answers = await asyncio.gather(*(asked(engine, caller, STOCK, sku=sku) for caller in callers))

    assert alone[0] != alone[3]
    assert answers == alone
    assert engine.shared == 0


async def test_everybody_reads_what_they_wrote_before_they_asked(shop: Shop, engine: Engine) -> None:
    sku = await shop.stocked(on_hand=0)
    guest = shop.guest().capped_at(10_000)
    written = 0

    async def write_and_read() -> None:
        nonlocal written
        for _ in range(10):
            await shop.receive(sku, 1)
            written += 1
            expected = written
            answer = orjson.loads(await asked(engine, guest, STOCK, sku=sku))
            [level] = answer["data"]["productVariant"]["availability"]
            assert level["available"]["quantity"] >= expected

    async with asyncio.timeout(60):
        await asyncio.gather(*(write_and_read() for _ in range(6)))

    assert engine.shared > 0


async def test_an_error_is_told_to_each_for_itself(shop: Shop, engine: Engine) -> None:
    text = "{ products(first: 1000) { nodes { slug } } }"

    answers = await asyncio.gather(*(asked(engine, shop.guest(), text) for _ in range(4)))

    assert {orjson.loads(answer)["errors"][0]["extensions"]["code"] for answer in answers} == {"BAD_USER_INPUT"}
    assert engine.shared == 0


class Stranger:
    """A shopper of whom nothing else may be looked at."""

    is_shopper = True
    permissions: frozenset[Permission] = frozenset()

    def may(self, _permission: Permission) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"What is shared looks at {name}.")


ARGUMENTS: dict[str, Sequence[Any]] = {
    "ProductBy": [{"slug": "shirt"}],
    "ProductVariantBy": [{"sku": "shirt-m"}],
    "LocationBy": [{"code": "berlin"}],
    "CoordinatesInput": [{"latitude": 52.5, "longitude": 13.4}],
    "ProductFilter": [{"search": "shirt"}, {"inStock": True}],
    "Int": [3],
    "String": ["shirts"],
}


def arguments(_field: str, name: str, type_: GraphQLInputType) -> Sequence[Any]:
    return [] if name == "after" else ARGUMENTS.get(get_named_type(type_).name, [])


def public_below(*fields: str) -> set[str]:
    """The types of objects that these queries and public fields below them lead to."""
    assert SCHEMA.query_type is not None
    found: set[str] = set()
    pending = [SCHEMA.query_type.fields[name] for name in fields]
    while pending:
        named = get_named_type(pending.pop().type)
        if is_leaf_type(named) or named.name in found:
            continue
        found.add(named.name)
        assert isinstance(named, GraphQLObjectType)
        pending += [field for field in named.fields.values() if (rule_of(field) or NOBODY).is_public]
    return found


def test_what_is_shared_leads_to_nothing_that_is_somebodys() -> None:
    assert not {"Cart", "Order", "Customer", "Viewer", "App"} & public_below(*SHARED_QUERIES)


async def test_what_is_shared_looks_at_nothing_of_the_caller_but_its_audience(shop: Shop) -> None:
    assert SCHEMA.query_type is not None
    await shop.product("shirt-m", "shirt-l", slug="shirt")
    await shop.receive("shirt-m", 5)
    engine = Engine(SCHEMA, limits=Limits(tokens=100_000, fields=100_000, aliases=1_000, cost=10**12))
    asker = Asker(SCHEMA, arguments)
    context = replace(context_of(shop.guest()), caller=Stranger(), identity=Stranger(), client_address=Stranger())  # type: ignore[arg-type]
    roots = [root for root in asker.everything(SCHEMA.query_type) if root.field in SHARED_QUERIES]

    answers = [
        (await engine.execute(GraphQLRequest(document("query", root)), replace(context, loaders={}))).body.decode()
        for root in roots
    ]

    assert {root.field for root in roots} == SHARED_QUERIES
    assert [answer for answer in answers if "What is shared looks at" in answer or "INTERNAL" in answer] == []
