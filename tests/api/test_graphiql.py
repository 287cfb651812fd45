"""The GraphiQL page: everything it needs comes from this server, and nothing else may run in it."""

import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from starlette.applications import Starlette

from api.graphiql import graphiql_routes

pytestmark = pytest.mark.anyio

FILES_LOADED_BY_SCRIPT_AND_STYLE = {
    "codicon.ttf": "font/ttf",
    "editor.worker.js": "text/javascript; charset=utf-8",
    "graphql.worker.js": "text/javascript; charset=utf-8",
    "json.worker.js": "text/javascript; charset=utf-8",
}


class PageReader(HTMLParser):
    """Collects every element with its attributes, and the text inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inline_code = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is not None:
            self.inline_code += data

    def addresses(self) -> list[str]:
        names = {"src", "href", "data-endpoint", "data-stories", "data-logo"}
        return [value for _, attributes in self.elements for name, value in attributes.items() if name in names]

    def data(self, name: str) -> str:
        return next(attributes[f"data-{name}"] for _, attributes in self.elements if f"data-{name}" in attributes)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=graphiql_routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as opened:
        yield opened


async def assets_folder(client: httpx.AsyncClient) -> str:
    logo = PageReader((await client.get("/graphiql")).text).data("logo")
    return logo.removesuffix("/oneshelf.svg")


async def test_the_page_forbids_everything_but_its_own_origin(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphiql")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_the_page_has_no_inline_code_and_names_no_other_origin(client: httpx.AsyncClient) -> None:
    text = (await client.get("/graphiql")).text

    page = PageReader(text)

    assert page.inline_code == ""
    assert [attributes["type"] for tag, attributes in page.elements if tag == "script"] == ["module"]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "://" not in text
    assert all(address.startswith("/") and not address.startswith("//") for address in page.addresses())


async def test_the_page_takes_its_endpoint_escaped_and_below_the_mount(client: httpx.AsyncClient) -> None:
    app = Starlette(routes=graphiql_routes(endpoint='/graphql"><script>alert(1)</script>'))
    transport = httpx.ASGITransport(app, root_path="/shop")

    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as mounted:
        page = PageReader((await mounted.get("/shop/graphiql")).text)

    assert page.data("endpoint") == '/shop/graphql"><script>alert(1)</script>'
    assert page.data("stories") == "/shop/graphiql/stories.json"
    assert page.inline_code == ""
    assert PageReader((await client.get("/graphiql")).text).data("endpoint") == "/graphql"


async def test_every_file_of_the_page_is_served_for_good_with_its_media_type(client: httpx.AsyncClient) -> None:
    page = PageReader((await client.get("/graphiql")).text)
    folder = await assets_folder(client)
    expected = {
        f"{folder}/boot.js": "text/javascript; charset=utf-8",
        f"{folder}/boot.css": "text/css; charset=utf-8",
        f"{folder}/oneshelf.css": "text/css; charset=utf-8",
        f"{folder}/oneshelf.svg": "image/svg+xml",
    }
    loaded_later = {f"{folder}/{name}": kind for name, kind in FILES_LOADED_BY_SCRIPT_AND_STYLE.items()}

    served = {address: await client.get(address) for address in expected | loaded_later}

    assert set(page.addresses()) - {"/graphql", "/graphiql/stories.json"} == set(expected)
    assert {address: response.status_code for address, response in served.items()} == dict.fromkeys(served, 200)
    assert {a: r.headers["content-type"] for a, r in served.items()} == expected | loaded_later
    assert {r.headers["x-content-type-options"] for r in served.values()} == {"nosniff"}
    assert {r.headers["content-security-policy"].split(";")[0] for r in served.values()} == {"default-src 'none'"}
    assert {r.headers["cache-control"] for r in served.values()} == {"public, max-age=31536000, immutable"}


@pytest.mark.parametrize(
    ("accept_encoding", "content_encoding"),
    [("gzip, br", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("*", "gzip"), ("identity", None), ("gzip;q=0", None)],
)
async def test_a_file_is_compressed_only_for_those_who_accept_it(
    client: httpx.AsyncClient, accept_encoding: str, content_encoding: str | None
) -> None:
    folder = await assets_folder(client)

    response = await client.get(f"{folder}/oneshelf.svg", headers={"Accept-Encoding": accept_encoding})

    assert response.headers.get("content-encoding") == content_encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.text.startswith("<svg ")


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/../../pyproject.toml",
        "/graphiql/%2e%2e/%2e%2e/pyproject.toml",
        "/graphiql/..%2f..%2fpyproject.toml",
        "/graphiql/..%5c..%5cpyproject.toml",
        "{folder}/../../page.py",
        "{folder}/..%2f..%2fpage.py",
        "{folder}/%2e%2e%2fpage.py",
        "{folder}/..%252fpage.py",
        "{folder}/%2fetc%2fpasswd",
        "{folder}//etc/passwd",
        "{folder}/boot.js.gz",
        "{folder}/boot.js%00.css",
        "{folder}/",
        "/graphiql/0000000000000000/boot.js",
    ],
)
async def test_no_path_leads_out_of_the_vendored_files(client: httpx.AsyncClient, path: str) -> None:
    target = path.format(folder=await assets_folder(client))
    # httpx resolves dots before sending; a hostile client does not.
    raw = client.build_request("GET", "http://shop.test/")
    raw.url = raw.url.copy_with(raw_path=target.encode())

    response = await client.send(raw)

    assert response.status_code == 404


async def test_the_stories_are_valid_documents_named_after_their_tab(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphiql/stories.json")

    stories = response.json()
    operations = [parse(story["query"]).definitions for story in stories]

    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert [
        (definition.operation.value, definition.name and definition.name.value)
        for definitions in operations
        for definition in definitions
        if isinstance(definition, OperationDefinitionNode)
    ] == [
        ("query", "Browse"),
        ("query", "Search"),
        ("query", "Scan"),
        ("query", "Nearby"),
        ("mutation", "Cart"),
        ("mutation", "Order"),
        ("subscription", "Watch"),
    ]
    assert [len(definitions) for definitions in operations] == [1] * 7


async def test_each_story_gives_every_variable_it_declares(client: httpx.AsyncClient) -> None:
    stories = (await client.get("/graphiql/stories.json")).json()

    declared = [
        {variable.variable.name.value for variable in definition.variable_definitions or ()}
        for story in stories
        for definition in parse(story["query"]).definitions
        if isinstance(definition, OperationDefinitionNode)
    ]

    assert declared == [set(story["variables"]) for story in stories]
    assert "{{cartToken}}" in json.dumps(stories[5]["headers"])
