"""Every table of the schema, for Alembic and for tests; importing this module fills the metadata."""

from persistence import idempotency_tables
from persistence.carts import tables as carts
from persistence.catalog import search_tables as search
from persistence.catalog import tables as catalog
from persistence.channels import tables as channels
from persistence.customers import tables as customers
from persistence.events import tables as events
from persistence.inventory import tables as inventory
from persistence.metadata import metadata
from persistence.orders import tables as orders
from persistence.pricing import tables as pricing

__all__ = [
    "carts",
    "catalog",
    "channels",
    "customers",
    "events",
    "idempotency_tables",
    "inventory",
    "metadata",
    "orders",
    "pricing",
    "search",
]
