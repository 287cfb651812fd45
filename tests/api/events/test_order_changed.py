from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.events import orders as order_streams
from api.execution.errors import StreamClosed
from api.ids import Kind, encode
from api.orders.cancelling import Cancel, cancel
from api.orders.changing import Changing
from domain.access import Permission, Principal, ViewerKind
from domain.events import Event, Topic
from persistence.events import outbox
from persistence.orders import orders, writing
from persistence.orders.writing import NewOrder
from persistence.statements import Statement
from tests.api.events.shop import Shop
from tests.streams import all_events

pytestmark = pytest.mark.anyio

ADA = Principal(kind=ViewerKind.CUSTOMER, id=UUID(int=1))
BOB = Principal(kind=ViewerKind.CUSTOMER, id=UUID(int=2))
ERP = Principal(kind=ViewerKind.APP, id=UUID(int=3), permissions=frozenset({Permission.READ_ORDERS}))
WATCH = """
subscription ($by: OrderBy, $after: Cursor) {
  orderChanged(by: $by, after: $after) {
    __typename
    ... on StreamLagged { resumeFrom }
    ... on OrderChanged { cursor order { number version billingAddress { city } } event { type message } }
  }
}
"""
GUEST_WATCH = WATCH.replace("billingAddress { city }", "status")

_CUSTOMER = Statement(
    "INSERT INTO customer (id, email, password_hash) VALUES (:id, :email, '-') ON CONFLICT DO NOTHING"
)
_CART = Statement(
    "INSERT INTO cart (id, status, channel_id, market_id, expires_at) SELECT :id, 'ORDERED', id, market_id, now() FROM channel"
)
_NEXT_VERSION = Statement("UPDATE sales_order SET version = version + 1 WHERE id = :id RETURNING version, customer_id")


async def place(shop: Shop, number: str, customer: Principal | None = ADA) -> UUID:
    id_, cart_id = uuid7(), uuid7()
    customer_id = customer.id if customer else None
    async with shop.database.transaction() as connection:
        if customer_id is not None:
            await connection.execute(_CUSTOMER, id=customer_id, email=f"{customer_id}@example.com")
        await connection.execute(_CART, id=cart_id)
        await writing.write(
            connection,
            NewOrder(
                order={
                    "id": id_,
                    "number": number,
                    "cart_id": cart_id,
                    "status": "OPEN",
                    "payment_status": "PENDING",
                    "fulfillment_status": "UNFULFILLED",
                    "customer_id": customer_id,
                    "email": "guest@example.com",
                    "phone": None,
                    "billing_address": {"city": "Berlin"},
                    "channel_id": 1,
                    "location_id": None,
                    "market_id": 1,
                    "currency_code": "EUR",
                    "tax_included": True,
                    "subtotal_amount": 100,
                    "tax_amount": 16,
                    "total_amount": 100,
                },
                groups=[],
                lines=[],
                components=[],
                payments=[],
                placed={"actor_role": "system", "actor": "system", "channel_id": 1, "message": "step 1"},
            ),
        )
    return id_


async def note(shop: Shop, id_: UUID) -> None:
    """Another step in the life of the order."""
    async with shop.database.transaction() as connection:
        row = await connection.fetch_one(_NEXT_VERSION, id=id_)
        assert row is not None
        await _record(connection, id_, row["version"], "NOTE", row["customer_id"])


async def _record(connection: Any, id_: UUID, version: int, kind: str, customer_id: UUID | None) -> None:
    await orders.insert_event(
        connection,
        order_id=id_,
        version=version,
        type=kind,
        actor_role="system",
        actor="system",
        channel_id=1,
        message=f"step {version}",
    )
    payload = {"customer": None if customer_id is None else str(customer_id), "type": kind}
    await outbox.append(connection, [Event(Topic.ORDER, str(id_), version, payload)])


def by_id(id_: UUID) -> dict[str, str]:
    return {"id": encode(Kind.Order, id_)}


def told(update: Any) -> tuple[str, str, str]:
    return update["order"]["number"], update["event"]["type"], update["event"]["message"]


async def test_a_customer_follows_all_of_its_orders_and_nobody_elses(shop: Shop) -> None:
    first = await place(shop, "A1")
    foreign = await place(shop, "B1", BOB)

    async with shop.subscribed(WATCH, ADA) as subscriber:
        snapshot = await subscriber.next()
        await note(shop, foreign)
        await place(shop, "A2")
        await note(shop, first)
        changes = [await subscriber.next(), await subscriber.next()]

    assert told(snapshot) == ("A1", "PLACED", "step 1")
    assert [told(change) for change in changes] == [("A2", "PLACED", "step 1"), ("A1", "NOTE", "step 2")]


async def test_every_step_is_told_once_and_in_order(shop: Shop) -> None:
    id_ = await place(shop, "A1")
    await note(shop, id_)

    async with shop.subscribed(WATCH, ADA, by=by_id(id_)) as subscriber:
        snapshot = await subscriber.next()
        for _ in range(5):
            await note(shop, id_)
        steps = [await subscriber.next() for _ in range(5)]

    assert told(snapshot) == ("A1", "NOTE", "step 2")
    assert [step["event"]["message"] for step in steps] == ["step 3", "step 4", "step 5", "step 6", "step 7"]


