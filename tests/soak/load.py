"""People who shop and receive goods all the time, and keep asking when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

from tests.http.asking import Browser, NotAnsweredError, browsing, make_cart, make_ready
from tests.soak.diary import Diary, Purchase

_PAUSE_SECONDS = 0.1
PLACES = ("leipzig", "berlin")

Headers = Mapping[str, str]


@dataclass(slots=True)
class World:
    """Where the server is now, and what its clients know."""

    address: str
    skus: Sequence[str]
    random: Random
    diary: Diary = field(default_factory=Diary)
    is_over: bool = False

    async def insist(self, headers: Headers, ask: Callable[[Browser], Awaitable[dict[str, Any]]]) -> Any:
        """The same request again and again until it is answered, as a client does that holds an idempotency key."""
        while True:
            try:
                async with browsing(self.address, **headers) as browser:
                    answer = await ask(browser)
            except NotAnsweredError as silence:
                self.diary.outcomes[f"asked again: {silence.what}"] += 1
            else:
                if answer["__typename"] != "IdempotencyInProgress":
                    return answer
            await asyncio.sleep(_PAUSE_SECONDS)


async def shop(world: World, credential: Headers, *, holds: bool = True) -> None:
    """Fills carts, holds, gives up, orders. A cart whose making was not answered is forgotten.

    Whoever is signed in must not hold: what it forgets would count against the three carts that it may hold at a time.
    """
    while not world.is_over:
        try:
            async with browsing(world.address, **credential) as browser:
                while not world.is_over:
                    browser.headers = credential
                    await _visit(world, browser, holds=holds)
        except NotAnsweredError as silence:
            world.diary.outcomes[f"visit cut short: {silence.what}"] += 1
            await asyncio.sleep(_PAUSE_SECONDS)


async def _visit(world: World, browser: Browser, *, holds: bool) -> None:
    skus = world.random.sample(world.skus, world.random.randint(1, 3))
    cart_id = await make_cart(browser, {sku: world.random.randint(1, 2) for sku in skus})
    await make_ready(browser, cart_id)
    if holds and world.random.random() < 0.5:
        held = await browser.do("cartHold", cartId=cart_id)
        world.diary.outcomes[f"hold: {held['__typename']}"] += 1
        if world.random.random() < 0.4:
            released = await browser.do("cartRelease", cartId=cart_id)
            world.diary.outcomes[f"release: {released['__typename']}"] += 1
            return
    purchase = Purchase(str(uuid4()), cart_id, browser.headers)
    world.diary.begun[cart_id] = purchase
    await order(world, purchase, "order")


async def order(world: World, purchase: Purchase, occasion: str) -> None:
    """Safe to do again: the same key gives the same order."""

    async def ask(browser: Browser) -> dict[str, Any]:
        return await browser.do("orderPlace", cartId=purchase.cart_id, idempotencyKey=purchase.key)

    answer = await world.insist(purchase.headers, ask)
    world.diary.outcomes[f"{occasion}: {answer['__typename']}"] += 1
    if answer["__typename"] == "OrderPlacePayload":
        world.diary.placed(purchase, answer["order"]["id"])
    elif answer["__typename"] != "InsufficientStock" or purchase.cart_id in world.diary.orders:
        world.diary.contradictions.append(f"{purchase} was answered {answer}")


async def receive_goods(world: World, credential: Headers) -> None:
    """What is sold has to come from somewhere; each delivery has a reference of its own."""
    while not world.is_over:
        reference, units = str(uuid4()), world.random.randint(1, 6)
        key = {"variant": {"sku": world.random.choice(world.skus)}, "location": {"code": world.random.choice(PLACES)}}
        world.diary.receipts_begun[reference] = units

        async def ask(browser: Browser, *, key: Any = key, units: int = units, ref: str = reference) -> dict[str, Any]:
            changes = [{"key": key, "delta": units}]
            return await browser.do("stockAdjust", changes=changes, reason="RECEIPT", reference=ref, idempotencyKey=ref)

        answer = await world.insist(credential, ask)
        world.diary.outcomes[f"receipt: {answer['__typename']}"] += 1
        if answer["__typename"] == "StockPayload":
            world.diary.receipts[reference] = units
        else:
            world.diary.contradictions.append(f"receipt {reference} was answered {answer}")
        await asyncio.sleep(world.random.random() * 0.1)
