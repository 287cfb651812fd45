"""Postal addresses as clients send them; api.input_rules checks them."""

import strawberry


@strawberry.input(description="A postal address; what its country requires must be there.")
class AddressInput:
    name: str | None = strawberry.field(default=None, description="Who lives or works there.")
    company: str | None = strawberry.field(default=None, description="The firm, where there is one.")
    line1: str = strawberry.field(description="Street and number.")
    line2: str | None = strawberry.field(default=None, description="Floor, apartment, and the like.")
    city: str = strawberry.field(description="Town or city.")
    region: str | None = strawberry.field(
        default=None, description="State, province or prefecture, where addresses have one."
    )
    postal_code: str | None = strawberry.field(default=None, description="Postal code, where the country has them.")
    country_code: str = strawberry.field(description="ISO 3166, two letters.")
    phone: str | None = strawberry.field(default=None, description="For the carrier.")
