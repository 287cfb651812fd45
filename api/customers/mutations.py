"""Mutations of accounts, sessions and apps."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.access import CUSTOMER, PUBLIC, no_admission, refused
from api.carts.merging.commands import Report, claim_on_signing_in
from api.carts.results import CartNotOpen
from api.carts.viewing import asking
from api.channels.types import find_location
from api.context import Context, Info
from api.customers import apps, inputs, registration, signing_in, types
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound, SignInFailed
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from domain.carts.merging import MergeMode
from domain.errors import NotFound as Missing
from persistence.database import Connection

CustomerRegisterResult = Annotated[
    types.CustomerRegisterPayload | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CustomerRegisterResult", description="That a mail is sent, or what is wrong with the input."),
]
SignInResult = Annotated[
    types.SessionPayload | SignInFailed | NotFound | CartNotOpen,
    strawberry.union("SignInResult", description="The session, or why nobody is signed in."),
]
SignOutResult = Annotated[
    types.SignOutPayload | InvalidInput,
    strawberry.union("SignOutResult", description="That it has ended, or that this is no refresh token."),
]
CustomerUpdateResult = Annotated[
    types.CustomerPayload | InvalidInput,
    strawberry.union("CustomerUpdateResult", description="The customer as it is now, or what is wrong with the input."),
]
PasswordResetRequestResult = Annotated[
    types.PasswordResetRequestPayload | InvalidInput,
    strawberry.union("PasswordResetRequestResult", description="The same for every address that could be one."),
]
PasswordResetResult = Annotated[
    types.PasswordResetPayload | InvalidInput,
    strawberry.union("PasswordResetResult", description="That it is set, or what is wrong with token or password."),
]
AppCreateResult = Annotated[
    types.AppPayload | InvalidInput | NotFound | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("AppCreateResult", description="The app with its token, or why there is none."),
]
AppRevokeResult = Annotated[
    types.AppRevokePayload | NotFound,
    strawberry.union("AppRevokeResult", description="The app, or that there is none such."),
]


@strawberry.type
class CustomersMutation:
    @strawberry.mutation(
        description="Sends a mail with a token for customerVerify, or one that says there is an account already. The answer is "
        "the same for every address.",
        metadata={ACCESS: PUBLIC},
    )
    async def customer_register(self, info: Info, input: inputs.CustomerRegisterInput) -> CustomerRegisterResult:
        context = info.context
        await registration.register(
            context.database,
            context.identity,
            email=input.email,
            password=input.password,
            name=input.name,
            phone=input.phone,
            countries=context.market["countries"],
            client_address=context.client_address,
            key=input.idempotency_key,
        )
        return types.CustomerRegisterPayload(verification_sent=True)

    @strawberry.mutation(
        description="Proves the address with the token from the mail, and signs the customer in.",
        metadata={ACCESS: PUBLIC},
    )
    async def customer_verify(self, info: Info, input: inputs.CustomerVerifyInput) -> SignInResult:
        context = info.context
        signed_in = await registration.verify(
            context.database,
            context.identity,
            token=input.token,
            cart_id=_cart_key(input.cart_id),
            claim_cart=_claiming(context, input.cart_merge),
        )
        return _session(context, signed_in)

    @strawberry.mutation(
        description="Signs a customer or staff in. A refusal never says whether the address is known; eight wrong passwords in "
        "a minute lock the account and the sender out for as long.",
        metadata={ACCESS: PUBLIC},
    )
    async def sign_in(self, info: Info, input: inputs.SignInInput) -> SignInResult:
        context = info.context
        signed_in = await signing_in.sign_in(
            context.database,
            context.identity,
            email=input.email,
            password=input.password,
            client_address=context.client_address,
            cart_id=_cart_key(input.cart_id),
            claim_cart=_claiming(context, input.cart_merge),
        )
        return _session(context, signed_in)

    @strawberry.mutation(
        description="Exchanges a refresh token for a new pair. A token that was exchanged before ends its session, except in "
        "the ten seconds in which an answer may have been lost.",
        metadata={ACCESS: PUBLIC},
    )
    async def token_refresh(self, info: Info, input: inputs.TokenRefreshInput) -> SignInResult:
        context = info.context
        return _session(
            context,
            await signing_in.refresh(context.database, context.identity, refresh_token=input.refresh_token),
        )

    @strawberry.mutation(
        description="Ends the session of a refresh token, or all of its owner's. Doing it again does no harm.",
        metadata={ACCESS: PUBLIC},
    )
    async def sign_out(self, info: Info, input: inputs.SignOutInput) -> SignOutResult:
        await signing_in.sign_out(
            info.context.database,
            info.context.caller,
            refresh_token=input.refresh_token,
            everywhere=bool(input.everywhere),
        )
        return types.SignOutPayload(signed_out=True)

    @strawberry.mutation(
        description="Changes the signed-in customer's own profile. What is absent stays; addresses replace the whole list.",
        metadata={ACCESS: CUSTOMER},
    )
    async def customer_update(self, info: Info, input: inputs.CustomerUpdateInput) -> CustomerUpdateResult:
        context = info.context
        customer = await registration.update_customer(
            context.database, context.caller, changes=_changes(input), countries=context.market["countries"]
        )
        return types.CustomerPayload(customer=customer)

    @strawberry.mutation(
        description="Sends a mail with a token for passwordReset to the customer with this address, if there is one. The answer "
        "is the same for every address.",
        metadata={ACCESS: PUBLIC},
    )
    async def password_reset_request(
        self, info: Info, input: inputs.PasswordResetRequestInput
    ) -> PasswordResetRequestResult:
        context = info.context
        await registration.request_password_reset(
            context.database, context.identity, email=input.email, client_address=context.client_address
        )
        return types.PasswordResetRequestPayload(reset_sent=True)

    @strawberry.mutation(
        description="Sets a new password with the token from the mail, and ends all sessions of the customer.",
        metadata={ACCESS: PUBLIC},
    )
    async def password_reset(self, info: Info, input: inputs.PasswordResetInput) -> PasswordResetResult:
        context = info.context
        await registration.reset_password(
            context.database, context.identity, token=input.token, password=input.password
        )
        return types.PasswordResetPayload(password_set=True)

    @strawberry.mutation(
        description="Makes an app with permissions that the caller has itself, and shows its token, once. Needs MANAGE_APPS.",
        metadata={ACCESS: types.MANAGES_APPS},
    )
    async def app_create(self, info: Info, input: inputs.AppCreateInput) -> AppCreateResult:
        context = info.context
        channel = context.directory.channels_by_code.get(input.channel)
        if channel is None:
            raise Missing("There is no such channel.", ("input", "channel"))
        location = None if input.location is None else find_location(context, input.location)
        if input.location is not None and location is None:
            raise Missing("There is no such location.", ("input", "location"))
        created = await apps.create_app(
            context.database,
            context.caller,
            name=input.name,
            channel_id=channel["id"],
            location_id=None if location is None else location["id"],
            permissions=input.permissions,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return types.AppPayload(app=created.app, token=created.token)

    @strawberry.mutation(
        description="Refuses an app's token from now on. Doing it again changes nothing. Needs MANAGE_APPS.",
        metadata={ACCESS: types.MANAGES_APPS},
    )
    async def app_revoke(self, info: Info, input: inputs.AppRevokeInput) -> AppRevokeResult:
        key = key_of(Kind.App, input.app_id)
        app = await apps.revoke_app(
            info.context.database, info.context.caller, app_id=key if isinstance(key, UUID) else None
        )
        return types.AppRevokePayload(app=app)


def _claiming(context: Context, mode: MergeMode | None) -> signing_in.ClaimCart:
    async def claim(connection: Connection, cart_id: UUID, customer_id: UUID) -> Report | None:
        return await claim_on_signing_in(connection, asking(context), cart_id, customer_id, mode or MergeMode.MAX)

    return claim


def _session(context: Context, signed_in: signing_in.SignedIn) -> types.SessionPayload:
    """From here on this operation is answered for whoever has just proved who it is.

    Raises Refused when that caller may not use the request's channel: nobody sells at a till by signing in there.
    """
    shut_out = no_admission(signed_in.principal, context.channel)
    if shut_out is not None:
        raise refused(signed_in.principal, shut_out)
    context.caller = signed_in.principal
    return types.SessionPayload(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_at=signed_in.expires_at,
        viewer=signed_in.principal,
        merge_report=signed_in.merge_report,
    )


def _cart_key(cart_id: strawberry.ID | None) -> UUID | None:
    """Raises NotFound for an id that names no cart at all."""
    if cart_id is None:
        return None
    key = key_of(Kind.Cart, cart_id)
    if not isinstance(key, UUID):
        raise Missing("There is no such cart.", ("input", "cartId"))
    return key


def _changes(input: inputs.CustomerUpdateInput) -> dict[str, Any]:
    given = {name: getattr(input, name) for name in ("name", "phone", "addresses")}
    changes = {name: value for name, value in given.items() if value is not strawberry.UNSET}
    if "addresses" in changes:
        changes["addresses"] = [asdict(address) for address in changes["addresses"] or []]
    return changes
