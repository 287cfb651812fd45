"""Documents whose every field can be fused: each must take one statement."""

from benchmarks.listing import DOCUMENT as LISTING

_VARIANT = """
id sku barcode name selectedOptions { name value }
price { amount currencyCode taxIncluded compareAt { currencyCode amount } }
media { url alt kind }
availability { id version status available { quantity isCapped } location { id code name kind timezone } }
availableToPromise { isCapped quantity }
components { quantity variant { sku name } }
"""
_PRODUCT = """
id slug name description brand tags createdAt updatedAt stockStatus
options { name values } attributes { name value }
category { id slug name parent { id slug parent { name parent { id } } } children { slug } }
collections { id slug name }
media { url alt kind }
priceRange { min { amount currencyCode } max { currencyCode amount } }
"""
_PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"

DOCUMENTS: dict[str, str] = {
    "the listing": LISTING,
    "everything of products": f"{{ products(first: 100) {{ nodes {{ {_PRODUCT} variants {{ nodes {{ {_VARIANT} }} }} }} }} }}",
    "pages within pages": f"""
        {{ products(first: 7) {{
            edges {{ cursor node {{ slug variants(first: 2) {{ edges {{ cursor node {{ sku }} }} {_PAGE} }} }} }}
            {_PAGE}
        }} }}
    """,
    "nothing but counts": "{ products { totalCount } }",
    "no products at all": f"{{ products(first: 0) {{ nodes {{ id }} edges {{ cursor }} {_PAGE} }} }}",
    "by name": f"{{ products(first: 4, sort: NAME) {{ edges {{ cursor node {{ name }} }} {_PAGE} }} }}",
    "by the lowest price": f"{{ products(first: 4, sort: PRICE_ASC) {{ edges {{ cursor }} nodes {{ slug }} {_PAGE} }} }}",
    "by the highest price": f"{{ products(first: 4, sort: PRICE_DESC) {{ edges {{ cursor }} nodes {{ slug }} {_PAGE} }} }}",
    "narrowed": f"""
        {{ products(filter: {{ categories: ["all"], tags: ["plain"], priceMin: "0.00", inStock: true }}) {{
            nodes {{ slug priceRange {{ min {{ amount }} }} }} {_PAGE}
        }} }}
    """,
    "aliases, fragments and the same field twice": """
        query { first: products(first: 2) { ...Page } }
        fragment Page on ProductConnection {
            __typename
            some: nodes { ...Names ... on Node { id } again: name name }
            nodes { slug: name variants(first: 1) { nodes { sku } nodes { name } } one: variants(first: 1) { nodes { id } } }
            pageInfo { __typename more: hasNextPage }
        }
        fragment Names on Product { name __typename priceRange { __typename min { __typename amount } } }
    """,
    "where the stock of a variant is": """
        { products { nodes { variants { nodes {
            all: availability { location { id } status }
            two: availability(first: 2) { location { name } available { quantity } }
            near: availability(near: { latitude: 53.5, longitude: 10 }) {
                location { code coordinates { latitude longitude } openingHours { weekday opens } address { city } }
                variant { sku product { slug } }
            }
            named: availability(locations: [{ code: "berlin" }, { code: "nowhere" }]) { location { code } }
            nowhere: availability(locations: []) { id }
        } } } } }
    """,
    "a category": f"""
        {{ category(slug: "all") {{
            id name children {{ name products(first: 2) {{ edges {{ cursor node {{ slug }} }} {_PAGE} }} }} parent {{ id }}
        }} }}
    """,
    "no category": '{ category(slug: "none") { id name products { nodes { id } } } }',
    "a collection": f"""
        {{ collection(slug: "summer") {{ id slug products(first: 3) {{ nodes {{ slug category {{ name }} }} {_PAGE} }} }} }}
    """,
    "an empty collection": f'{{ collection(slug: "empty") {{ products {{ edges {{ cursor }} {_PAGE} }} }} }}',
    "no product": '{ product(by: { slug: "none" }) { id variants { nodes { id } } } }',
    "a product by an id that is none": '{ product(by: { id: "prd_x" }) { id media { url } } }',
    "a scan": f'{{ productVariant(by: {{ barcode: "4006381333931" }}) {{ {_VARIANT} product {{ {_PRODUCT} }} }} }}',
    "a scan of nothing": '{ productVariant(by: { barcode: "" }) { id availability { status } } }',
}
