"""Saying what a bundle is made of. One transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from domain.access import Principal
from domain.errors import Faulty, InvalidInput, NotFound
from domain.inventory.bundles import Component, NamedComponent, compose
from persistence import idempotency
from persistence.catalog import bundles
from persistence.database import Connection, Database

_PATH = ("input", "variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A null variant names nothing that exists."""

    variant_id: UUID | None
    components: Sequence[NamedComponent]
    key: str
    request: Any


async def set_bundle(database: Database, caller: Principal, asked: Composition) -> UUID:
    """The variant is made of exactly these from now on; carts, holds and orders that there are keep what they have.

    Raises NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    if asked.variant_id is None:
        raise NotFound("There is no such variant.", path=_PATH)
    try:
        async with (
            database.transaction() as connection,
            idempotency.claim(
                connection,
                scope=idempotency.scope_of(caller),
                key=asked.key,
                operation="bundleSet",
                request=asked.request,
            ) as first,
        ):
            if first.result is not None:
                return UUID(first.result["variant"])
            await bundles.lock(connection, asked.variant_id)
            components = await _composed(connection, asked.variant_id, asked.components)
            await bundles.compose(connection, asked.variant_id, components)
            first.remember({"variant": str(asked.variant_id)})
    except (asyncpg.CheckViolationError, asyncpg.ForeignKeyViolationError):
        # Stocked, or put into another bundle, since it was looked at.
        raise InvalidInput("The variants have changed meanwhile; look at them again.", path=_PATH) from None
    return asked.variant_id


async def _composed(connection: Connection, variant_id: UUID, named: Sequence[NamedComponent]) -> tuple[Component, ...]:
    faults: list[Faulty] = []
    if await bundles.has_stock(connection, variant_id):
        faults.append(InvalidInput("A variant that has stock of its own does not become a bundle.", path=_PATH))
    if await bundles.is_component(connection, variant_id):
        faults.append(InvalidInput("A component of a bundle does not become a bundle.", path=_PATH))
    return compose(variant_id, named, faults)
