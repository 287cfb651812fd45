"""What answers tell browsers: not to guess, not to frame, not to tell where from, and who else may read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.channels.founding import found
from api.settings import Settings

pytestmark = pytest.mark.anyio

FRIEND = "https://shop.example"
STRANGER = "https://evil.example"
QUERY = {"query": "{ viewer { kind } }"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}
GUARDED = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@asynccontextmanager
async def shop(database_url: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(**settings), database_url)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        await found(app.state.database)
        yield made


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with shop(database_url, cors_origins=(FRIEND,)) as opened:
        yield opened


async def cors(client: httpx.AsyncClient, method: str, origin: str) -> dict[str, str]:
    """The headers by which an answer lets another origin's page read it."""
    headers = {"Origin": origin, **(PREFLIGHT if method == "OPTIONS" else {})}
    response = await client.request(method, "/graphql", headers=headers, json=QUERY if method == "POST" else None)
    permissions = {"access-control-allow-origin", "access-control-allow-credentials"}
    return {name: value for name, value in response.headers.items() if name in permissions}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/graphql", 200),
        ("GET", "/graphql?query={viewer{kind}}", 200),
        ("GET", "/graphql", 400),
        ("PUT", "/graphql", 405),
        ("OPTIONS", "/graphql", 204),
        ("GET", "/health/live", 200),
        ("GET", "/nothing-here", 404),
    ],
)
async def test_every_answer_is_guarded_and_data_may_load_nothing(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path, json=QUERY if method == "POST" else None)

    assert response.status_code == status
    assert {name: response.headers[name] for name in GUARDED} == GUARDED
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    assert "strict-transport-security" not in response.headers


async def test_a_page_keeps_its_own_policy_and_says_it_once(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", headers={"Accept": "text/html"})

    (policy,) = response.headers.get_list("content-security-policy")
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers.get_list("x-frame-options") == ["DENY"]


@pytest.mark.parametrize(("public_url", "expected"), [("https://shop.example", "max-age=31536000"), (None, None)])
async def test_strict_transport_is_asked_for_only_where_the_shop_is_reached_by_https(
    database_url: str, public_url: str | None, expected: str | None
) -> None:
    async with shop(database_url, public_url=public_url) as client:
        response = await client.post("/graphql", json=QUERY)

    assert response.headers.get("strict-transport-security") == expected


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_a_configured_origin_may_read_answers_and_a_stranger_may_not(
    client: httpx.AsyncClient, method: str
) -> None:
    assert await cors(client, method, FRIEND) == {"access-control-allow-origin": FRIEND}
    assert await cors(client, method, STRANGER) == {}
    assert await cors(client, method, "null") == {}
    assert await cors(client, method, f"{FRIEND}.evil.example") == {}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_without_configuration_no_other_origin_may_read_answers(database_url: str, method: str) -> None:
    async with shop(database_url) as client:
        assert await cors(client, method, FRIEND) == {}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_where_all_origins_may_read_answers_none_may_send_cookies(database_url: str, method: str) -> None:
    async with shop(database_url, cors_origins=("*",)) as client:
        assert await cors(client, method, STRANGER) == {"access-control-allow-origin": "*"}


async def test_a_preflight_allows_the_headers_of_ours_and_lasts_a_day(client: httpx.AsyncClient) -> None:
    ours = "authorization,content-type,oneshelf-channel,oneshelf-cart-token,x-request-id"

    allowed = await client.options(
        "/graphql", headers={"Origin": FRIEND, **PREFLIGHT, "Access-Control-Request-Headers": ours}
    )
    foreign = await client.options(
        "/graphql", headers={"Origin": FRIEND, **PREFLIGHT, "Access-Control-Request-Headers": "x-forwarded-for"}
    )

    assert (allowed.status_code, foreign.status_code) == (200, 400)
    assert allowed.headers["access-control-max-age"] == "86400"
