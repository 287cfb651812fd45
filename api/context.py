"""What every resolver of one operation shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from api.directory import Directory, Entry
from api.identity.identity import Identity
from domain.access import Principal
from domain.inventory.stock import SHOPPER_CAP
from persistence.database import Database


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """Made anew for each operation; nothing in it outlives the answer."""

    database: Database
    caller: Principal
    directory: Directory
    channel: Entry
    request_id: str
    identity: Identity
    client_address: str | None
    # Shoppers see no higher quantities than this.
    shopper_cap: int = SHOPPER_CAP
    clock: Callable[[], datetime] = utc_now
    # One moment for the whole answer; a stream takes a new one for what it tells next.
    now: datetime = field(init=False)
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = self.clock()

    @property
    def market(self) -> Entry:
        return self.directory.market_of(self.channel)


Info = strawberry.Info[Context, None]
