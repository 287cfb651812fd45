"""GraphiQL as a person meets it: a real browser runs the story tabs of a real server, and the picture is looked at."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.graphiql.stories import PICKUP_LOCATION, SKU, STORIES
from tests.browser.devtools import Browser, Page
from tests.browser.pictures import Area, colors

pytestmark = pytest.mark.anyio

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
# Of static/oneshelf.svg: its ground, and the three articles on the shelf.
MARK = {"#0f766e", "#ccfbf1", "#ffffff", "#fcd34d"}
RESPONSE = 'document.querySelector(".result-window").innerText.replaceAll("\\u00a0", " ")'


def tab(name: str) -> str:
    return f'[...document.querySelectorAll(".graphiql-tab")].find((tab) => tab.innerText.trim() === "{name}")'


async def run(page: Page, name: str, *expected: str) -> str:
    """What the response shows, as far as it is in sight, once it contains all that is expected."""
    await page.click(f'{tab(name)}?.querySelector("button")')
    await page.until(f'{tab(name)}.classList.contains("graphiql-tab-active")')
    await page.click('document.querySelector(".graphiql-execute-button")')
    for text in expected:
        await page.until(f"{RESPONSE}.includes({json.dumps(text)})")
    shown: str = await page.evaluate(RESPONSE)
    return shown


async def shoot(page: Page, name: str) -> bytes:
    png = await page.screenshot()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / f"graphiql-{name.lower()}.png").write_bytes(png)
    return png


def available(address: str) -> int:
    """How many the story's article has at the story's store, which must be few enough for a shopper to be told."""
    document = """query ($sku: String!, $code: String!) {
      availability(variants: [{ sku: $sku }], locations: [{ code: $code }]) { available { quantity isCapped } }
    }"""
    asked = {"query": document, "variables": {"sku": SKU, "code": PICKUP_LOCATION}}
    answer: Any = httpx.post(f"{address}/graphql", json=asked).json()
    (place,) = answer["data"]["availability"]
    assert place["available"]["isCapped"] is False
    quantity: int = place["available"]["quantity"]
    return quantity


def foreign(address: str, pages: list[Page]) -> list[str]:
    ours = (f"{address}/", f"{address.replace('http', 'ws')}/", f"blob:{address}/", "data:")
    return [url for page in pages for url in page.requested if not url.startswith(ours)]


async def test_the_tabs_tell_the_story_of_a_sale_that_another_page_watches(browser: Browser, address: str) -> None:
    units = available(address)
    buyer = await browser.open(f"{address}/graphql")
    await buyer.until('document.querySelectorAll(".graphiql-tab").length > 6')
    tabs = await buyer.evaluate('[...document.querySelectorAll(".graphiql-tab")].map((tab) => tab.innerText.trim())')
    watcher = await browser.open(f"{address}/graphql")

    browsed = await run(buyer, "Browse", '"products"', '"amount"')
    await shoot(buyer, "Browse")
    found = await run(buyer, "Search", '"facets"', '"Linen T-shirt"')
    await shoot(buyer, "Search")
    scanned = await run(buyer, "Scan", '"productVariant"', '"pickupReadyAt"')
    await shoot(buyer, "Scan")
    near = await run(buyer, "Nearby", '"distanceKm"')
    await shoot(buyer, "Nearby")
    await run(watcher, "Watch", f'"{SKU}"')
    made = await run(buyer, "Cart", '"cartToken"', f'"{SKU}"')
    ordered = await run(buyer, "Order", '"orderPlace"', '"number"')
    await shoot(buyer, "Order")
    # The newest is shown first.
    await watcher.until(f"{RESPONSE}.split('availabilityChanged')[1].includes('\"quantity\": {units - 1}')")
    newest = (await watcher.evaluate(RESPONSE)).split("availabilityChanged")[1]
    await shoot(watcher, "Watch")

    assert tabs == [
        named.group(1)
        for story in STORIES
        if (named := re.search(r"(?:query|mutation|subscription) (\w+)", story.query))
    ]
    assert f'"code": "{PICKUP_LOCATION}"' in newest
    assert available(address) == units - 1
    assert "errors" not in browsed + found + scanned + near + made + ordered
    assert [*buyer.complaints, *watcher.complaints] == []
    assert foreign(address, [buyer, watcher]) == []
    assert f"{address.replace('http', 'ws')}/graphql" in watcher.requested


async def test_the_page_is_a_picture_of_ours(browser: Browser, address: str) -> None:
    page = await browser.open(f"{address}/graphql")
    await run(page, "Browse", '"products"')
    eyes = await browser.open("about:blank")
    png = await shoot(page, "Browse")
    mark = 'document.querySelector(".oneshelf-brand img")'
    place = await page.evaluate(
        f"(({{x, y, width, height}}) => ({{x, y, width, height}}))({mark}.getBoundingClientRect())"
    )
    area = Area(**{name: round(length) for name, length in place.items()})

    whole = await colors(eyes, png)
    marked = await colors(eyes, png, area)

    assert await page.evaluate("document.title") == "Oneshelf · GraphiQL"
    assert (area.width, area.height) == (28, 28)
    # Text of many colors on a calm ground: neither blank, nor a page of errors in black on white.
    assert max(whole.values()) < 0.9
    assert len(whole) > 200
    assert set(marked) >= MARK
    assert max(marked, key=lambda color: marked[color]) == "#0f766e"
    assert 0.3 < marked["#0f766e"] < 0.8


async def test_the_browser_refuses_what_the_policy_forbids_and_we_hear_of_it(browser: Browser, address: str) -> None:
    page = await browser.open(f"{address}/graphql")
    await page.until('document.querySelector(".graphiql-execute-button")')
    complaints_before = list(page.complaints)

    fetched = await page.evaluate('fetch("http://127.0.0.1:1/").then(() => true, () => false)')
    ran = await page.evaluate(
        """(() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          return window.ran === true;
        })()"""
    )
    await page.until_complaint("connect-src forbids http://127.0.0.1:1/")
    await page.until_complaint("script-src-elem forbids inline")

    assert complaints_before == []
    assert (fetched, ran) == (False, False)
