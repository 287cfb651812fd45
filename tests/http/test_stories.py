"""The tabs of GraphiQL, run in their order against a server with the demo, as somebody new to Oneshelf does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from api.graphiql.stories import CART, ORDER, SKU, STORIES, Story
from tests.api.transport.ws_client import initialised
from tests.cli.commands import REPOSITORY, running

pytestmark = pytest.mark.anyio

Answers = list[tuple[str, Any]]


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    """What is promised to clients, not what the code happens to make."""
    return build_schema((REPOSITORY / "schema.graphql").read_text(encoding="utf-8"))


@pytest.fixture
def address(database_url: str, tmp_path: Path) -> Iterator[str]:
    arguments = ("--database-url", database_url, "--demo")
    with running(tmp_path / "server.log", *arguments, ONESHELF_DATA=str(tmp_path / "data")) as server:
        server.wait_until_ready()
        yield server.address


@dataclass(frozen=True, slots=True)
class SocketAddress:
    ws_url: str


def operation(story: Story) -> OperationDefinitionNode:
    (definition,) = parse(story.query).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


def named(story: Story) -> str:
    name = operation(story).name
    assert name is not None
    return name.value


def filled(value: Any, carried: dict[str, str]) -> Any:
    """As the page does: what is known of the last cart stands in for its placeholders."""
    text = orjson.dumps(value).decode()
    for name, known in carried.items():
        text = text.replace("{{" + name + "}}", known)
    assert "{{" not in text
    return orjson.loads(text)


async def told(address: str, stories: Iterable[Story] = STORIES) -> Answers:
    """The name of each story and its whole answer."""
    answers: Answers = []
    carried: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=address) as client:
        for story in stories:
            variables, headers = filled(story.variables, carried), filled(story.headers, carried)
            if operation(story).operation is OperationType.SUBSCRIPTION:
                answers.append((named(story), await _first(address, story, variables, headers)))
                continue
            asked = {"query": story.query, "variables": variables}
            answer = (await client.post("/graphql", json=asked, headers=headers)).json()
            answers.append((named(story), answer))
            made = answer.get("data", {}).get("cartCreate")
            if made:
                carried = {"cartId": made["cart"]["id"], "cartToken": made["cartToken"]}
    return answers


async def _first(address: str, story: Story, variables: Any, headers: Any) -> Any:
    async with initialised(SocketAddress(f"{address.replace('http', 'ws')}/graphql"), headers) as client:
        await client.subscribe("watch", story.query, variables=variables)
        message = await client.receive()
        assert message["type"] == "next"
        return message["payload"]


@pytest.mark.parametrize("story", STORIES, ids=named)
def test_a_story_is_valid_by_the_schema_that_clients_read(schema: GraphQLSchema, story: Story) -> None:
    placeholders = {"cartId": "crt_1", "cartToken": "token"}

    problems = validate(schema, parse(story.query))
    values = get_variable_values(
        schema, operation(story).variable_definitions or (), filled(story.variables, placeholders)
    )

    assert problems == []
    assert not isinstance(values, list), values


@pytest.mark.parametrize("story", STORIES, ids=named)
def test_a_story_fits_the_editor_without_scrolling(story: Story) -> None:
    lines = story.query.splitlines()

    assert max(map(len, lines)) <= 54
    assert len(lines) <= 40


async def test_told_in_order_they_answer_without_an_error_and_sell_one_article(address: str) -> None:
    answers = dict(await told(address))

    assert {name for name, answer in answers.items() if "errors" in answer} == set()
    data = {name: answer["data"] for name, answer in answers.items()}
    assert len(data["Browse"]["products"]["nodes"]) == 6
    assert data["Search"]["products"]["nodes"][0]["name"] == "Linen T-shirt"
    assert "Brand" in [facet["name"] for facet in data["Search"]["products"]["facets"]]
    assert data["Scan"]["productVariant"]["sku"] == SKU
    assert data["Cart"]["cartCreate"]["cart"]["lines"][0]["sku"] == SKU
    assert data["Cart"]["cartCreate"]["cart"]["lines"][0]["quantity"] == 1
    assert data["Order"]["orderPlace"]["order"]["status"] == "OPEN"
    assert data["Order"]["cartDeliverySet"]["cart"]["deliveryGroups"][0]["method"] == "PICKUP"
    assert data["Watch"]["availabilityChanged"]["availability"]["variant"]["sku"] == SKU


async def test_what_is_near_comes_first_and_says_when_it_can_be_collected(address: str) -> None:
    answers = dict(await told(address))

    nearby = answers["Nearby"]["data"]["availability"]
    distances = [place["location"]["distanceKm"] for place in nearby]
    collectable = [place for place in nearby if place["pickupReadyAt"] is not None]
    assert distances == sorted(distances)
    assert distances[0] < 2
    assert collectable
    assert collectable[0]["location"]["name"] == "Berlin Mitte"
    assert answers["Scan"]["data"]["productVariant"]["availability"][0]["pickupReadyAt"] is not None


async def test_the_order_is_the_same_when_it_is_placed_twice(address: str) -> None:
    _, (_, first), (_, second) = await told(address, (CART, ORDER, ORDER))

    assert first["data"]["orderPlace"]["order"]["number"]
    assert second["data"]["orderPlace"] == first["data"]["orderPlace"]
    assert second["data"]["cartBuyerSet"]["code"] == "CART_NOT_OPEN"
