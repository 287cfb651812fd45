"""Resolving incidents."""

from collections.abc import Sequence
from typing import Any

from api.inventory.bulk import expect_not_too_many, expect_short
from domain.access import Permission, Principal
from domain.errors import Faulty, InvalidTransition, NotFound, refuse_if_any
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import incidents


async def resolve(
    database: Database, caller: Principal, ids: Sequence[int | None], *, resolution: str | None, key: str, request: Any
) -> list[int]:
    """All of them, or none; null names nothing that exists. A shortfall that is still there stays in the stock level.

    Raises NotFound or InvalidTransition with all that cannot be resolved, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(ids), "incidentIds")
    expect_short(resolution, "resolution")
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=key,
            operation="oversellIncidentResolve",
            request=request,
        ) as first,
    ):
        if first.result is not None:
            return list(first.result["incidents"])
        resolved = await _lock_open(connection, caller, ids)
        await incidents.resolve(connection, resolved, actor=caller.actor, resolution=resolution)
        first.remember({"incidents": resolved})
    return resolved


async def _lock_open(connection: Connection, caller: Principal, ids: Sequence[int | None]) -> list[int]:
    rows = {row["id"]: row for row in await incidents.lock(connection, {id_ for id_ in ids if id_ is not None})}
    faults: list[Faulty] = []
    for position, id_ in enumerate(ids):
        path = ("input", "incidentIds", str(position))
        row = None if id_ is None else rows.get(id_)
        if row is None or not caller.may_at(Permission.MANAGE_STOCK, row["location_id"]):
            faults.append(NotFound("There is no such incident for you.", path=path))
        elif row["resolved_at"] is not None:
            faults.append(InvalidTransition("This incident is resolved already.", path=path))
    refuse_if_any(faults)
    return sorted(rows)
