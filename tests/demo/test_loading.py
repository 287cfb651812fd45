"""The demo in a database: its stories hold, its ledger is right, and it goes in once."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from api.demo.loader import Extent, Outcome, load
from api.demo.people import CLERKS, SHOPPERS
from api.demo.places import LOCATIONS
from api.demo.stock import UNDERWAY
from api.identity.passwords import Passwords
from persistence.customers import accounts
from persistence.database import Database, connect
from persistence.inventory.verification import verify
from persistence.statements import Statement
from tests import databases

pytestmark = pytest.mark.anyio

_UNITS = Statement("""
SELECT location.code, level.available, level.on_hand, level.incoming FROM stock_level level
JOIN variant ON variant.id = level.variant_id JOIN location ON location.id = level.location_id
WHERE variant.sku = :sku ORDER BY location.code
""")
_COUNTS = Statement("""
SELECT (SELECT count(*) FROM product) AS products, (SELECT count(*) FROM variant) AS variants,
       (SELECT count(*) FROM price) AS prices, (SELECT count(*) FROM media) AS pictures,
       (SELECT count(*) FROM location) AS locations, (SELECT count(*) FROM category) AS categories,
       (SELECT count(*) FROM stock_level) AS levels, (SELECT count(*) FROM stock_movement) AS movements
