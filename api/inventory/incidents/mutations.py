"""Mutations of incidents."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, InvalidTransition, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.incidents import commands
from api.inventory.incidents.types import OversellIncidentResolveInput, OversellIncidentResolvePayload
from domain.access import Permission

OversellIncidentResolveResult = Annotated[
    OversellIncidentResolvePayload
    | NotFound
    | InvalidTransition
    | InvalidInput
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union(
        "OversellIncidentResolveResult", description="The incidents as they are now, or why none was resolved."
    ),
]


@strawberry.type
class IncidentsMutation:
    @strawberry.mutation(
        description="Says that incidents are dealt with. What is still short stays so in its stock level. Needs MANAGE_STOCK; "
        "whoever is bound to a location resolves incidents there only.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def oversell_incident_resolve(
        self, info: Info, input: OversellIncidentResolveInput
    ) -> OversellIncidentResolveResult:
        keys = [key_of(Kind.OversellIncident, id_) for id_ in input.incident_ids]
        return OversellIncidentResolvePayload(
            incident_ids=await commands.resolve(
                info.context.database,
                info.context.caller,
                [key if isinstance(key, int) else None for key in keys],
                resolution=input.resolution,
                key=input.idempotency_key,
                request=as_request(input),
            )
        )
