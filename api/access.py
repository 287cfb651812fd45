"""The rules that fields declare: who may read them. Every field has one; without one nobody may."""

from typing import TYPE_CHECKING, Any

import strawberry

from api.execution.access import Refused, Rule
from api.execution.fields import read
from domain.access import Permission, Principal, ViewerKind
from domain.channels.kinds import ChannelKind

if TYPE_CHECKING:
    from api.context import Context
    from api.directory import Entry

strawberry.enum(ViewerKind, description="What kind of caller it is.")
strawberry.enum(
    Permission,
    description="What staff and partner apps may be allowed; customers and guests need none for what is theirs.",
)


class _Open:
    """Nothing to check at the field."""

    is_public = True

    def refusal(self, context: Any, source: Any) -> None:
        return None


PUBLIC: Rule = _Open()
"""Everybody may know this."""

SCOPED: Rule = _Open()
"""Whoever was given the object may read this, and the loader of such objects gives each caller only its own."""


class _SignedInCustomer:
    is_public = False
    looks_at_source = False

    def refusal(self, context: "Context", source: Any) -> Refused | None:
        if context.caller.kind is ViewerKind.CUSTOMER:
            return None
        return refused(context.caller, "Sign in as a customer first.")


CUSTOMER: Rule = _SignedInCustomer()
"""Signed-in customers."""


class Needs:
    """Staff and apps with one of these permissions."""

    is_public = False
    looks_at_source = False

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = frozenset(permissions)

    def refusal(self, context: "Context", source: Any) -> Refused | None:
        if self.permissions & context.caller.permissions:
            return None
        names = " or ".join(sorted(permission.value for permission in self.permissions))
        return refused(context.caller, f"This needs the permission {names}.")


class _HiddenFromGuestLookups:
    """For orders found by number and e-mail: states may be seen, addresses and phone may not."""

    is_public = False

    def refusal(self, context: "Context", source: Any) -> Refused | None:
        if not read(source, "is_guest_lookup"):
            return None
        return refused(context.caller, "Sign in to see this.")


NOT_FOR_GUEST_LOOKUPS: Rule = _HiddenFromGuestLookups()
"""Personal data of an order: hidden from whoever knows only its number and e-mail."""


def refused(caller: Principal, message: str) -> Refused:
    """Signing in may help an anonymous caller; it does not help anybody else."""
    return Refused(message, "UNAUTHENTICATED" if caller.kind is ViewerKind.ANONYMOUS else "FORBIDDEN")


def no_admission(caller: Principal, channel: "Entry") -> str | None:
    """Why the caller may not use this channel; null when it may. To be asked whenever either of the two has changed."""
    if caller.is_shopper and channel["kind"] == ChannelKind.POS.value:
        return "Only staff and apps sell at a till."
    if caller.location_id is not None and channel["location_id"] not in (None, caller.location_id):
        return "This credential does not sell at that till."
    return None
