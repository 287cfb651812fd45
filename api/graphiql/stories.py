"""The tabs GraphiQL opens with, in the order in which they tell the story of one sale.

A tab is named after its operation. `{{cartId}}` and `{{cartToken}}`, in variables and headers, are filled in by the
page with the cart that was made last in the same browser tab.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What the demo data must contain for the stories to work.
SKU = "TEE-LINEN-WHITE-M"
TYPED = "linnen shrt"
BARCODE = "2000000000022"
PICKUP_LOCATION = "berlin"
CHANNEL = "web"
BUYER_EMAIL = "ada@example.com"
# Alexanderplatz in Berlin.
HERE = {"latitude": 52.5219, "longitude": 13.4132}


@dataclass(frozen=True, slots=True)
class Story:
    query: str
    variables: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


BROWSE = Story(
    query="""\
# Articles, with the stock of every
# place that sells them.
query Browse($first: Int!) {
  products(first: $first) {
    nodes {
      name
      stockStatus
      variants(first: 3) {
        nodes {
          sku
          name
          price { amount currencyCode taxIncluded }
          availability {
            location { code name }
            status
            available { quantity isCapped }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
""",
    variables={"first": 6},
    headers={"Oneshelf-Channel": CHANNEL},
)

SEARCH = Story(
    query="""\
# Two words, and a typo in each. Facets count
# what other choices would leave.
query Search($filter: ProductFilter!) {
  products(first: 5, filter: $filter) {
    totalCount
    nodes {
      name
      stockStatus
      priceRange {
        min { amount currencyCode }
        max { amount }
      }
    }
    facets {
      name
      values { value count }
    }
  }
}
""",
    variables={"filter": {"search": TYPED, "inStock": True, "priceMax": "80"}},
    headers={"Oneshelf-Channel": CHANNEL},
)

SCAN = Story(
    query="""\
# What a camera has read from a label: the
# article, its price here, and every place
# that has it, the nearest first.
query Scan(
  $barcode: String!
  $here: CoordinatesInput!
) {
  productVariant(by: { barcode: $barcode }) {
    product { name brand }
    name
    sku
    price { amount currencyCode compareAt { amount } }
    availability(near: $here) {
      location { name kind distanceKm(from: $here) }
      available { quantity isCapped }
      pickupReadyAt
    }
  }
}
""",
    variables={"barcode": BARCODE, "here": HERE},
    headers={"Oneshelf-Channel": CHANNEL},
)

NEARBY = Story(
    query="""\
# Who near me has it, and when can I collect it?
# A ready time knows opening hours, holidays,
# preparation and the store's own clock.
query Nearby(
  $variants: [ProductVariantBy!]!
  $here: CoordinatesInput!
) {
  availability(variants: $variants, near: $here) {
    location {
      name
      distanceKm(from: $here)
      address { line1 city }
      timezone
    }
    status
    available { quantity isCapped }
    pickupReadyAt
  }
}
""",
    variables={"variants": [{"sku": SKU}], "here": HERE},
    headers={"Oneshelf-Channel": CHANNEL},
)

CART = Story(
    query="""\
# A guest's cart. The next tab orders it:
# this page remembers its id and token.
mutation Cart($input: CartCreateInput!) {
  cartCreate(input: $input) {
    ... on CartPayload {
      cartToken
      cart {
        id
        lines {
          sku name quantity
          lineTotal { amount currencyCode }
        }
        totals { total { amount currencyCode } }
        problems { code message }
      }
    }
    ... on UserError { code message path }
  }
}
""",
    variables={"input": {"lines": [{"variant": {"sku": SKU}, "quantity": 1}]}},
    headers={"Oneshelf-Channel": CHANNEL},
)

ORDER = Story(
    query="""\
# Run the tab Cart first. Run this one twice:
# the same idempotency key, the same order.
mutation Order(
  $buyer: CartBuyerSetInput!
  $delivery: CartDeliverySetInput!
  $order: OrderPlaceInput!
) {
  cartBuyerSet(input: $buyer) {
    ... on CartPayload { cart { email } }
    ... on UserError { code message path }
  }
  cartDeliverySet(input: $delivery) {
    ... on CartPayload {
      cart {
        deliveryGroups { method location { name } }
      }
    }
    ... on UserError { code message path }
  }
  orderPlace(input: $order) {
    ... on OrderPlacePayload {
      order {
        number status paymentStatus
        totals {
          tax { amount }
          total { amount currencyCode }
        }
      }
    }
    ... on InsufficientStock {
      shortfalls {
        sku
        requested
        remedies { kind quantity location { name } }
      }
    }
    ... on UserError { code message path }
  }
}
""",
    variables={
        "buyer": {"cartId": "{{cartId}}", "email": BUYER_EMAIL},
        "delivery": {
            "cartId": "{{cartId}}",
            "groups": [{"method": "PICKUP", "location": {"code": PICKUP_LOCATION}}],
        },
        "order": {"cartId": "{{cartId}}", "idempotencyKey": "order-{{cartId}}"},
    },
    headers={"Oneshelf-Channel": CHANNEL, "Oneshelf-Cart-Token": "{{cartToken}}"},
)

WATCH = Story(
    query="""\
# What is there now, then every change.
# Order in a second browser tab and see
# the stock fall here.
subscription Watch($variants: [ProductVariantBy!]!) {
  availabilityChanged(variants: $variants) {
    ... on AvailabilityChanged {
      occurredAt
      availability {
        variant { sku }
        location { code name }
        status
        available { quantity isCapped }
      }
    }
    ... on StreamLagged { resumeFrom }
  }
}
""",
    variables={"variants": [{"sku": SKU}]},
    headers={"Oneshelf-Channel": CHANNEL},
)

STORIES = (BROWSE, SEARCH, SCAN, NEARBY, CART, ORDER, WATCH)
