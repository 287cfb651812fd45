"""What the documents say for each argument: everything of A that there is to ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLInputType, get_named_type

from api.ids import Kind
from tests.access.canaries import CUSTOMER, GUEST, canary
from tests.access.world import World

_LARGEST_PAGE = 100
_SOMEWHERE = {"latitude": 52.5, "longitude": 13.4}


def guest_key(email: str) -> Mapping[str, Any]:
    return {"guest": {"number": canary(GUEST, "sales_order.number"), "email": email}}


def values_of(world: World, *, knows_email: bool) -> Any:
    """For Asker. A kind of argument that nobody has thought of fails the test until it has a value here."""
    ids = [id_ for of_kind in world.ids.values() for id_ in of_kind]
    email = canary(GUEST, "sales_order.email") if knows_email else "b@example.com"
    by_type: Mapping[str, Sequence[Any]] = {
        "Int": [_LARGEST_PAGE],
        "ProductVariantBy": [{"sku": "secret"}],
        "ProductBy": [{"id": id_} for id_ in world.ids[Kind.Product]],
        "ProductFilter": [{"search": "secret"}, {"inStock": False}],
        "ProductSort": [],
        "LocationBy": [{"code": "berlin"}],
        "LocationKind": [],
        "TransferStatus": [],
        "Boolean": [],
        "CoordinatesInput": [_SOMEWHERE],
        "OrderBy": [*({"id": id_} for id_ in world.ids[Kind.Order]), guest_key(email)],
        "OrderFilter": [
            {"search": canary(GUEST, "sales_order.email")},
            {"search": canary(CUSTOMER, "sales_order.number")},
            *({"customerId": id_} for id_ in world.ids[Kind.Customer]),
            {"location": {"code": "berlin"}},
            {"channel": "marketplace"},
        ],
        "String": [],
        "Cursor": [],
        "StreamEventType": [],
    }
    by_field: Mapping[tuple[str, str], Sequence[Any]] = {
        # One loader serves both: here it is the shape that differs.
        ("node", "id"): [world.ids[Kind.Customer][0], world.ids[Kind.Order][0]],
        ("nodes", "ids"): [ids[start : start + _LARGEST_PAGE] for start in range(0, len(ids), _LARGEST_PAGE)],
        ("cart", "id"): world.ids[Kind.Cart],
        ("category", "slug"): ["none"],
        ("oversellIncidents", "open"): [True, None],
        ("collection", "slug"): ["none"],
    }

    def values(field: str, name: str, type_: GraphQLInputType) -> Sequence[Any]:
        return by_field[field, name] if (field, name) in by_field else by_type[get_named_type(type_).name]

    return values
