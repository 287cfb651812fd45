"""Streams over server-sent events: each event is named by its cursor, and who comes back says the last name it has."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.events.premises import PATIENCE_SECONDS, Premises

pytestmark = pytest.mark.anyio

WATCH = """
subscription ($after: Cursor) {
  availabilityChanged(variants: [{ sku: "shirt" }], after: $after) {
    ... on AvailabilityChanged { cursor availability { version } }
    ... on StreamLagged { resumeFrom }
  }
}
"""


@asynccontextmanager
async def streaming(
    premises: Premises, method: str = "POST", **asked: Any
) -> AsyncIterator[AsyncIterator[tuple[str | None, Any]]]:
    """Ids and values of its events."""
    last_event_id = asked.pop("last_event_id", None)
    headers = {"accept": "text/event-stream"} | ({"last-event-id": last_event_id} if last_event_id else {})
    url = f"http://{premises.address}/graphql"
    body: dict[str, Any] = {"query": WATCH, "variables": asked}
    parameters = {"query": WATCH, "variables": json.dumps(asked)}
    request = {"json": body} if method == "POST" else {"params": parameters}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client,
        client.stream(method, url, headers=headers, **request) as response,
    ):
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str | None, Any]]:
    id_ = None
    async for line in response.aiter_lines():
        if line.startswith("id: "):
            id_ = line.removeprefix("id: ")
        elif line.startswith("data: {"):
            answer = json.loads(line.removeprefix("data: "))
            yield id_, answer["data"]["availabilityChanged"] if "data" in answer else answer["errors"]
            id_ = None


def seen(event: tuple[str | None, Any]) -> tuple[bool, int]:
    """Whether its id is its cursor, and which version it tells."""
    id_, value = event
    return id_ == value["cursor"], value["availability"]["version"]


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_whoever_comes_back_with_the_last_id_goes_on_after_it(premises: Premises, method: str) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    await premises.published()

    async with streaming(premises, method) as events:
        first = await anext(events)
    await premises.shop.receive("shirt", 1)
    await premises.published()
    async with streaming(premises, method, last_event_id=first[0]) as events:
        missed = await anext(events)
        await premises.shop.receive("shirt", 1)
        live = await anext(events)

    assert [seen(event) for event in (first, missed, live)] == [(True, 1), (True, 2), (True, 3)]


async def test_the_last_id_counts_more_than_where_the_stream_once_began(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    began = await premises.cursor()
    await premises.shop.receive("shirt", 1)
    now = await premises.cursor()
    await premises.shop.receive("shirt", 1)
    await premises.published()

    async with streaming(premises, after=began, last_event_id=now) as events:
        told = await anext(events)

    assert seen(told) == (True, 3)


async def test_a_last_id_that_was_never_handed_out_is_refused(premises: Premises) -> None:
    async with streaming(premises, last_event_id="17") as events:
        _, errors = await anext(events)

    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]


async def test_who_lagged_goes_on_by_itself_where_it_may(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    before = await premises.cursor()
    await premises.shop.run("UPDATE relay_state SET epoch = epoch + 1")
    await premises.published()

    async with streaming(premises, last_event_id=before) as events:
        id_, lagged = await anext(events)

    assert id_ == lagged["resumeFrom"] == await premises.cursor()
