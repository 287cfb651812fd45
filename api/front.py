"""The door: from the headers of a request to a session, that is who is asking, over which channel."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from graphql import GraphQLError

from api.access import no_admission
from api.customers.authentication import Authenticator
from api.directory import Directory, DirectoryCache, Entry
from api.events.allowance import Allowance
from api.events.context import StreamContext
from api.events.hub import Hub
from api.events.shared_feed import SharedFeeds
from api.events.watch import Watch
from api.execution.errors import ErrorCode, refused
from api.identity.identity import Identity
from api.transport.session import AccessRefused, Visitor
from domain.access import Principal
from domain.inventory.stock import SHOPPER_CAP
from persistence.database import Database
from persistence.events.listening import CONNECTION_LOST
from persistence.inventory.coalescer import QueueFullError, StockLockedError

CHANNEL_HEADER = "oneshelf-channel"
DEFAULT_CHANNEL = "web"


@dataclass(slots=True)
class Session:
    """One for each HTTP request or WebSocket."""

    front: "Front"
    visitor: Visitor
    caller: Principal
    directory: Directory
    channel: Entry
    expires_at: datetime | None

    def context(self, request_id: str) -> StreamContext:
        """The position is taken here, before anything of the operation is read."""
        return StreamContext(
            database=self.front.database,
            caller=self.caller,
            directory=self.directory,
            channel=self.channel,
            request_id=request_id,
            identity=self.front.identity,
            client_address=self.visitor.address,
            shopper_cap=self.front.shopper_cap,
            hub=self.front.hub,
            stream_position=self.front.hub.position,
            directories=self.front.directories,
            allowance=self.front.allowance,
            feeds=self.front.feeds,
            last_event_id=self.visitor.headers.get("last-event-id") or None,
        )

    def watched(self, leave: Callable[[], None]) -> AbstractContextManager[None]:
        return self.front.watch.over(self.caller, leave)


class Front:
    """Opens sessions."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        hub: Hub,
        *,
        shopper_cap: int = SHOPPER_CAP,
        allowance: Allowance | None = None,
    ) -> None:
        self.database = database
        self.identity = identity
        self.authenticator = Authenticator(database, identity.access_tokens)
        self.hub = hub
        self.watch = Watch(self.authenticator.revoked)
        self.allowance = allowance or Allowance()
        self.feeds = SharedFeeds()
        self.shopper_cap = shopper_cap
        self.directories = DirectoryCache(database)

    async def open_session(self, visitor: Visitor) -> Session:
        """Raises AccessRefused for a bad credential or an unknown channel, and while the database does not answer."""
        headers = visitor.headers
        try:
            caller, expires_at = await self.authenticator.principal(headers)
            directory = await self.directories.current()
            channel = _channel(directory, caller, headers)
            if channel is None:
                directory = await self.directories.fresh()
                channel = _channel(directory, caller, headers)
        except CONNECTION_LOST as error:
            raise AccessRefused("BUSY", "The database does not answer; try again in a moment.", 503) from error
        if channel is None:
            raise AccessRefused("BAD_USER_INPUT", "The header Oneshelf-Channel names no channel.", 400)
        shut_out = no_admission(caller, channel)
        if shut_out is not None:
            raise AccessRefused("FORBIDDEN", shut_out, 403)
        return Session(self, visitor, caller, directory, channel, expires_at)


def explain(error: BaseException) -> GraphQLError | None:
    """A database that is away is nobody's bug and passes: the same request may be sent again, with the same idempotency key."""
    if isinstance(error, CONNECTION_LOST):
        return refused("The database does not answer; try again in a moment.", ErrorCode.BUSY)
    if isinstance(error, QueueFullError):
        return refused("Too many carts are waiting for stock; try again in a moment.", ErrorCode.BUSY)
    if isinstance(error, StockLockedError):
        return refused("This stock is being changed; try again in a moment.", ErrorCode.BUSY)
    return None


def _channel(directory: Directory, caller: Principal, headers: Mapping[str, str]) -> Entry | None:
    """The credential's own channel, else the header's, else `web`."""
    if caller.channel_id is not None:
        return directory.channels.get(caller.channel_id)
    return directory.channels_by_code.get(headers.get(CHANNEL_HEADER, DEFAULT_CHANNEL))
