"""Who may read what belongs to a customer."""

from typing import TYPE_CHECKING, Any

from api.access import refused
from api.execution.access import Refused, Rule
from api.execution.fields import read
from domain.access import Permission

if TYPE_CHECKING:
    from api.context import Context


class _Own:
    """The customer itself, and whoever has the permission everywhere."""

    is_public = False

    def __init__(self, permission: Permission | None) -> None:
        self._permission = permission

    def refusal(self, context: "Context", source: Any) -> Refused | None:
        caller = context.caller
        if caller.customer_id is not None and caller.customer_id == read(source, "id"):
            return None
        if self._permission is None:
            return refused(caller, "Only the customer may see this.")
        if caller.may(self._permission) and (self._permission is Permission.READ_CUSTOMERS or not is_bound(context)):
            return None
        return refused(caller, f"Only the customer, and whoever has {self._permission.value}, may see this.")


def is_bound(context: "Context") -> bool:
    """Whether the caller's permissions count in one place, or over one channel only."""
    return context.caller.location_id is not None or context.caller.channel_id is not None


OWN_PROFILE: Rule = _Own(Permission.READ_CUSTOMERS)
"""The customer itself, and whoever has READ_CUSTOMERS."""

OWN_ORDERS: Rule = _Own(Permission.READ_ORDERS)
"""The customer itself, and whoever may read all orders; others ask `orders`, which knows what they may see."""

OWN_CART: Rule = _Own(None)
"""The customer itself."""
