"""What shoppers narrow a list of products by, checked and put into the terms of the database."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import strawberry

from api.catalog.availability import locations_for
from api.channels.types import LocationBy
from api.context import Context
from api.ids import bad_input
from domain.money import Money
from persistence.search.criteria import SEPARATOR, Criteria
from persistence.search.pages import Order

strawberry.enum(
    Order,
    name="ProductSort",
    description="How products are ordered; what is equal, by age. RELEVANCE needs a search and is NEWEST without one. "
    "PRICE_ASC looks at the lowest price of each product, PRICE_DESC at the highest; what has no price comes last.",
)

MOST_NAMES = 100
MOST_ATTRIBUTES = 10
_LARGEST_AMOUNT = 2**63 - 1


@strawberry.input(description="A property or an option of products, and which values of it are wanted: any of these.")
class AttributeFilter:
    name: str = strawberry.field(description="Such as Material or Color, as the merchant writes it.")
    values: list[str] = strawberry.field(description="At most 100.")


@strawberry.input(
    description="Conditions that a product must all meet. Each list means any of its values, at most 100; null and an empty "
    "list are no condition, and what nobody has heard of matches nothing."
)
class ProductFilter:
    search: str | None = strawberry.field(
        default=None,
        description="Words of the name, brand, category, tags, properties and options, SKUs and barcodes; all of them must "
        "be found. The last word may be unfinished, and a word that no product has may have one typo. At most 200 "
        "characters and 20 words.",
    )
    categories: list[str] | None = strawberry.field(
        default=None, description="Slugs; what is in a part of a category is in the category."
    )
    collections: list[str] | None = strawberry.field(default=None, description="Slugs.")
    brands: list[str] | None = strawberry.field(default=None, description="As the merchant writes them.")
    tags: list[str] | None = strawberry.field(default=None, description="As the merchant writes them.")
    attributes: list[AttributeFilter] | None = strawberry.field(
        default=None, description="At most 10; a product must meet each of them."
    )
    price_min: Decimal | None = strawberry.field(
        default=None, description="Some variant costs this or more, and no more than priceMax, in the caller's market."
    )
    price_max: Decimal | None = strawberry.field(
        default=None, description="Some variant costs this or less, and no less than priceMin, in the caller's market."
    )
    available_at: list[LocationBy] | None = strawberry.field(
        default=None,
        description="Only what at least one of these locations can hand over or ship now. Locations that do not sell to the "
        "caller's channel have nothing for it.",
    )
    in_stock: bool | None = strawberry.field(
        default=None,
        description="True: what some location that sells to the caller's channel has now. False: only what none has.",
    )


def criteria_of(context: Context, filter_: ProductFilter | None) -> Criteria:
    """All but what is searched for. What no client should send is a BAD_USER_INPUT error."""
    everything = Criteria(market_id=context.market["id"], selling=locations_for(context, None))
    if filter_ is None:
        return everything
    attributes = filter_.attributes or []
    if len(attributes) > MOST_ATTRIBUTES:
        raise bad_input(f"At most {MOST_ATTRIBUTES} attributes can be filtered by.")
    return replace(
        everything,
        categories=_names(filter_.categories, "categories"),
        collections=_names(filter_.collections, "collections"),
        brands=_names(filter_.brands, "brands"),
        tags=_names(filter_.tags, "tags"),
        attributes=[
            (attribute.name, values)
            for attribute in attributes
            if (values := _names(attribute.values, "values")) is not None
        ],
        price_min=_amount(context, filter_.price_min, "priceMin"),
        price_max=_amount(context, filter_.price_max, "priceMax"),
        available_at=locations_for(context, filter_.available_at) if filter_.available_at else None,
        in_stock=filter_.in_stock,
    )


def _names(names: Sequence[str] | None, field: str) -> list[str] | None:
    if not names:
        return None
    if len(names) > MOST_NAMES:
        raise bad_input(f"`{field}` has at most {MOST_NAMES} values.")
    return [name for name in names if SEPARATOR not in name]


def _amount(context: Context, amount: Decimal | None, field: str) -> int | None:
    if amount is None:
        return None
    try:
        minor_units = Money.of(amount, context.market["currency_code"]).minor_units
    except ValueError as error:
        raise bad_input(f"`{field}`: {error}.") from error
    if not 0 <= minor_units <= _LARGEST_AMOUNT:
        raise bad_input(f"`{field}` is no price.")
    return minor_units
