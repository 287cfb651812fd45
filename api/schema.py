"""The schema, put together from the areas, with the rules that hold for all of it."""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLSchema, is_interface_type, is_object_type, is_union_type
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from api.carts import results as cart_results
from api.carts.mutations import CartsMutation
from api.carts.queries import CartsQuery
from api.carts.viewing import GroupView, LineView
from api.catalog.bundles.mutations import BundlesMutation
from api.catalog.queries import CatalogQuery
from api.channels.queries import ChannelsQuery
from api.customers.mutations import CustomersMutation
from api.customers.queries import CustomersQuery
from api.errors import EXCEPTION_HANDLERS, shown_as
from api.events.queries import EventsQuery
from api.events.subscriptions import Subscription
from api.execution.access import guard
from api.execution.fields import read
from api.inventory import types as inventory_types
from api.inventory.mutations import InventoryMutation
from api.inventory.queries import InventoryQuery
from api.nodes import NodeQuery
from api.orders import results as order_results
from api.orders.mutations import OrdersMutation
from api.orders.queries import OrdersQuery
from api.orders.tills.mutations import TillsMutation
from api.scalars import SCALARS
from domain.carts import cart, problems
from domain.inventory import correction, sourcing
from domain.orders import cancelling, order


@strawberry.type(description="Everything that can be asked.")
class Query(
    NodeQuery, CustomersQuery, ChannelsQuery, CatalogQuery, CartsQuery, OrdersQuery, InventoryQuery, EventsQuery
):
    pass


@strawberry.type(description="Everything that can be done.")
class Mutation(CartsMutation, OrdersMutation, TillsMutation, CustomersMutation, InventoryMutation, BundlesMutation):
    pass


HANDLERS = [
    *EXCEPTION_HANDLERS,
    shown_as(sourcing.InsufficientStock, inventory_types.InsufficientStock),
    shown_as(correction.StockSetMismatch, inventory_types.StockSetMismatch),
    shown_as(cart.CartNotOpen, cart_results.CartNotOpen),
    shown_as(cart.VersionConflict, cart_results.VersionConflict),
    shown_as(cart.PriceChanged, cart_results.PriceChanged),
    shown_as(problems.CartNotReady, cart_results.CartNotReady),
    shown_as(order.OrderVersionConflict, order_results.OrderVersionConflict),
    shown_as(cancelling.PaymentDeclined, order_results.PaymentDeclined),
]


def _declared() -> strawberry.Schema:
    config = StrawberryConfig(
        name_converter=NameConverter(auto_camel_case=True),
        default_resolver=read,
        disable_field_suggestions=True,
        scalar_map=SCALARS,
    )
    return strawberry.Schema(Query, Mutation, Subscription, config=config, exception_handlers=HANDLERS)


def schema_text() -> str:
    """The schema in GraphQL's own language, as committed in schema.graphql."""
    return _declared().as_str() + "\n"


def build_schema() -> GraphQLSchema:
    """With every field guarded by its rule."""
    compiled = _declared()._schema  # noqa: SLF001 - Strawberry offers no public way to the graphql-core schema.
    _know_rows(compiled)
    guard(compiled)
    return compiled


def _know_rows(schema: GraphQLSchema) -> None:
    """Sources are rows, not instances of our classes: the type of an abstract field is what the row says it is."""
    for type_ in schema.type_map.values():
        if is_object_type(type_):
            type_.is_type_of = None
        elif is_interface_type(type_) or is_union_type(type_):
            type_.resolve_type = _type_of


def _type_of(source: Any, _info: Any, _abstract: Any) -> str:
    if isinstance(source, Mapping):
        return str(source["__typename"])
    return _VIEWS.get(type(source)) or str(type(source).__strawberry_definition__.name)


_VIEWS: dict[type, str] = {cart.Cart: "Cart", LineView: "CartLine", GroupView: "DeliveryGroup"}
"""Sources that are objects of ours and neither rows nor instances of the type that shows them."""
