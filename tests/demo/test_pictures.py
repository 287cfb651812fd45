"""Every picture that a product names is drawn, small, safe to show and kept by browsers."""

from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.applications import Starlette

from api.demo.catalog import KINDS, products
from api.demo.pictures import demo_media_routes, drawn, picture_path

_LARGEST = 6_000
PATHS = sorted({picture_path(product, variant.color) for product in products() for variant in product.variants})


@pytest.mark.anyio
async def test_every_picture_that_a_product_names_is_served() -> None:
    transport = httpx.ASGITransport(Starlette(routes=demo_media_routes()))

    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        answers = [await client.get(path) for path in PATHS]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"] for answer in answers} == {"image/svg+xml"}
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert max(len(answer.content) for answer in answers) < _LARGEST
    assert {ET.fromstring(answer.content).tag for answer in answers} == {"{http://www.w3.org/2000/svg}svg"}  # noqa: S314 - Ours.
    # Next to none looks like another.
    assert len({answer.content for answer in answers}) > 0.98 * len(PATHS)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "name",
    [
        "sofa-plain-1-plaid",
        "spaceship-plain-1-red",
        "sofa-flying-1-red",
        "sofa-plain-1000001-red",
        "sofa-plain-x-red",
        "sofa-plain--1-red",
        "sofa-red",
        "x",
    ],
)
async def test_there_is_no_other_picture(name: str) -> None:
    transport = httpx.ASGITransport(Starlette(routes=demo_media_routes()))

    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        answer = await client.get(f"/media/demo/2/{name}.svg")

    assert answer.status_code == 404


def test_a_picture_is_the_same_every_time() -> None:
    first = drawn("tshirt", "plain", 1001, "navy")
    again = drawn("tshirt", "plain", 1001, "navy")

    assert first == again
    assert first != drawn("tshirt", "plain", 1002, "navy")
    assert first != drawn("tshirt", "striped", 1001, "navy")
    assert first != drawn("tshirt", "plain", 1001, "rust")


def test_every_kind_can_be_drawn_in_every_cut() -> None:
    missing = {
        picture_path(product, product.variants[0].color)
        for product in products(len(KINDS) * 40)
        if drawn(*_words(picture_path(product, product.variants[0].color))) is None
    }

    assert missing == set()


def _words(path: str) -> tuple[str, str, int, str]:
    shape, cut, number, color = path.rpartition("/")[2].removesuffix(".svg").split("-")
    return shape, cut, int(number), color
