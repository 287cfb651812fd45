"""How long what is hostile keeps the server busy, and how long a neighbor waits meanwhile: printed, for a quiet machine.

Nothing here is asserted in seconds. That each is refused, and that a neighbor is served in its midst, is asserted elsewhere.
"""

import asyncio
from collections.abc import Iterator
from statistics import median
from time import perf_counter

import orjson
import pytest

from api.channels.founding import found
from api.cli.target import on_database
from tests import databases
from tests.api.transport.hostile import BODIES
from tests.cli.commands import Serving, running
from tests.http.asking import browsing
from tests.http.hostile import DOCUMENTS
from tests.http.test_hostile_inputs import HEALTHY, WELL, document_body, posted, wired

pytestmark = [pytest.mark.anyio, pytest.mark.soak]


@pytest.fixture
def serving(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("hostile")
    with databases.copy_of_template(postgres_url) as url:
        asyncio.run(on_database(url, found))
        with running(folder / "log", "--database-url", url, ONESHELF_DATA=str(folder / "data")) as server:
            server.wait_until_ready()
            yield server


async def test_every_refusal_and_what_it_costs_a_neighbor(serving: Serving) -> None:
    hostile = {f"body {number}": body for number, body in enumerate(BODIES)}
    hostile |= {f"document: {name}": document_body(document) for name, (document, _) in DOCUMENTS.items()}
    refusals: dict[str, float] = {}
    waits: dict[str, float] = {}

    for name, body in hostile.items():
        async with wired(serving) as wire, browsing(serving.address) as neighbor:
            assert await neighbor.ask(HEALTHY) == WELL
            began = perf_counter()
            await wire.send(posted(body))
            refused, answered = await asyncio.gather(wire.answer(), neighbor.ask(HEALTHY))
            waits[name] = perf_counter() - began
            assert answered == WELL
            assert b"errors" in refused[1]
            assert orjson.loads(refused[1])["errors"]
        async with wired(serving) as wire:
            began = perf_counter()
            await wire.send(posted(body))
            await wire.answer()
            # The second time it may be remembered; the first time counts.
            refusals[name] = max(waits[name], perf_counter() - began)

    for name, seconds in sorted(refusals.items(), key=lambda entry: -entry[1])[:10]:
        print(f"{seconds * 1e3:7.1f} ms  {name}")  # noqa: T201 - The figures are the purpose.
    print(  # noqa: T201
        f"{len(refusals)} refusals: median {median(refusals.values()) * 1e3:.1f} ms, worst {max(refusals.values()) * 1e3:.1f} ms; "
        f"a neighbor waited for {max(waits.values()) * 1e3:.1f} ms at the most"
    )
