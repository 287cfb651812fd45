"""What every payment gateway can do. Real ones come later behind the same few calls.

Each call carries a key: sent again with the same key it has the same effect once, so that whoever does not know whether a call
arrived sends it again. Nothing here is called inside a transaction of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Money to be set aside: minor units of a currency. The token stands for a card and comes from the gateway's own form."""

    key: str
    amount: int
    currency_code: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Authorized:
    """The money is set aside; `is_captured` says that it was taken at once."""

    reference: str
    is_captured: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """`reason` is a word for programs, such as `insufficient_funds`."""

    reason: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The shopper must do something first, such as 3-D Secure; then the same charge with the same key goes on."""

    reference: str
    redirect_url: str | None = None
    client_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """The gateway is still thinking; it will say, or can be asked."""

    reference: str


ChargeOutcome = Authorized | Declined | ActionRequired | Undecided


@dataclass(frozen=True, slots=True)
class Done:
    pass


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str


Outcome = Done | Refused


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook tells: that something happened to a charge. What it was is asked, never believed."""

    id: str
    reference: str


class GatewayUnreachableError(Exception):
    """No answer: whether the call had its effect is not known. The same call with the same key may be sent again."""


class Gateway(Protocol):
    """Raises GatewayUnreachableError wherever it gets no answer."""

    @property
    def name(self) -> str: ...

    async def authorize(self, charge: Charge) -> ChargeOutcome: ...

    async def find(self, key: str) -> ChargeOutcome | None:
        """What became of the charge with this key; null when it never arrived."""
        ...

    async def capture(self, reference: str, *, amount: int, key: str) -> Outcome: ...

    async def void(self, reference: str, *, key: str) -> Outcome: ...

    async def refund(self, reference: str, *, amount: int, key: str) -> Outcome: ...

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """What a webhook says, once its signature proves who sent it; null for anything else."""
        ...
