"""On which terms channels sell stock: where, less what is kept back, and when it is held. Each command is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.inventory.bulk import MOST_CHANGES, expect_not_too_many, no_location, repeated
from domain.access import Permission, Principal
from domain.carts.hold_policy import HoldPolicy
from domain.errors import Faulty, InvalidInput, NotFound, Path, refuse_if_any
from persistence import idempotency
from persistence.catalog import products
from persistence.channels import places
from persistence.database import Database

MOST_KEPT_BACK = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a channel may have of a location; null ids name nothing that exists. `is_own` is about what the location keeps back
    from every channel, whatever `channel_id` says.
    """

    channel_id: int | None
    location_id: int | None
    is_own: bool
    sells: bool
    buffer: int
    path: Path


async def set_terms(database: Database, caller: Principal, asked: Sequence[Terms], *, key: str, request: Any) -> None:
    """All of it, or nothing. What is held or ordered already stays so.

    Raises NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(asked))
    _expect_sensible(caller, asked)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=key,
            operation="channelLocationSet",
            request=request,
        ) as first,
    ):
        if first.replayed:
            return
        own = {one.location_id: one.buffer for one in asked if one.is_own and one.location_id is not None}
        await places.set_own_buffers(connection, own)
        await places.set_channel_locations(
            connection,
            [
                (one.channel_id, one.location_id, one.buffer, one.sells)
                for one in asked
                if not one.is_own and one.channel_id is not None and one.location_id is not None
            ],
        )
        first.remember({})


def _expect_sensible(caller: Principal, asked: Sequence[Terms]) -> None:
    faults: list[Faulty] = []
    for one in asked:
        if one.channel_id is None and not one.is_own:
            faults.append(NotFound("There is no such channel.", path=(*one.path, "channel")))
        if one.location_id is None or not caller.may_at(Permission.MANAGE_STOCK, one.location_id):
            faults.append(no_location((*one.path, "location")))
        if one.is_own and not one.sells:
            message = "Whether a location sells is said of a channel: name one."
            faults.append(InvalidInput(message, path=(*one.path, "sells")))
        if not 0 <= one.buffer <= MOST_KEPT_BACK:
            message = f"A buffer is between 0 and {MOST_KEPT_BACK:,}."
            faults.append(InvalidInput(message, path=(*one.path, "buffer")))
    names = [None if one.location_id is None else (one.is_own, one.channel_id, one.location_id) for one in asked]
    refuse_if_any([*faults, *repeated(names, [one.path for one in asked])])


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """A null id names nothing that exists."""

    channel_id: int | None
    policy: HoldPolicy
    path: Path


@dataclass(frozen=True, slots=True)
class ProductPolicy:
    """A null id names nothing that exists; a null policy leaves it to the channel."""

    product_id: UUID | None
    policy: HoldPolicy | None
    path: Path


async def set_hold_policies(
    database: Database,
    caller: Principal,
    channels: Sequence[ChannelPolicy],
    of_products: Sequence[ProductPolicy],
    *,
    key: str,
    request: Any,
) -> None:
    """All of it, or nothing. What is held stays held, and what is in carts is held as said with their next change.

    Raises NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    _expect_known(caller, channels, of_products)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=idempotency.scope_of(caller), key=key, operation="holdPolicySet", request=request
        ) as first,
    ):
        if first.replayed:
            return
        by_channel = {one.channel_id: one.policy.value for one in channels if one.channel_id is not None}
        await places.set_hold_policies(connection, dict(sorted(by_channel.items())))
        await products.set_hold_policies(
            connection,
            {
                one.product_id: None if one.policy is None else one.policy.value
                for one in of_products
                if one.product_id is not None
            },
        )
        first.remember({})


def _expect_known(caller: Principal, channels: Sequence[ChannelPolicy], of_products: Sequence[ProductPolicy]) -> None:
    if not 1 <= len(channels) + len(of_products) <= MOST_CHANGES:
        raise InvalidInput(f"Between 1 and {MOST_CHANGES:,} channels and products at once.", path=("input",))
    if caller.location_id is not None:
        raise InvalidInput("Whoever is bound to a location cannot say this for all of them.", path=("input",))
    faults: list[Faulty] = [
        NotFound("There is no such channel.", path=(*one.path, "channel")) for one in channels if one.channel_id is None
    ]
    faults += [
        NotFound("There is no such product.", path=(*one.path, "product"))
        for one in of_products
        if one.product_id is None
    ]
    faults += repeated([one.channel_id for one in channels], [one.path for one in channels])
    faults += repeated([one.product_id for one in of_products], [one.path for one in of_products])
    refuse_if_any(faults)