""")
_IN_DEPARTMENTS = Statement("""
SELECT department.name, count(*) AS products FROM product
JOIN category leaf ON leaf.id = product.category_id JOIN category department ON department.id = leaf.parent_id
GROUP BY department.name ORDER BY department.name
""")
_VARIANT_PICTURES = Statement("""
SELECT variant.sku, media.url FROM media JOIN variant ON variant.id = media.variant_id
WHERE variant.sku LIKE 'TEE-LINEN-%-M' ORDER BY variant.sku
""")
_MARKETPLACE = Statement("""
SELECT location.code, pair.sells, pair.buffer FROM channel_location pair
JOIN channel ON channel.id = pair.channel_id JOIN location ON location.id = pair.location_id
WHERE channel.kind = 'MARKETPLACE'
""")
_SHIPMENTS = Statement("""
SELECT origin.code AS origin, destination.code AS destination, line.shipped, line.received
FROM transfer JOIN transfer_line line ON line.transfer_id = transfer.id
JOIN location origin ON origin.id = origin_id JOIN location destination ON destination.id = destination_id
WHERE expected_at > now() ORDER BY destination.code
""")


@pytest.fixture(scope="module")
def demo_url(postgres_url: str) -> Iterator[str]:
    """The demo, loaded once for all the tests that only look at it."""
    with databases.copy_of_template(postgres_url) as url:
        assert asyncio.run(_load(url)) is Outcome.LOADED
        yield url


async def _load(url: str) -> Outcome:
    database = await Database.open(url, min_size=1)
    try:
        return await load(database)
    finally:
        await database.close()


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Database]:
    database = await Database.open(demo_url, min_size=1)
    yield database
    await database.close()


async def stock_of(database: Database, sku: str) -> dict[str, int]:
    async with database.reading() as reader:
        return {row["code"]: row["available"] for row in await reader.fetch(_UNITS, sku=sku)}


async def broken_rules(url: str) -> list[str]:
    connection = await connect(url)
    findings = [finding async for finding in verify(connection)]
    await connection.close()
    assert next(finding.examined for finding in findings if finding.check.name == "counters") > 0
    return [finding.check.name for finding in findings if not finding.is_clean]


async def test_loading_it_twice_is_loading_it_once(demo: Database) -> None:
    async with demo.reading() as reader:
        before = await reader.fetch_one(_COUNTS)

    again = await load(demo)

    async with demo.reading() as reader:
        after = await reader.fetch_one(_COUNTS)
    assert again is Outcome.LOADED_BEFORE
    assert after == before
    assert before is not None
    assert (before["products"], before["variants"], before["prices"], before["pictures"]) == (241, 622, 1244, 622)
    assert (before["locations"], before["categories"]) == (7, 72)


async def test_every_story_holds(demo: Database, demo_url: str) -> None:
    assert await stock_of(demo, "TEE-LINEN-WHITE-M") == {"berlin": 8, "hamburg": 2, "leipzig": 20, "new-york": 3}
    assert await stock_of(demo, "SWEATER-MERINO-RUST-M") == {"berlin": 1, "leipzig": 0, "new-york": 0}
    assert await stock_of(demo, "SNEAKER-CANVAS-42") == {"berlin": 0, "leipzig": 0, "new-york": 4}
    assert await stock_of(demo, "MUG-STONEWARE-SEA") == {"berlin": 4, "leipzig": 30}
    assert await stock_of(demo, "SET-BREAKFAST") == {}
    assert await stock_of(demo, "TOTE-CANVAS-NATURAL") == {"berlin": 12, "berlin-hbf": 4, "leipzig": 80}
    assert await broken_rules(demo_url) == []


async def test_what_is_on_its_way_left_one_place_and_is_awaited_at_another(demo: Database) -> None:
    async with demo.reading() as reader:
        blankets = {
            row["code"]: (row["on_hand"], row["incoming"]) for row in await reader.fetch(_UNITS, sku=UNDERWAY[0].sku)
        }
        packs = {
            row["code"]: (row["on_hand"], row["incoming"]) for row in await reader.fetch(_UNITS, sku="PACK-DAY-OLIVE")
        }
        shipments = [tuple(row) for row in await reader.fetch(_SHIPMENTS)]
    assert blankets == {"leipzig": (0, 0), "berlin": (0, 12), "hamburg": (0, 6)}
    assert packs == {"leipzig": (0, 40), "berlin": (0, 0)}
    assert shipments == [("leipzig", "berlin", 12, 0), ("leipzig", "hamburg", 6, 0)]


async def test_the_marketplace_has_only_what_the_warehouse_can_spare(demo: Database) -> None:
    async with demo.reading() as reader:
        pairs = {row["code"]: (row["sells"], row["buffer"]) for row in await reader.fetch(_MARKETPLACE)}

    assert pairs == {place["code"]: (False, 0) for place in LOCATIONS} | {"leipzig": (True, 3)}


async def test_no_department_is_empty_and_a_variants_picture_has_its_color(demo: Database) -> None:
    async with demo.reading() as reader:
        departments = {row["name"]: row["products"] for row in await reader.fetch(_IN_DEPARTMENTS)}
        pictures = [tuple(row) for row in await reader.fetch(_VARIANT_PICTURES)]
    assert len(departments) == 8
    assert sum(departments.values()) == 241
    assert pictures == [
        ("TEE-LINEN-NAVY-M", "/media/demo/2/tshirt-plain-1-navy.svg"),
        ("TEE-LINEN-WHITE-M", "/media/demo/2/tshirt-plain-1-white.svg"),
    ]


async def test_a_larger_chain_is_right_as_well(database: Database, database_url: str) -> None:
    # More than one batch, and second stores in the first cities.
    outcome = await load(database, Extent(products=1_100, locations=45))

    async with database.reading() as reader:
        counts = await reader.fetch_one(_COUNTS)
    assert outcome is Outcome.LOADED
    assert counts is not None
    assert (counts["products"], counts["locations"]) == (1_101, 45)
    assert await broken_rules(database_url) == []


async def test_everybody_signs_in_with_the_password_that_is_printed(demo: Database) -> None:
    passwords = Passwords()

    for person in (*SHOPPERS, *CLERKS):
        async with demo.reading() as reader:
            found = await accounts.signed_in_by(reader, person.email)
        assert [row["name"] for row in found] == [person.name]
        assert await passwords.verify(found[0]["password_hash"], person.password)
    passwords.close()