async def test_a_cancelled_order_is_told_of(shop: Shop) -> None:
    id_ = await place(shop, "A1")

    async with shop.subscribed(WATCH, ADA) as subscriber:
        await subscriber.next()
        await cancel(
            shop.database,
            Changing(ADA, {"id": 1, "kind": "WEB"}),
            Cancel(order_id=id_, lines=None, reason=None, expected_version=1, key="key", request=None),
        )
        change = await subscriber.next()

    assert told(change) == ("A1", "CANCELLED", "The order was cancelled.")
    assert change["order"]["version"] == 2


async def test_a_cursor_resumes_with_the_steps_that_were_missed(shop: Shop) -> None:
    id_ = await place(shop, "A1")
    await shop.settled()
    async with shop.subscribed(WATCH, ERP, by=by_id(id_)) as subscriber:
        last = await subscriber.next()
    await note(shop, id_)
    await note(shop, id_)
    await shop.settled()

    async with shop.subscribed(WATCH, ERP, by=by_id(id_), after=last["cursor"]) as subscriber:
        missed = [await subscriber.next(), await subscriber.next()]

    assert [step["event"]["message"] for step in missed] == ["step 2", "step 3"]
    # The order is told as it is now.
    assert [step["order"]["version"] for step in missed] == [3, 3]


async def test_what_the_snapshot_told_is_not_told_again(shop: Shop) -> None:
    id_ = await place(shop, "A1")
    await shop.settled()
    start = (await shop.context()).stream_position
    await note(shop, id_)
    await shop.settled()
    # As if the snapshot had been read in the moment before the hub heard of the second step.
    feed = order_streams._Feed(await shop.context(ADA), await order_streams._followed(await shop.context(ADA), None))
    snapshot = [entry async for entry in feed.snapshot(start)]
    await note(shop, id_)
    await shop.settled()

    changes = await feed.changes(await all_events(shop.database), start.epoch)

    assert [entry.event["message"] for entry in snapshot] == ["step 2"]  # type: ignore[index]
    assert [change.event["message"] for change in changes] == ["step 3"]  # type: ignore[index]


async def test_a_long_snapshot_comes_page_by_page_and_only_its_end_can_be_resumed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_streams, "_PAGE", 2)
    for number in range(5):
        await place(shop, f"A{number}")

    async with shop.subscribed(WATCH, ADA) as subscriber:
        snapshot = [await subscriber.next() for _ in range(5)]
    async with shop.subscribed(WATCH, ADA, after=snapshot[3]["cursor"]) as subscriber:
        restarted = await subscriber.next()

    assert [entry["order"]["number"] for entry in snapshot] == ["A4", "A3", "A2", "A1", "A0"]
    assert restarted["order"]["number"] == "A4"
    assert len({entry["cursor"] for entry in snapshot}) == 2


async def test_a_guest_follows_its_order_by_number_and_email_without_addresses(shop: Shop) -> None:
    id_ = await place(shop, "G1", customer=None)
    guest = {"guest": {"number": "g1", "email": "Guest@example.com"}}

    async with shop.subscribed(GUEST_WATCH, by=guest) as subscriber:
        await subscriber.next()
        await note(shop, id_)
        change = await subscriber.next()
    async with shop.subscribed(WATCH, by=guest) as subscriber:
        answer = await subscriber.answer()

    assert told(change) == ("G1", "NOTE", "step 2")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert answer["data"]["orderChanged"]["order"]["billingAddress"] is None


@pytest.mark.parametrize(
    ("caller", "code"), [(BOB, "FORBIDDEN"), (Principal(), "UNAUTHENTICATED")], ids=["another customer", "anonymous"]
)
async def test_a_foreign_order_cannot_be_followed(shop: Shop, caller: Principal, code: str) -> None:
    id_ = await place(shop, "A1")

    async with shop.subscribed(WATCH, caller, by=by_id(id_)) as subscriber:
        foreign = await subscriber.answer()
    async with shop.subscribed(WATCH, caller, by=by_id(uuid7())) as subscriber:
        missing = await subscriber.answer()

    assert [error["extensions"]["code"] for error in foreign["errors"]] == [code]
    assert foreign["errors"][0]["message"] == missing["errors"][0]["message"]


@pytest.mark.parametrize(("caller", "code"), [(ERP, "FORBIDDEN"), (Principal(), "UNAUTHENTICATED")])
async def test_only_a_customer_has_orders_of_its_own(shop: Shop, caller: Principal, code: str) -> None:
    async with shop.subscribed(WATCH, caller) as subscriber:
        answer = await subscriber.answer()

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_the_stream_ends_when_the_order_is_no_longer_the_callers(shop: Shop) -> None:
    id_ = await place(shop, "A1")

    async with shop.subscribed(WATCH, ADA, by=by_id(id_)) as subscriber:
        await subscriber.next()
        async with shop.database.transaction() as connection:
            await connection.execute(Statement("UPDATE sales_order SET customer_id = NULL WHERE id = :id"), id=id_)
        await note(shop, id_)

        with pytest.raises(StreamClosed) as closed:
            await subscriber.next()

    assert closed.value.close_code == 4403


async def test_an_order_that_was_taken_from_a_customer_is_left_out_of_its_stream(shop: Shop) -> None:
    lost = await place(shop, "A1")

    async with shop.subscribed(WATCH, ADA) as subscriber:
        await subscriber.next()
        async with shop.database.transaction() as connection:
            await connection.execute(Statement("UPDATE sales_order SET customer_id = NULL WHERE id = :id"), id=lost)
            # Reported a moment before, and told a moment after.
            await _record(connection, lost, 2, "NOTE", ADA.id)
        await place(shop, "A2")
        change = await subscriber.next()

    assert told(change) == ("A2", "PLACED", "step 1")
