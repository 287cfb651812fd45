"""`oneshelf verify`: each broken promise of the ledger is found once it is planted, and nothing else is."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from persistence.database import connect
from persistence.inventory.verification import CHECKS, Finding, verify
from tests.cli.conftest import Oneshelf

# The demo's levels with these ids have units and have moved once.
_LEVEL = 10
_OTHER = 11

_HOLD = f"""
INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at)
VALUES ('{uuid7()}', '{uuid7()}', {_LEVEL}, 1, 1, 'HELD', now() + interval '1 hour')
"""
_FOREIGN_COMMITMENT = f"""
INSERT INTO reservation (cart_id, order_id, order_line_id, attempt, stock_level_id, quantity, open_quantity, state)
VALUES ('{uuid7()}', '{uuid7()}', '{uuid7()}', '{uuid7()}', {_LEVEL}, 1, 1, 'COMMITTED')
"""
_ATTEMPT = (uuid7(), uuid7())
_TORN_ATTEMPT = f"""
INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at) VALUES
  ('{_ATTEMPT[0]}', '{_ATTEMPT[1]}', {_LEVEL}, 1, 1, 'HELD', now() + interval '1 hour'),
  ('{_ATTEMPT[0]}', '{_ATTEMPT[1]}', {_OTHER}, 1, 0, 'RELEASED', NULL)
"""
_GREEDY_HOLD = f"""
INSERT INTO stock_movement (stock_level_id, version, reason, reserved_delta, actor)
SELECT id, version + 1, 'HOLD', on_hand + 1, 'guest' FROM stock_level WHERE id = {_LEVEL}
"""
_TRANSFER = f"""
WITH sent AS (
  INSERT INTO transfer (id, origin_id, destination_id)
  SELECT '{uuid7()}', a.location_id, b.location_id FROM stock_level a, stock_level b
  WHERE a.id = {_LEVEL} AND b.id = {_OTHER} RETURNING id
)
INSERT INTO transfer_line (transfer_id, origin_level_id, destination_level_id, shipped, received)
SELECT id, {_LEVEL}, {_OTHER}, 3, 1 FROM sent
"""
_TWICE_REPORTED = f"""
INSERT INTO stock_movement (stock_level_id, version, reason, actor, source, source_reference)
SELECT id, version + 1, 'POS_SALE', 'guest', 'till', 'receipt 1' FROM stock_level WHERE id IN ({_LEVEL}, {_OTHER})
"""

# What is planted, and every check that must notice; a single wrong number may break several promises.
PLANTED = {
    "a hold that no counter knows": (_HOLD, {"reserved"}),
    "a hold of no level": (_HOLD.replace(f", {_LEVEL}, 1", ", 999999, 1"), {"reserved"}),
    "a movement of no level": (
        "INSERT INTO stock_movement (stock_level_id, version, reason, actor) VALUES (999999, 1, 'COUNT', 'system')",
        {"counters"},
    ),
    "a counter changed without a movement": (
        f"UPDATE stock_level SET safety_stock = safety_stock + 1 WHERE id = {_LEVEL}",
        {"counters"},
    ),
    "a version without its movement": (
        f"UPDATE stock_level SET version = version + 1 WHERE id = {_LEVEL}",
        {"versions", "events"},
    ),
    "more promised than there is": (
        f"UPDATE stock_level SET unavailable = on_hand + 1 WHERE id = {_LEVEL}",
        {"promises", "counters"},
    ),
    "a shortfall without an incident": (
        f"UPDATE stock_level SET unavailable = on_hand + 1, shortfall = 1 WHERE id = {_LEVEL}",
        {"incidents", "counters"},
    ),
    "a hold beyond the stock": (_GREEDY_HOLD, {"holds", "counters", "versions"}),
    "a transfer that moved nothing": (_TRANSFER, {"incoming", "transfers"}),
    "a hold that never expires": (
        _HOLD.replace("now() + interval '1 hour'", "NULL"),
        {"states", "reserved"},
    ),
    "a fact recorded twice": (_TWICE_REPORTED, {"sources", "versions"}),
    "half an attempt": (_TORN_ATTEMPT, {"attempts", "reserved"}),
    "a commitment to no order": (_FOREIGN_COMMITMENT, {"orders", "reserved"}),
    "an event that was never sent": (f"DELETE FROM outbox WHERE key = '{_LEVEL}'", {"events"}),
    "an event of no level": (
        "INSERT INTO outbox (topic, key, version, payload) VALUES ('stock', '999999', 1, '{}')",
        {"events"},
    ),
    "events out of order": (
        f"""INSERT INTO event_log (pos, at, topic, key, version, payload)
            SELECT pos, now(), 'stock', '{_LEVEL}', 1, '{{}}' FROM generate_series(1, 2) pos""",
        {"order of events"},
    ),
}


async def broken_promises(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, Finding]:
    return {finding.check.name: finding async for finding in verify(connection) if not finding.is_clean}


@pytest.mark.anyio
@pytest.mark.parametrize("planted", PLANTED)
async def test_what_is_planted_is_found(demo_url: str, planted: str) -> None:
    statement, expected = PLANTED[planted]
    connection = await connect(demo_url)
    assert await broken_promises(connection) == {}

    await _plant(connection, statement)

    found = await broken_promises(connection)
    await connection.close()
    assert found.keys() == expected


@pytest.mark.anyio
async def test_the_first_offenders_are_named(demo_url: str) -> None:
    connection = await connect(demo_url)

    await connection.execute("UPDATE stock_level SET safety_stock = safety_stock + 1")

    counters = (await broken_promises(connection))["counters"]
    await connection.close()
    assert counters.violations == counters.examined == 2864
    assert counters.offenders == ["1", "10", "100", "1000", "1001"]


def test_every_check_has_a_fault_that_proves_it() -> None:
    assert {check.name for check in CHECKS} == {name for _, names in PLANTED.values() for name in names}


def test_the_command_ends_with_1_and_names_the_level(
    here: Oneshelf, demo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = here("verify", "--json", "--database-url", demo_url)
    clean = json.loads(capsys.readouterr().out)
    asyncio.run(_plant_at(demo_url, PLANTED["a hold that no counter knows"][0]))

    after = here("verify", "--database-url", demo_url)

    assert before == 0
    assert [finding["violations"] for finding in clean] == [0] * len(CHECKS)
    assert after == 1
    assert "1 wrong: 10" in capsys.readouterr().out


async def _plant(connection: asyncpg.Connection[asyncpg.Record], statement: str) -> None:
    """Past every constraint that would have refused it."""
    for table, constraints in {
        "stock_level": ("never_promise_more_than_is_there", "a_shortfall_is_exact"),
        "reservation": ("exactly_a_hold_expires",),
    }.items():
        for constraint in constraints:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    await connection.execute("DROP INDEX stock_movement_source_key")
    await connection.execute(statement)


async def _plant_at(url: str, statement: str) -> None:
    connection = await connect(url)
    await _plant(connection, statement)
    await connection.close()
