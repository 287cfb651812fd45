import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.api.transport.sample import Sample, World, sample

pytestmark = pytest.mark.anyio

JSON = "application/json"
RESPONSE = "application/graphql-response+json"


async def post(client: httpx.AsyncClient, query: str, accept: str = RESPONSE, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers={"accept": accept, **headers})


async def test_a_query_is_answered_in_the_media_type_that_was_asked_for(client: httpx.AsyncClient) -> None:
    response = await post(client, "{ hello }")

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {"data": {"hello": "Hello, world!"}}


@pytest.mark.parametrize("query", ["{", "{ helo }", "query($n: Int!) { add(first: $n) }"])
@pytest.mark.parametrize(("accept", "status"), [(RESPONSE, 400), (JSON, 200), ("*/*", 200)])
async def test_a_request_error_has_no_data_and_the_status_of_its_media_type(
    client: httpx.AsyncClient, query: str, accept: str, status: int
) -> None:
    response = await post(client, query, accept)

    assert response.status_code == status
    assert list(response.json()) == ["errors"]


async def test_an_error_in_a_field_is_no_error_of_the_request(client: httpx.AsyncClient) -> None:
    response = await post(client, "{ neverNullButRefused }")

    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_urql_gets_json_for_a_query_and_events_for_a_subscription(client: httpx.AsyncClient) -> None:
    accept = f"{RESPONSE}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed"

    query = await post(client, "{ hello }", accept)
    subscription = await post(client, "subscription { count(to: 1) }", accept)

    assert query.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert subscription.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_a_query_may_come_by_get(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A($n: String!) { hello(name: $n) }",
        "variables": '{"n": "you"}',
        "operationName": "A",
    }

    response = await client.get("/graphql", params=parameters)

    assert response.json() == {"data": {"hello": "Hello, you!"}}


async def test_a_mutation_may_not_come_by_get(client: httpx.AsyncClient, world: World) -> None:
    response = await client.get("/graphql", params={"query": "mutation { bump }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert world.bumps == 0


async def test_a_subscription_needs_a_client_that_takes_events(client: httpx.AsyncClient) -> None:
    response = await post(client, "subscription { count(to: 1) }")

    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")


async def test_options_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    response = await client.options("/graphql")

    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_a_browser_that_visits_gets_the_ide(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", headers={"accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})

    assert (response.status_code, response.text) == (200, "<title>IDE</title>")


async def test_a_browser_that_follows_a_link_with_a_query_gets_its_answer(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql?query={hello}", headers={"accept": "text/html,*/*;q=0.8"})

    assert response.json() == {"data": {"hello": "Hello, world!"}}


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("bad", 401, "UNAUTHENTICATED"),
        ("suspended", 403, "FORBIDDEN"),
        ("busy", 503, "BUSY"),
        ("crash", 500, "INTERNAL"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE, "text/event-stream"])
async def test_a_session_that_is_refused_answers_with_its_status(
    client: httpx.AsyncClient, token: str, status: int, code: str, accept: str
) -> None:
    response = await post(client, "{ hello }", accept, authorization=f"Bearer {token}")

    assert response.status_code == status
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
    assert "hunter2" not in response.text
    assert ("retry-after" in response.headers) == (status == 503)


@pytest.mark.parametrize("tokens", [("good", "other"), ("other", "good")])
async def test_a_second_credential_cannot_hide_behind_the_first(
    client: httpx.AsyncClient, tokens: tuple[str, str]
) -> None:
    headers = [("authorization", f"Bearer {token}") for token in tokens]

    response = await client.post("/graphql", json={"query": "{ hello }"}, headers=headers)

    assert response.status_code == 401


async def test_the_request_id_of_a_middleware_reaches_the_resolvers(sampled: Sample) -> None:
    async def with_request_id(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"request_id": "from-the-middleware"}
        await sampled.app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(with_request_id), base_url="http://test") as client:
        response = await post(client, "{ requestId }")

    assert response.json() == {"data": {"requestId": "from-the-middleware"}}


async def test_without_a_middleware_each_request_gets_an_id(client: httpx.AsyncClient) -> None:
    responses = [(await post(client, "{ requestId }")).json()["data"]["requestId"] for _ in range(2)]

    assert [len(request_id) for request_id in responses] == [32, 32]
    assert responses[0] != responses[1]


async def test_introspection_and_ide_can_be_closed() -> None:
    closed = sample(introspection=False)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(closed.app), base_url="http://test") as client:
        response = await post(client, "{ __schema { queryType { name } } }")

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
