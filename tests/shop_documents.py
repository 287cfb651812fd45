"""GraphQL documents of the tests: for each member of a result union one selection, put together for each mutation."""

from collections.abc import Mapping
from functools import cache

from graphql import GraphQLInputType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

REFUSAL = "code message path"

CART = """
id version status email heldUntil
lines {
  id sku name quantity
  variant { sku }
  unitPrice { amount currencyCode } lineTotal { amount } priceChange { amount }
  addedIn { code }
  problems { code }
}
deliveryGroups { id method location { code } address { line1 city countryCode } lines { sku } }
totals { subtotal { amount } tax { amount } total { amount currencyCode } }
problems { code message line { sku } remedies { kind quantity location { code } } }
journey { action channel { code } location { code } }
order { id number }
"""

ORDER = """
id number status paymentStatus fulfillmentStatus email version allowedActions
placedIn { code } market { code }
totals { subtotal { amount } tax { amount } total { amount currencyCode } }
lines { sku name quantity unitPrice { amount } lineTotal { amount } tax { amount } variant { sku } }
payments { gateway status amount { amount } }
timeline { type actor channel { code } message }
journey { action channel { code } }
"""

LEVEL = """
id onHand reserved held committed unavailable safetyStock incoming shortfall available version
variant { sku } location { code }
"""

SHORTFALL = """
sku requested available { quantity isCapped } variant { sku } location { code }
remedies { kind quantity location { code } availableOn }
"""

FAULTS = "faults { code message path }"

INCIDENT = "id kind quantity openedAt resolvedAt resolvedBy resolution variant { sku } location { code }"

TRANSFER = """
id status expectedAt shippedAt origin { code } destination { code }
lines { variant { sku } quantity received lost }
"""

COUNT = """
id reference startedAt startedBy finishedAt location { code }
lines { nodes { variant { sku } expected counted countedBy } totalCount }
"""

SELECTIONS: Mapping[str, str] = {
    "CartPayload": f"cartToken cart {{ {CART} }} warnings {{ code line {{ sku }} remedies {{ kind quantity }} }}",
    "CartMergePayload": f"cart {{ {CART} }} report {{ action sku name quantityBefore quantityAfter variant {{ sku }} }}",
    "CartHandoffPayload": "handoffCode qrPayload expiresAt",
    "BundleSetPayload": "variant { sku components { quantity variant { sku } } }",
    "ChannelLocationSetPayload": "channelLocations { sells buffer channel { code } location { code } }",
    "HoldPolicySetPayload": "channels { code holdPolicy } products { slug holdPolicy }",
    "OrderPlacePayload": f"order {{ {ORDER} }}",
    "OrderPayload": f"order {{ {ORDER} }}",
    "OrderVersionConflict": "order { id version status }",
    "PaymentDeclined": "reason",
    "StockPayload": f"stockLevels {{ {LEVEL} }}",
    "InvalidInput": FAULTS,
    "NotFound": FAULTS,
    "InvalidTransition": FAULTS,
    "StockSetMismatch": f"{FAULTS} stockLevels {{ {LEVEL} }}",
    "TransferPayload": f"transfer {{ {TRANSFER} }}",
    "OversellIncidentResolvePayload": f"incidents {{ {INCIDENT} }}",
    "StockCountPayload": f"stockCount {{ {COUNT} }}",
    "StockSyncPayload": f"levels {{ outcome correction stockLevel {{ {LEVEL} }} }}",
    "PosSalePayload": f"order {{ {ORDER} placedAt }} incidents {{ {INCIDENT} }}",
    "InsufficientStock": f"shortfalls {{ {SHORTFALL} }}",
    "CartNotOpen": "status cart { id status order { number } }",
    "CartNotReady": "problems { code message line { sku } }",
    "VersionConflict": "cart { id version }",
    "PriceChanged": "expectedTotal { amount } currentTotal { amount } cart { id }",
}


@cache
def mutation(schema: GraphQLSchema, name: str) -> str:
    """Selects everything that the tests look at, whatever the answer turns out to be."""
    assert schema.mutation_type is not None
    field = schema.mutation_type.fields[name]
    union = get_named_type(field.type)
    assert isinstance(union, GraphQLUnionType)
    members = " ".join(_member(member) for member in union.types)
    input_type: GraphQLInputType = field.args["input"].type
    return f"mutation Do($input: {input_type}) {{ {name}(input: $input) {{ __typename {members} }} }}"


def _member(member: GraphQLObjectType) -> str:
    is_refusal = any(interface.name == "UserError" for interface in member.interfaces)
    selection = f"{REFUSAL if is_refusal else ''} {SELECTIONS.get(member.name, '')}".strip()
    return f"... on {member.name} {{ {selection} }}"
