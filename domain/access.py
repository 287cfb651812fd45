"""Who is asking, and what that lets them do."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID


class Permission(Enum):
    """What staff and partner apps may be allowed; customers and guests need none for what is theirs."""

    READ_STOCK = "READ_STOCK"
    MANAGE_STOCK = "MANAGE_STOCK"
    READ_ORDERS = "READ_ORDERS"
    MANAGE_ORDERS = "MANAGE_ORDERS"
    READ_CUSTOMERS = "READ_CUSTOMERS"
    MANAGE_CUSTOMERS = "MANAGE_CUSTOMERS"
    MANAGE_CATALOG = "MANAGE_CATALOG"
    MANAGE_APPS = "MANAGE_APPS"
    READ_EVENTS = "READ_EVENTS"
    READ_REPORTS = "READ_REPORTS"
    SELL_IN_STORE = "SELL_IN_STORE"


class ViewerKind(Enum):
    ANONYMOUS = "ANONYMOUS"
    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    APP = "APP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller of one request. A guest is anonymous, with the hash of a cart's token or without."""

    kind: ViewerKind = ViewerKind.ANONYMOUS
    id: UUID | None = None
    name: str | None = None
    permissions: frozenset[Permission] = frozenset()
    # Staff and apps bound to a location act there only.
    location_id: int | None = None
    # An app always speaks for its own channel.
    channel_id: int | None = None
    session_id: UUID | None = None
    cart_token_hash: bytes | None = None

    @property
    def customer_id(self) -> UUID | None:
        return self.id if self.kind is ViewerKind.CUSTOMER else None

    @property
    def is_shopper(self) -> bool:
        """Sees capped quantities and its own things only."""
        return self.kind in (ViewerKind.ANONYMOUS, ViewerKind.CUSTOMER)

    @property
    def actor(self) -> str:
        """Who did it, for ledgers and timelines; never a name, which may change or must be forgotten."""
        return "guest" if self.id is None else f"{self.kind.value.lower()}:{self.id}"

    @property
    def actor_role(self) -> str:
        """Who did it, as a shopper may know it."""
        if self.is_shopper:
            return "customer"
        return "store" if self.kind is ViewerKind.STAFF or Permission.SELL_IN_STORE in self.permissions else "system"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def may_at(self, permission: Permission, location_id: int) -> bool:
        """Bound to a location, a permission counts there only."""
        return permission in self.permissions and self.location_id in (None, location_id)


ANONYMOUS = Principal()
