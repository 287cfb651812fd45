import orjson
import pytest

from api.execution.errors import StreamClosed
from api.transport.operation import answers
from tests.api.transport.sample import Context, Sample, World, asked

pytestmark = pytest.mark.anyio


async def test_closing_the_answers_has_closed_the_source_when_it_returns(sampled: Sample, world: World) -> None:
    stream = answers(sampled.engine, asked("subscription { forever }"), Context(world, "request-1"))
    await anext(stream)

    await stream.aclose()

    assert (world.streams_opened, world.streams_closed) == (1, 1)


async def test_what_breaks_outside_the_engine_is_masked_and_reported(sampled: Sample, world: World) -> None:
    class Unhashable(str):
        __slots__ = ()
        __hash__ = None  # type: ignore[assignment]

    request = asked(Unhashable("{ hello }"))

    received = [orjson.loads(a.body) async for a in answers(sampled.engine, request, Context(world, "request-1"))]

    assert received == [
        {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL", "requestId": "request-1"}}]}
    ]
    assert [type(error) for error in world.unexpected] == [TypeError]


async def test_a_stream_that_is_closed_early_says_so(sampled: Sample, world: World) -> None:
    stream = answers(sampled.engine, asked("subscription { fallsBehind }"), Context(world, "request-1"))
    await anext(stream)

    with pytest.raises(StreamClosed) as closed:
        await anext(stream)

    assert closed.value.close_code == 4410
