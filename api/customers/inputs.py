"""What mutations of accounts take. No field of these reaches a column that only staff may change."""

import strawberry

from api.addresses import AddressInput
from api.channels.types import LocationBy
from domain.access import Permission
from domain.carts.merging import MergeMode

_CART = (
    "A guest's cart, proved by its token in the header Oneshelf-Cart-Token: it becomes the customer's, its token useless, or is "
    "merged into the open cart that the customer last touched. Sent again, the report is the same."
)
_MERGE = "What becomes of variants that both carts have."


@strawberry.input(description="Answers the same whether the e-mail is known or not; what follows is in the mail.")
class CustomerRegisterInput:
    email: str = strawberry.field(description="Where the mail is sent, and what to sign in with.")
    password: str = strawberry.field(description="10 to 200 characters, and not the e-mail address.")
    name: str | None = strawberry.field(default=None, description="What to be called.")
    phone: str | None = strawberry.field(
        default=None, description="With the country's code, or as dialed in a country of the market."
    )
    idempotency_key: str = strawberry.field(description="A random UUID.")


@strawberry.input(description="Proves the address and signs in.")
class CustomerVerifyInput:
    token: str = strawberry.field(description="From the mail; good once, for 24 hours.")
    cart_id: strawberry.ID | None = strawberry.field(default=None, description=_CART)
    cart_merge: MergeMode | None = strawberry.field(default=MergeMode.MAX, description=_MERGE)


@strawberry.input(
    description="Customers and staff alike. Refused for the cart's sake (NotFound, CartNotOpen), nothing has changed: sign in "
    "without cartId."
)
class SignInInput:
    email: str = strawberry.field(description="However it is capitalized.")
    password: str = strawberry.field(description="After eight wrong ones in a minute the right one is refused, too.")
    cart_id: strawberry.ID | None = strawberry.field(default=None, description=_CART)
    cart_merge: MergeMode | None = strawberry.field(default=MergeMode.MAX, description=_MERGE)


@strawberry.input(description="Exchanges a refresh token.")
class TokenRefreshInput:
    refresh_token: str = strawberry.field(
        description="Good once. For ten seconds it may be sent again, in case the answer was lost."
    )


@strawberry.input(description="Ends a session.")
class SignOutInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="Any refresh token of the session; absent means the session of the access token."
    )
    everywhere: bool | None = strawberry.field(default=False, description="End all sessions of its owner.")


@strawberry.input(description="What is absent stays, null is forgotten; addresses replace the whole list.")
class CustomerUpdateInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="At most 200 characters.")
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="With the country's code, or as dialed in a country of the market."
    )
    addresses: list[AddressInput] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 50, each with what its country requires."
    )


@strawberry.input(description="Asks for a mail that lets the customer choose a new password.")
class PasswordResetRequestInput:
    email: str = strawberry.field(description="Where it is sent if a customer has this address.")


@strawberry.input(description="Sets a new password.")
class PasswordResetInput:
    token: str = strawberry.field(description="From the mail; good once, for one hour.")
    password: str = strawberry.field(description="10 to 200 characters, and not the e-mail address.")


@strawberry.input(description="A new app, with permissions that the caller has itself.")
class AppCreateInput:
    name: str = strawberry.field(description="For people.")
    channel: str = strawberry.field(description="The code of the channel that it always speaks for.")
    location: LocationBy | None = strawberry.field(
        default=None, description="The only place where it may act; without it, everywhere."
    )
    permissions: list[Permission] = strawberry.field(description="What it is allowed.")
    idempotency_key: str = strawberry.field(
        description="Sent again with the same input it returns the app, without its token."
    )


@strawberry.input(description="Refuses an app from now on.")
class AppRevokeInput:
    app_id: strawberry.ID = strawberry.field(description="Which app.")
