"""@skip and @include, on fields and fragments, with literals and variables.

After graphql-js, src/execution/__tests__/directives-test.ts, and graphql-core, tests/execution/test_directives.py.
"""

import pytest

from tests.execution.conformance.tables import Case, conforms, fails, hold

pytestmark = pytest.mark.anyio

SCHEMA = "type Query { a: String b: String }"
ROOT = {"a": "a", "b": "b"}
BOTH, ONLY_A = {"a": "a", "b": "b"}, {"a": "a"}


def documents_with(directives: str) -> dict[str, str]:
    """By where the directives stand."""
    return {
        "a field": f"{{ a, b {directives} }}",
        "a fragment spread": f"{{ a ...Frag {directives} }} fragment Frag on Query {{ b }}",
        "an inline fragment": f"{{ a ... on Query {directives} {{ b }} }}",
        "an inline fragment without a type": f"query {{ a ... {directives} {{ b }} }}",
    }


DIRECTIVES = {
    "": BOTH,
    "@include(if: true)": BOTH,
    "@include(if: false)": ONLY_A,
    "@skip(if: false)": BOTH,
    "@skip(if: true)": ONLY_A,
    "@include(if: true) @skip(if: false)": BOTH,
    "@include(if: true) @skip(if: true)": ONLY_A,
    "@include(if: false) @skip(if: false)": ONLY_A,
    "@include(if: false) @skip(if: true)": ONLY_A,
    "@skip(if: false) @include(if: false)": ONLY_A,
}

LITERALS = [
    Case(f"{directives} on {place}", SCHEMA, document, ROOT, data)
    for directives, data in DIRECTIVES.items()
    for place, document in documents_with(directives).items()
]

VARIABLES = [
    Case(
        f"${name}: {value} on {place}",
        SCHEMA,
        f"query Q($yes: Boolean!, $no: Boolean = false) {document.removeprefix('query ')}",
        ROOT,
        data,
        variables={"yes": True, name: value},
        operation_name="Q",
    )
    for directives, name, value, data in (
        ("@include(if: $yes) @skip(if: $no)", "yes", True, BOTH),
        ("@include(if: $yes) @skip(if: $no)", "yes", False, ONLY_A),
        ("@include(if: $yes) @skip(if: $no)", "no", True, ONLY_A),
        ("@skip(if: $no) @include(if: $yes)", "no", False, BOTH),
    )
    for place, document in documents_with(directives).items()
]


@conforms(*LITERALS)
async def test_literals_decide(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


@conforms(*VARIABLES)
async def test_variables_decide(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


NESTED = "type Query { item: Item } type Item { a: String b: String item: Item }"
ITEM = {"a": "a", "b": "b", "item": {"a": "inner a", "b": "inner b"}}


def nested(name: str, document: str, data: object) -> Case:
    return Case(name, NESTED, document, {"item": ITEM}, {"item": data})


@conforms(
    nested("one of two, the other is skipped", "{ item { a a @skip(if: true) } }", {"a": "a"}),
    nested("both are skipped", "{ item { b a @skip(if: true) a @include(if: false) } }", {"b": "b"}),
    nested(
        "below a field of which one is skipped",
        "{ item { item { a } item @skip(if: true) { b } } }",
        {"item": {"a": "inner a"}},
    ),
    nested(
        "a fragment that is skipped first and spread later",
        "{ item { ...F @skip(if: true) ...F } } fragment F on Item { a }",
        {"a": "a"},
    ),
    nested("all of it", "{ item { a @skip(if: true) } }", {}),
)
async def test_skipped_selections_are_merged_with_none(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


@conforms(
    Case(
        "a required condition that is not sent",
        SCHEMA,
        "query ($yes: Boolean!) { a @include(if: $yes) }",
        ROOT,
        failures=(
            fails(
                "Variable '$yes' has invalid value: Expected a value of non-null type 'Boolean!' to be provided.", 1, 8
            ),
        ),
        is_refused=True,
    )
)
async def test_conditions_have_values(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
