"""Mutations that move a cart to another device by a code."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access import PUBLIC, SCOPED
from api.carts.handoffs import commands
from api.carts.inputs import CART, KEY, cart_key
from api.carts.results import CartNotOpen, CartPayload, payload_of
from api.carts.viewing import asking
from api.context import Info
from api.errors import HandoffInvalid, IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.execution.fields import column
from api.inputs import as_request


@strawberry.input(description="Asks for a code that moves the cart.")
class CartHandoffCreateInput:
    cart_id: strawberry.ID = strawberry.field(description=CART)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Takes over the cart that a code was made for.")
class CartHandoffClaimInput:
    handoff_code: str = strawberry.field(
        description="As read out, typed or scanned: case, blanks and hyphens do not count, and the QR payload will do."
    )
    idempotency_key: str = strawberry.field(
        description="For guests a random UUID. For 10 minutes a repetition returns a fresh cartToken, which makes the earlier "
        "one useless."
    )


@strawberry.type(
    description="A short code, good once and for ten minutes, that moves the cart to another device or a till. It has ten of 30 "
    "characters, none of which looks like another, so that nobody guesses one."
)
class CartHandoffPayload:
    handoff_code: str = column(SCOPED, "To be read out or typed; whoever has it gets the cart.")
    qr_payload: str = column(SCOPED, "To be shown as a QR code; cartHandoffClaim takes it as it is scanned.")
    expires_at: datetime = column(SCOPED, "From when on the code is good no longer.")


CartHandoffCreateResult = Annotated[
    CartHandoffPayload | NotFound | InvalidInput | CartNotOpen | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CartHandoffCreateResult", description="The code, or why there is none."),
]
CartHandoffClaimResult = Annotated[
    CartPayload | HandoffInvalid | InvalidInput | CartNotOpen | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CartHandoffClaimResult", description="The cart, or why it does not move."),
]


@strawberry.type
class HandoffsMutation:
    @strawberry.mutation(
        description="Makes a code for a cart that is open or parked; the code made before it is good no longer. What is held stays "
        "held.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_handoff_create(self, info: Info, input: CartHandoffCreateInput) -> CartHandoffCreateResult:
        context = info.context
        made = await commands.create(
            context.database,
            asking(context),
            context.identity,
            cart_key(input.cart_id),
            key=input.idempotency_key,
            request=as_request(input),
        )
        return CartHandoffPayload(
            handoff_code=made.code, qr_payload=f"{commands.QR_PREFIX}{made.code}", expires_at=made.expires_at
        )

    @strawberry.mutation(
        description="Takes over a cart by its code: a customer becomes its owner, a till can go on with it, a guest is given its "
        "token; the former holder's token is useless. What a former owner said of itself is forgotten when another customer "
        "takes over. Ten wrong codes in a minute shut an address or a caller out for as long.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_handoff_claim(self, info: Info, input: CartHandoffClaimInput) -> CartHandoffClaimResult:
        context = info.context
        changed = await commands.claim(
            context.database,
            asking(context),
            context.identity,
            typed=input.handoff_code,
            address=context.client_address,
            key=input.idempotency_key,
            request=as_request(input),
        )
        # From here on this operation is answered for whoever holds the cart now.
        return payload_of(changed)
