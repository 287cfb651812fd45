"""What nobody should ask of the real schema, and bytes that are no HTTP and no WebSocket frame."""

from typing import Any

from graphql import get_introspection_query

LIMIT = "LIMIT_EXCEEDED"
SYNTAX = "GRAPHQL_PARSE_FAILED"
INVALID = "GRAPHQL_VALIDATION_FAILED"


def nested(levels: int, field: str, leaf: str) -> str:
    return f"{field} {{ " * levels + leaf + " }" * levels


def doubling(levels: int) -> str:
    """A kilobyte of fragments that stands for two to the power of `levels` fields."""
    fragments = (f"fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}" for level in range(levels))
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{levels} on Query {{ streamCursor }}"


def overlapping(levels: int) -> str:
    """Fields that the rule about merging compares with each other."""
    fields = " ".join(f"channels {{ market {{ c{number}: code }} }}" for number in range(levels))
    return f"{{ {fields} }}"


# Each with a code that says why it is refused.
DOCUMENTS: dict[str, tuple[str, str]] = {
    "empty": (" ", SYNTAX),
    "no GraphQL": ("SELECT * FROM customer", SYNTAX),
    "unclosed": ("{ " * 1000, SYNTAX),
    "a NUL": ("{ streamCursor\x00 }", SYNTAX),
    "a string without end": ('{ product(by: { slug: "', SYNTAX),
    "too long": ("{ streamCursor } #" + "x" * 100_000, LIMIT),
    "too many tokens": ("{ " + "streamCursor " * 4_000 + "}", LIMIT),
    "too deep": (f"{{ categories {{ {nested(20, 'parent', 'slug')} }} }}", LIMIT),
    "as deep as the stack": (f"{{ categories {{ {nested(1_500, 'parent', 'slug')} }} }}", LIMIT),
    "a value as deep as the stack": (f"{{ product(by: {'[' * 1_900}{']' * 1_900}) {{ id }} }}", LIMIT),
    "aliases": ("{ " + " ".join(f"a{number}: streamCursor" for number in range(101)) + " }", LIMIT),
    "directives": ("{ streamCursor " + "@skip(if: false) " * 51 + "}", LIMIT),
    "operations": (" ".join(f"query Q{number} {{ streamCursor }}" for number in range(6)), LIMIT),
    "fragments that double": (doubling(30), LIMIT),
    "fragments that circle": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", INVALID),
    "fields to compare": (overlapping(400), LIMIT),
    "mutations in a row": (
        "mutation { " + " ".join(f"a{n}: signOut(input: {{}}) {{ __typename }}" for n in range(11)) + " }",
        LIMIT,
    ),
    "introspection within introspection": (f"{{ __schema {{ types {{ {nested(25, 'ofType', 'name')} }} }} }}", LIMIT),
    "introspection under many names": (
        get_introspection_query().replace(
            "__schema {", " ".join(f"s{n}: __schema {{ types {{ name }} }}" for n in range(101)) + " __schema {", 1
        ),
        LIMIT,
    ),
    "an unknown field": ("{ password }", INVALID),
    "a literal too large for its type": ("{ products(first: 99999999999999999999) { totalCount } }", INVALID),
    "one subscription too many": (
        "subscription { a: orderChanged { __typename } b: orderChanged { __typename } }",
        INVALID,
    ),
}

_PRODUCT = "query ($value: String!) { product(by: { slug: $value }) { id } }"
_NODE = "query ($value: ID!) { node(id: $value) { id } }"
_PAGE = "query ($value: Int!) { products(first: $value) { totalCount } }"
_AFTER = "query ($value: String!) { products(after: $value) { totalCount } }"
_ORDER = "query ($value: String!) { order(by: { guest: { number: $value, email: $value } }) { id } }"

WORDS: tuple[str, ...] = (
    "' OR 1=1 --",
    "'; DROP TABLE customer; --",
    "%' AND pg_sleep(10) --",
    "\\",
    "%_%",
    "${7*7}{{7*7}}",
    "../../etc/passwd",
    "\u202e\u0000",
    "\ufeff",
    "😀" * 1000,
    "a" * 100_000,
    "9" * 5000,
)
SIZES: tuple[Any, ...] = (-1, 101, 2**31 - 1, 2**31, -(2**31), 2**63, 1.5, 1e308, "24", None, [24], {})
VALUES: list[tuple[str, Any]] = [
    *((document, word) for document in (_PRODUCT, _NODE, _AFTER, _ORDER) for word in WORDS),
    *((_PAGE, size) for size in SIZES),
    ("query ($value: [ID!]!) { nodes(ids: $value) { id } }", ["prd_" + "0" * 32] * 1000),
    ("query ($value: [ProductVariantBy!]!) { availability(variants: $value) { id } }", [{"sku": "A"}] * 5000),
    ("query ($value: [ProductVariantBy!]!) { availability(variants: $value) { id } }", [{}]),
    ("query ($value: [ProductVariantBy!]!) { availability(variants: $value) { id } }", [{"sku": "A", "id": "B"}]),
]

# The first bytes of a connection, which the server answers with 400 or just hangs up on.
CONNECTIONS: dict[str, bytes] = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "no method": b" / HTTP/1.1\r\n\r\n",
    "an unknown version": b"GET /graphql HTTP/9.9\r\nHost: x\r\n\r\n",
    "a length below zero": b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length in words": b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "two lengths": b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{    }",
    "a length and chunks": (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET"
    ),
    "a chunk without a length": (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    ),
    "a header without a name": b"GET /graphql HTTP/1.1\r\nHost: x\r\n: value\r\n\r\n",
    "a NUL in a header": b"GET /graphql HTTP/1.1\r\nHost: x\r\nX-Y: a\x00b\r\n\r\n",
}

_TEXT, _PING, _CLOSE = 0x81, 0x89, 0x88
_MASK = b"\x00\x00\x00\x00"
# Bytes after the handshake that RFC 6455 forbids; the mask of zeros leaves the payload as it is.
BROKEN_FRAMES: dict[str, bytes] = {
    "without a mask": bytes([_TEXT, 2]) + b"{}",
    "with reserved bits": bytes([_TEXT | 0x70, 0x80 | 2]) + _MASK + b"{}",
    "of an unknown kind": bytes([0x83, 0x80]) + _MASK,
    "text that is no UTF-8": bytes([_TEXT, 0x80 | 2]) + _MASK + b"\xff\xfe",
    "a ping too long": bytes([_PING, 0x80 | 126]) + (200).to_bytes(2) + _MASK + b"x" * 200,
    "a continuation of nothing": bytes([0x80, 0x80]) + _MASK,
    "a close with half a code": bytes([_CLOSE, 0x80 | 1]) + _MASK + b"\x03",
    "longer than memory": bytes([_TEXT, 0x80 | 127]) + (2**62).to_bytes(8) + _MASK,
}
