"""Incidents: opened by facts, resolved by people."""

import asyncio
from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import (
    expect_books_in_order,
    faults,
    key,
    nothing_changes,
    receive,
    record,
    ship,
    sold,
)
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

LISTED = """
query ($first: Int, $after: String, $open: Boolean) {
  oversellIncidents(first: $first, after: $after, open: $open) {
    nodes { id kind quantity resolution resolvedBy variant { sku } }
    totalCount pageInfo { hasNextPage endCursor }
  }
}
"""


async def oversold(shop: Shop, *quantities: int) -> list[str]:
    """One incident for each quantity."""
    await shop.product("shirt")
    ids = []
    for number, quantity in enumerate(quantities):
        answer = await record(shop.staff(), sold("shirt", quantity), receipt=f"receipt {number}")
        ids += [incident["id"] for incident in answer["incidents"]]
    return ids


async def resolve(caller: Caller, *ids: str, **input_: Any) -> dict[str, Any]:
    return await caller.do("oversellIncidentResolve", **{"incidentIds": list(ids), "idempotencyKey": key(), **input_})


async def test_resolved_incidents_leave_the_queue_and_say_what_was_done(shop: Shop) -> None:
    ids = await oversold(shop, 1, 2, 3)
    staff = shop.staff()

    answer = await resolve(staff, ids[2], ids[0], resolution="Found behind the shelf.")

    actor = f"staff:{staff.principal.id}"
    assert [
        (incident["id"], incident["resolution"], incident["resolvedBy"], incident["resolvedAt"] is None)
        for incident in answer["incidents"]
    ] == [(ids[0], "Found behind the shelf.", actor, False), (ids[2], "Found behind the shelf.", actor, False)]
    assert await shop.value("SELECT shortfall FROM stock_level") == 6
    await expect_books_in_order(shop)


async def test_the_oldest_open_incident_is_listed_first(shop: Shop) -> None:
    ids = await oversold(shop, 1, 2, 3, 4)
    staff = shop.staff()
    await resolve(staff, ids[1])

    async def listed(**variables: Any) -> tuple[list[str], dict[str, Any]]:
        page = (await staff.ask(LISTED, **variables))["oversellIncidents"]
        return [incident["id"] for incident in page["nodes"]], page

    first, page = await listed(first=2)
    rest, last = await listed(first=2, after=page["pageInfo"]["endCursor"])
    resolved, _ = await listed(open=False)
    everything, whole = await listed(open=None)

    assert (first, rest, resolved, everything) == ([ids[0], ids[2]], [ids[3]], [ids[1]], ids)
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"], last["pageInfo"]["hasNextPage"]) == (3, True, False)
    assert whole["totalCount"] == 4


async def test_all_incidents_are_resolved_or_none_and_every_fault_is_told(shop: Shop) -> None:
    ids = await oversold(shop, 1, 2)
    await resolve(shop.staff(), ids[0])

    async with nothing_changes(shop):
        refused = await resolve(shop.staff(), ids[1], ids[0], "inc_999", "shirt")

    assert refused["__typename"] == "InvalidTransition"
    assert faults(refused) == [
        ("INVALID_TRANSITION", "incidentIds.1"),
        ("NOT_FOUND", "incidentIds.2"),
        ("NOT_FOUND", "incidentIds.3"),
    ]


async def test_the_same_key_resolves_once_and_of_many_one_resolves(shop: Shop) -> None:
    ids = await oversold(shop, 1, 2)
    staff = shop.staff()

    first = await resolve(staff, ids[0], idempotencyKey="key")
    async with nothing_changes(shop):
        again = await resolve(staff, ids[0], idempotencyKey="key")
        other = await resolve(staff, ids[1], idempotencyKey="key")
    race = await asyncio.gather(*(resolve(staff, ids[1]) for _ in range(5)))

    assert again == first
    assert other["__typename"] == "IdempotencyMismatch"
    assert sorted(answer["__typename"] for answer in race) == ["InvalidTransition"] * 4 + [
        "OversellIncidentResolvePayload"
    ]


async def test_whoever_is_bound_to_a_location_resolves_incidents_there_only(shop: Shop) -> None:
    ids = await oversold(shop, 1)
    await shop.receive("shirt", 5)
    shipped = (await ship(shop.staff(), {"shirt": 3}))["transfer"]
    await receive(shop.staff(), shipped["id"], {"shirt": (0, 3)})
    lost = await shop.value("SELECT id FROM discrepancy WHERE kind = 'TRANSFER_LOST'")
    in_hamburg = shop.staff(bound_to="hamburg", channel="web")

    async with nothing_changes(shop):
        elsewhere = await resolve(in_hamburg, ids[0])
    at_home = await resolve(in_hamburg, f"inc_{lost}")

    assert (elsewhere["__typename"], faults(elsewhere)) == ("NotFound", [("NOT_FOUND", "incidentIds.0")])
    assert [incident["kind"] for incident in at_home["incidents"]] == ["TRANSFER_LOST"]


async def test_an_incident_is_a_node_for_those_who_read_stock(shop: Shop) -> None:
    ids = await oversold(shop, 2)
    document = "query ($id: ID!) { node(id: $id) { ... on OversellIncident { quantity kind } } }"

    seen = await shop.staff(Permission.READ_STOCK).ask(document, id=ids[0])
    hidden = await shop.guest().ask(document, id=ids[0])

    assert seen == {"node": {"quantity": 2, "kind": "OVERSOLD"}}
    assert hidden == {"node": None}
