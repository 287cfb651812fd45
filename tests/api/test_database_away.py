"""While the database is away, clients are told to try again; nothing of it is blamed on us or shown to them."""

import orjson
import pytest

from api.context import Context
from api.execution.engine import Engine, GraphQLRequest
from api.front import explain
from api.schema import build_schema
from persistence.database import Database
from tests.identities import identity
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_query_says_busy_while_nobody_answers_and_nothing_is_reported_as_our_bug(database: Database) -> None:
    shop = await Shop.open(database, identity())
    reported: list[BaseException] = []

    def report(error: BaseException, _context: object) -> str:
        reported.append(error)
        return "request"

    engine = Engine(build_schema(), on_unexpected=report, explain=explain)
    away = await Database.open("postgresql://oneshelf@/oneshelf?host=/nowhere", min_size=0)
    guest = shop.guest()
    context = Context(
        database=away,
        caller=guest.principal,
        directory=shop.directory,
        channel=shop.directory.channels_by_code["web"],
        request_id="test",
        identity=identity(),
        client_address=None,
    )

    answer = orjson.loads((await engine.execute(GraphQLRequest("{ products { nodes { slug } } }"), context)).body)

    await away.close()
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BUSY"}
    assert error["message"] == "The database does not answer; try again in a moment."
    assert reported == []
