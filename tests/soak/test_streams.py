"""A hundred subscribers and eight writers, while workers, Redis and PostgreSQL die: each ends with the whole record, in order.

`make soak` runs it; ONESHELF_SOAK_ROUNDS and ONESHELF_SOAK_SEED make it longer and different.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from api.ids import Kind, encode
from persistence.database import Row
from tests.cli.commands import oneshelf
from tests.soak.followers import Follower, JournalFollower, StockFollower
from tests.soak.load import Headers, World
from tests.soak.premises import Premises, premises
from tests.soak.test_kill import following, stream_cursor, until
from tests.valkey import Valkey, valkey

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

ROUNDS = int(os.environ.get("ONESHELF_SOAK_ROUNDS", "24")) // 2
SEED = int(os.environ.get("ONESHELF_SOAK_SEED", "1"))
JOURNALS, STATES, WRITERS = 60, 40, 8
FAULTS = ("worker", "worker", "server", "postmaster", "backend", "redis killed", "redis frozen")
SKUS = ("TEE-LINEN-WHITE-M", "TEE-LINEN-WHITE-S", "TEE-LINEN-NAVY-M", "MUG-STONEWARE-SEA", "SWEATER-MERINO-RUST-M")

_LEVELS = """
SELECT level.id, level.version FROM stock_level level
JOIN variant ON variant.id = level.variant_id JOIN location ON location.id = level.location_id
WHERE variant.sku = ANY ($1) AND location.code IN ('leipzig', 'berlin')
"""


async def test_every_subscriber_ends_with_a_whole_record_in_order() -> None:
    with premises(Random(SEED)) as there, valkey() as redis:
        arguments = ("--redis-url", redis.url)
        world = World(await asyncio.to_thread(there.start, "--demo", *arguments), SKUS, there.random)
        partner = {"Authorization": f"Bearer {await _app_token(there)}"}
        cursor = await stream_cursor(world)
        before = await there.asked(_versions)
        journals = [
            JournalFollower(
                world=world,
                name=f"journal {number}",
                headers=partner,
                after=cursor,
                by_websocket=number % 3 > 0,
                sleepiness=1 if number % 10 == 0 else 0,
            )
            for number in range(JOURNALS)
        ]
        states = [
            StockFollower(
                world=world, name=f"state {number}", headers=partner, after=cursor, by_websocket=number % 2 > 0
            )
            for number in range(STATES)
        ]

        async with following(*journals, *states):
            faults = await _keep_breaking(there, world, redis, partner, arguments)
            after = await there.asked(_versions)
            changed = {level: version for level, version in after.items() if version != before[level]}
            record = {level: list(range(before[level] + 1, version + 1)) for level, version in changed.items()}
            await until(lambda: all(_whole(one, record) for one in journals), patience=120)
            await until(lambda: all(_current(one, changed) for one in states), patience=60)

        _report(world, faults, [*journals, *states], sum(len(versions) for versions in record.values()))
        assert world.diary.contradictions == []
        assert [one.name for one in journals if not _whole(one, record)] == []
        assert [one.name for one in states if not _current(one, changed)] == []
        assert sum(len(versions) for versions in record.values()) > ROUNDS * WRITERS


def _whole(follower: JournalFollower, record: dict[str, list[int]]) -> bool:
    """Every version of every level, once, in order."""
    return {encode_as_availability(level): told for level, told in follower.versions.items()} == record


def encode_as_availability(level_id: str) -> str:
    """A level and its availability have the same number under two prefixes."""
    return level_id.replace(f"{Kind.StockLevel.value}_", f"{Kind.LocationAvailability.value}_", 1)


def _current(follower: StockFollower, changed: dict[str, int]) -> bool:
    return all(follower.versions.get(level) == version for level, version in changed.items())


async def _keep_breaking(
    there: Premises, world: World, redis: Valkey, partner: Headers, arguments: Sequence[object]
) -> Counter[str]:
    faults: Counter[str] = Counter()
    async with asyncio.TaskGroup() as people:
        for _ in range(WRITERS):
            people.create_task(_write(world, partner))
        try:
            for _ in range(ROUNDS):
                await asyncio.sleep(there.random.uniform(1, 3))
                fault = there.random.choice(FAULTS)
                faults[fault] += 1
                await _break(there, redis, fault)
                world.address = await asyncio.to_thread(there.mend, *arguments)
        finally:
            world.is_over = True
    return faults


async def _break(there: Premises, redis: Valkey, fault: str) -> None:
    if fault == "redis killed":
        redis.kill()
        await asyncio.sleep(3)
        # It comes back and remembers nothing.
        redis.start()
    elif fault == "redis frozen":
        redis.freeze()
        await asyncio.sleep(2)
        redis.thaw()
    else:
        there.break_down(fault)


async def _write(world: World, partner: Headers) -> None:
    """Receives goods, a unit at a time, in two places."""
    while not world.is_over:
        key = str(uuid4())
        where = {
            "variant": {"sku": world.random.choice(SKUS)},
            "location": {"code": world.random.choice(("leipzig", "berlin"))},
        }

        async def ask(browser: Any, *, key: str = key, where: Any = where) -> dict[str, Any]:
            changes = [{"key": where, "delta": 1}]
            answer: dict[str, Any] = await browser.do(
                "stockAdjust", changes=changes, reason="RECEIPT", idempotencyKey=key
            )
            return answer

        answer = await world.insist(partner, ask)
        world.diary.outcomes[f"receipt: {answer['__typename']}"] += 1
        await asyncio.sleep(world.random.random() * 0.2)


async def _app_token(there: Premises) -> str:
    permissions = [
        word for permission in ("MANAGE_STOCK", "READ_STOCK", "READ_EVENTS") for word in ("--permission", permission)
    ]
    made = await asyncio.to_thread(
        oneshelf, "app", "create", "Partner", "--channel", "web", *permissions, "--data", there.data
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


async def _versions(connection: asyncpg.Connection[Row]) -> dict[str, int]:
    rows = await connection.fetch(_LEVELS, list(SKUS))
    return {encode(Kind.LocationAvailability, row["id"]): row["version"] for row in rows}


def _report(world: World, faults: Counter[str], followers: Sequence[Follower], events: int) -> None:
    broken = ", ".join(f"{fault} {times}" for fault, times in sorted(faults.items()))
    lines = [
        f"{faults.total()} rounds; broken: {broken}",
        (
            f"{events} events; {sum(one.messages for one in followers):,} deliveries to {len(followers)} subscribers "
            f"over {sum(one.tries for one in followers):,} connections or tries"
        ),
        *(f"{what}: {times}" for what, times in sorted(world.diary.outcomes.items())),
        *world.diary.contradictions,
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
