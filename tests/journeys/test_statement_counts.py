"""How often the database is asked: the same for one item as for many."""

from typing import Any

import pytest

from tests.shop import Caller, Cart, Shop

pytestmark = pytest.mark.anyio


async def count(statements: list[str], caller: Caller, document: str, **variables: Any) -> tuple[int, Any]:
    """How many statements an answer took, and the answer."""
    before = len(statements)
    data = await caller.ask(document, **variables)
    return len(statements) - before, data


LISTING = """
query ($first: Int) {
  products(first: $first) {
    nodes {
      slug priceRange { min { amount } } media(first: 1) { url } stockStatus
      variants(first: 3) {
        nodes {
          sku price { amount } availableToPromise { quantity }
          availability { location { code } available { quantity } status }
        }
      }
    }
    pageInfo { endCursor }
  }
}
"""


@pytest.fixture
async def catalog(shop: Shop) -> Shop:
    """25 products of three variants, stocked in five places."""
    await shop.run("""
        INSERT INTO location (code, name, kind, offers_pickup, ships_orders, sourcing_priority)
        SELECT 'store-' || number, 'Store', 'STORE', true, true, 50 FROM generate_series(1, 2) number
    """)
    await shop.reread()
    for number in range(25):
        await shop.product(*(f"sku-{number}-{position}" for position in range(3)))
    await shop.run("""
        INSERT INTO stock_level (variant_id, location_id)
        SELECT variant.id, location.id FROM variant, location WHERE location.code <> 'supplier'
    """)
    await shop.run("INSERT INTO media (product_id, position, url) SELECT id, 1, '/picture' FROM product")
    return shop


@pytest.mark.parametrize(("is_fused", "expected"), [(True, 1), (False, 8)])
async def test_a_listing_takes_as_many_statements_whatever_the_size_of_its_page(
    catalog: Shop, statements: list[str], *, is_fused: bool, expected: int
) -> None:
    guest = catalog.guest() if is_fused else catalog.guest().unfused()
    one, page_of_one = await count(statements, guest, LISTING, first=1)
    many, page = await count(statements, guest, LISTING, first=24)

    assert len(page_of_one["products"]["nodes"]) == 1
    products = page["products"]["nodes"]
    variants = [variant for product in products for variant in product["variants"]["nodes"]]
    assert (len(products), len(variants)) == (24, 72)
    assert {len(variant["availability"]) for variant in variants} == {5}
    assert (one, many) == (expected, expected)


async def test_stock_levels_take_six_statements_whatever_the_size_of_the_page(
    catalog: Shop, statements: list[str]
) -> None:
    document = """
    query ($first: Int) { stockLevels(first: $first) {
      totalCount nodes { variant { sku } location { code } onHand held committed movements(first: 5) { nodes { reason } } }
    } }
    """

    one, page_of_one = await count(statements, catalog.staff(), document, first=1)
    many, page = await count(statements, catalog.staff(), document, first=100)

    assert (len(page_of_one["stockLevels"]["nodes"]), len(page["stockLevels"]["nodes"])) == (1, 100)
    assert (one, many) == (6, 6)


async def test_orders_take_the_same_statements_for_one_as_for_twelve(shop: Shop, statements: list[str]) -> None:
    await shop.stocked("shirt", on_hand=50)
    await shop.stocked("hat", on_hand=50)
    for _ in range(12):
        await shop.place(await (await shop.guest_cart({"shirt": 1, "hat": 2})).shipped())
    document = """
    query ($first: Int) { orders(first: $first) {
      totalCount
      nodes {
        number placedIn { code } totals { total { amount } } shippingAddress { city } customer { id }
        lines { sku variant { sku } } payments { amount { amount } } timeline { type } journey { action }
      }
    } }
    """

    one, page_of_one = await count(statements, shop.staff(), document, first=1)
    many, page = await count(statements, shop.staff(), document, first=12)

    assert (len(page_of_one["orders"]["nodes"]), len(page["orders"]["nodes"])) == (1, 12)
    assert (one, many) == (9, 9)


CART = """
query ($id: ID!) { cart(id: $id) {
  lines { sku variant { sku product { slug } } lineTotal { amount } priceChange { amount } addedIn { code } problems { code } }
  deliveryGroups { method location { code } lines { sku } }
  totals { total { amount } } problems { code line { sku } } journey { action } heldUntil order { number }
} }
"""


CART_SIZES = (1, 5, 20, 50)


async def long_cart(shop: Shop, lines: int) -> Cart:
    skus = [f"cart-{lines}-{number}" for number in range(lines)]
    await shop.product(*skus)
    for sku in skus:
        await shop.receive(sku, 5)
    return await shop.guest_cart(dict.fromkeys(skus, 1))


async def test_a_cart_takes_the_same_statements_with_one_line_as_with_fifty(shop: Shop, statements: list[str]) -> None:
    counts = {}
    for lines in (1, 50):
        cart = await long_cart(shop, lines)
        counts[lines], seen = await count(statements, cart.caller, CART, id=cart.id)
        assert len(seen["cart"]["lines"]) == lines

    assert counts == {1: 7, 50: 7}


async def test_each_change_of_a_cart_and_its_order_takes_the_same_statements_however_many_lines_it_has(
    shop: Shop, statements: list[str]
) -> None:
    counts: dict[str, dict[int, int]] = {}

    for lines in CART_SIZES:
        cart = await long_cart(shop, lines)
        skus = [f"cart-{lines}-{number}" for number in range(lines)]
        ids = [line["id"] for line in (await cart.seen())["lines"]]

        async def do(
            mutation: str, *, cart: Cart = cart, size: int = lines, of: str = "CartPayload", **input_: Any
        ) -> None:
            before = len(statements)
            input_type = f"{mutation[0].upper()}{mutation[1:]}Input!"
            document = f"mutation ($input: {input_type}) {{ {mutation}(input: $input) {{ __typename }} }}"
            answer = await cart.caller.ask(document, input={"cartId": cart.id, "idempotencyKey": mutation, **input_})
            assert answer == {mutation: {"__typename": of}}
            counts.setdefault(mutation, {})[size] = len(statements) - before

        await do("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": 1} for sku in skus])
        await do("cartLinesUpdate", lines=[{"lineId": id_, "quantity": 3} for id_ in ids])
        await do("cartDeliverySet", groups=[{"method": "PICKUP", "location": {"code": "berlin"}}])
        await do("cartBuyerSet", email="ada@example.com")
        await do("cartHold")
        await do("cartRelease")
        await do("orderPlace", of="OrderPlacePayload")
        other = await shop.guest_cart(dict.fromkeys(skus, 1))
        other_ids = [line["id"] for line in (await other.seen())["lines"]]
        await do("cartLinesRemove", cart=other, lineIds=other_ids)

    assert counts == {
        mutation: dict.fromkeys(CART_SIZES, taken)
        for mutation, taken in {
            "cartLinesAdd": 6,
            "cartLinesUpdate": 4,
            "cartLinesRemove": 5,
            "cartDeliverySet": 4,
            "cartBuyerSet": 4,
            "cartHold": 8,
            "cartRelease": 7,
            "orderPlace": 9,
        }.items()
    }
