"""Mutations of bundles."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.catalog.bundles import commands
from api.catalog.bundles.commands import Composition
from api.catalog.bundles.types import BundleSetInput, BundleSetPayload
from api.catalog.lookup import look_up_variants
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.inputs import as_request
from domain.access import Permission
from domain.errors import InvalidInput as Refused
from domain.inventory.bundles import MOST_COMPONENTS, NamedComponent

BundleSetResult = Annotated[
    BundleSetPayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("BundleSetResult", description="The bundle, or why nothing has changed."),
]


@strawberry.type
class BundlesMutation:
    @strawberry.mutation(
        description="Makes a variant a bundle of others, or changes of what. What carts hold and orders were promised stays theirs; "
        "a cart that holds the bundle as it was must hold it anew. Needs MANAGE_CATALOG.",
        metadata={ACCESS: Needs(Permission.MANAGE_CATALOG)},
    )
    async def bundle_set(self, info: Info, input: BundleSetInput) -> BundleSetResult:
        context = info.context
        if len(input.components) > MOST_COMPONENTS:
            raise Refused(f"A bundle has 1 to {MOST_COMPONENTS} components.", path=("input", "components"))
        named = [input.variant, *(component.variant for component in input.components)]
        bundle, *parts = await look_up_variants(context, named, on_sale_only=False)
        asked = Composition(
            variant_id=None if bundle is None else bundle["id"],
            components=[
                NamedComponent(
                    variant_id=None if part is None else part["id"],
                    quantity=component.quantity,
                    is_bundle=part is not None and part["is_bundle"],
                    path=("input", "components", str(position)),
                )
                for position, (part, component) in enumerate(zip(parts, input.components, strict=True))
            ],
            key=input.idempotency_key,
            request=as_request(input),
        )
        return BundleSetPayload(variant_id=await commands.set_bundle(context.database, context.caller, asked))
