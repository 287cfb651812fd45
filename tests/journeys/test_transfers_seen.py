"""Who sees transfers, who ships and who receives them."""

from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import nothing_changes, receive, ship
from tests.shop import Shop

pytestmark = pytest.mark.anyio

LISTED = """
query ($first: Int, $after: String, $statuses: [TransferStatus!]) {
  transfers(first: $first, after: $after, statuses: $statuses) {
    nodes { id status } totalCount pageInfo { hasNextPage endCursor }
  }
}
"""


async def test_transfers_are_listed_newest_first_by_status_a_page_at_a_time(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    staff = shop.staff()
    ids = [(await ship(staff, {"shirt": 2}))["transfer"]["id"] for _ in range(4)]
    await receive(staff, ids[1], {"shirt": (2, 0)})
    await receive(staff, ids[2], {"shirt": (1, 0)})

    async def listed(**variables: Any) -> tuple[list[str], dict[str, Any]]:
        page = (await staff.ask(LISTED, **variables))["transfers"]
        return [transfer["id"] for transfer in page["nodes"]], page

    everything, whole = await listed()
    still_open, counted = await listed(statuses=["IN_TRANSIT", "PARTIALLY_RECEIVED"], first=2)
    rest, last = await listed(
        statuses=["IN_TRANSIT", "PARTIALLY_RECEIVED"], first=2, after=counted["pageInfo"]["endCursor"]
    )
    done, _ = await listed(statuses=["RECEIVED"])
    none, nothing = await listed(statuses=[])

    assert everything == list(reversed(ids))
    assert [transfer["status"] for transfer in whole["nodes"]] == [
        "IN_TRANSIT",
        "PARTIALLY_RECEIVED",
        "RECEIVED",
        "IN_TRANSIT",
    ]
    assert (still_open, rest) == ([ids[3], ids[2]], [ids[0]])
    assert (counted["totalCount"], counted["pageInfo"]["hasNextPage"], last["pageInfo"]["hasNextPage"]) == (
        3,
        True,
        False,
    )
    assert (done, none, nothing["totalCount"]) == ([ids[1]], [], 0)


async def test_shipping_needs_the_origin_and_receiving_the_destination(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    in_berlin = shop.staff(bound_to="berlin", channel="web")
    in_hamburg = shop.staff(bound_to="hamburg", channel="web")

    async with nothing_changes(shop):
        not_theirs = await ship(in_hamburg, {"shirt": 2})
    shipped = (await ship(in_berlin, {"shirt": 2}))["transfer"]
    async with nothing_changes(shop):
        not_here = await receive(in_berlin, shipped["id"], {"shirt": (2, 0)})
    received = await receive(in_hamburg, shipped["id"], {"shirt": (2, 0)})

    assert (not_theirs["__typename"], not_theirs["path"]) == ("NotFound", ["input", "origin"])
    assert (not_here["__typename"], not_here["path"]) == ("NotFound", ["input", "transferId"])
    assert received["transfer"]["status"] == "RECEIVED"


async def test_a_transfer_is_a_node_for_those_who_read_stock(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    shipped = (await ship(shop.staff(), {"shirt": 2}))["transfer"]
    document = "query ($id: ID!) { node(id: $id) { id ... on Transfer { status } } }"

    seen = await shop.staff(Permission.READ_STOCK).ask(document, id=shipped["id"])
    hidden = [
        await caller.ask(document, id=shipped["id"]) for caller in (shop.guest(), shop.staff(Permission.READ_ORDERS))
    ]
    codes = [
        await caller.error_codes("{ transfers { totalCount } oversellIncidents { totalCount } }")
        for caller in (shop.guest(), shop.staff(Permission.READ_ORDERS))
    ]

    assert seen == {"node": {"id": shipped["id"], "status": "IN_TRANSIT"}}
    assert hidden == [{"node": None}] * 2
    assert codes == [["UNAUTHENTICATED"] * 2, ["FORBIDDEN"] * 2]
