"""What every resolver of one operation shares."""

from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from api.directory import Directory, Entry
from api.identity.identity import Identity
from domain.access import Principal
from persistence.database import Database


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
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def market(self) -> Entry:
        return self.directory.market_of(self.channel)


Info = strawberry.Info[Context, None]
