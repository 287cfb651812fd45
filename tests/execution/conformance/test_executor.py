"""Execution as a whole: merging, order, errors of all kinds, operations by name, what resolvers are told.

After graphql-js, src/execution/__tests__/{executor,resolve,schema}-test.ts, and graphql-core,
tests/execution/test_executor.py, test_resolve.py and test_collect_fields.py.
"""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLResolveInfo

from tests.execution.conformance.tables import Case, Failure, Later, Raises, Resolve, conforms, fails, hold

pytestmark = pytest.mark.anyio

DEEP = "type Query { deep: Type a: String b: String c: String } type Type { a: String b: String c: String deep: Type }"
FRUITS: dict[str, Any] = {"a": "Apple", "b": "Banana", "c": "Cherry"}
DEEPEST: dict[str, Any] = {**FRUITS, "deep": {**FRUITS, "deep": FRUITS}}


def merged(name: str, document: str, data: Any) -> Case:
    return Case(name, DEEP, document, DEEPEST, data)


@conforms(
    merged(
        "parallel fragments",
        "{ a, ...FragOne, ...FragTwo } fragment FragOne on Query { b deep { b, deeper: deep { b } } } "
        "fragment FragTwo on Query { c deep { c, deeper: deep { c } } }",
        {
            "a": "Apple",
            "b": "Banana",
            "deep": {"b": "Banana", "deeper": {"b": "Banana", "c": "Cherry"}, "c": "Cherry"},
            "c": "Cherry",
        },
    ),
    merged(
        "a key that comes again",
        "{ b a b deep { c } a deep { a c } }",
        {"b": "Banana", "a": "Apple", "deep": {"c": "Cherry", "a": "Apple"}},
    ),
    merged(
        "aliases",
        "{ b: a a: b deep { x: a y: a } }",
        {"b": "Apple", "a": "Banana", "deep": {"x": "Apple", "y": "Apple"}},
    ),
    merged("a fragment spread twice", "{ ...F a ...F } fragment F on Query { b }", {"b": "Banana", "a": "Apple"}),
    merged(
        "fragments in fragments",
        "{ ...F } fragment F on Query { c ...G ... on Query { ...H a } } fragment G on Query { b } "
        "fragment H on Query { deep { ...I } } fragment I on Type { c a }",
        {"c": "Cherry", "b": "Banana", "deep": {"c": "Cherry", "a": "Apple"}, "a": "Apple"},
    ),
    merged(
        "names of types", "{ __typename deep { kind: __typename } }", {"__typename": "Query", "deep": {"kind": "Type"}}
    ),
)
async def test_selections_are_merged_in_their_order(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


KINDS = "type Query { a: String b: String c: Int! d: [Int] e: Obj f: String } type Obj { x: String y: Int }"


@conforms(
    Case(
        "the order of the document, whatever is there first",
        KINDS,
        "{ a b f e { y x } c d }",
        {"a": "a", "b": Later("b"), "c": Later(3), "d": [1], "e": Later({"x": Later("x"), "y": 2}), "f": "f"},
        {"a": "a", "b": "b", "f": "f", "e": {"y": 2, "x": "x"}, "c": 3, "d": [1]},
    ),
    Case(
        "errors raised, returned, in lists, and of all kinds of fields",
        KINDS,
        "{\na\nb\nd\ne { x y }\nf }",
        {
            "a": Raises("raised"),
            "b": ValueError("returned"),
            "d": [0, ValueError("in the list"), 2],
            "e": {"x": Raises("below"), "y": 2**31},
            "f": Later(Raises("later")),
        },
        {"a": None, "b": None, "d": [0, None, 2], "e": {"x": None, "y": None}, "f": None},
        (
            fails("raised", 2, 1, "a"),
            fails("returned", 3, 1, "b"),
            fails("in the list", 4, 1, "d", 1),
            fails("below", 5, 5, "e", "x"),
            fails("Int cannot represent non 32-bit signed integer value: 2147483648", 5, 7, "e", "y"),
            fails("later", 6, 1, "f"),
        ),
    ),
    Case(
        "an error with several places",
        KINDS,
        "{ a ...F a }\nfragment F on Query { a }",
        {"a": Raises("bad")},
        {"a": None},
        (Failure("bad", ((1, 3), (2, 23), (1, 10)), ("a",)),),
    ),
    Case(
        "a null where none may be, beside what is well",
        KINDS,
        "{ a c }",
        {"a": "a", "c": None},
        None,
        (fails("Cannot return null for non-nullable field Query.c.", 1, 5, "c"),),
    ),
)
async def test_values_and_errors_are_where_they_belong(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


CHAIN = "type Query { nullableA: A } type A { nullableA: A nonNullA: A! throws: A! list: [A!] }"
THROWING: dict[str, Any] = {"throws": Raises("Catch me if you can"), "nullableA": None, "list": None}
NON_NULL = {"nonNullA": {"nonNullA": THROWING}}


@conforms(
    Case(
        "through aliases",
        CHAIN,
        "{ nullableA { aliasedA: nullableA { nonNullA { anotherA: nonNullA { throws { __typename } } } } } }",
        {"nullableA": {"nullableA": NON_NULL}},
        {"nullableA": {"aliasedA": None}},
        (fails("Catch me if you can", 1, 69, "nullableA", "aliasedA", "nonNullA", "anotherA", "throws"),),
    ),
    Case(
        "through lists",
        CHAIN,
        "{ nullableA { l: list { nullableA { m: list { throws { __typename } } } } } }",
        {"nullableA": {"list": [{"nullableA": None}, {"nullableA": {"list": [THROWING]}}]}},
        {"nullableA": {"l": [{"nullableA": None}, {"nullableA": {"m": None}}]}},
        (fails("Catch me if you can", 1, 47, "nullableA", "l", 1, "nullableA", "m", 0, "throws"),),
    ),
)
async def test_paths_are_those_of_the_response(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


NAMED = "type Query { a: String } type Mutation { a: String c: String }"
OPERATIONS = "query Example { first: a } query Other { second: a } mutation M { c }"
NOT_NAMED = "The document has several operations: operationName must name one."


def operation(name: str | None, data: Any, refusal: str | None = None) -> Case:
    failures = () if refusal is None else (Failure(refusal, ()),)
    return Case(
        f"operation {name}",
        NAMED,
        OPERATIONS,
        {"a": "b", "c": "d"},
        data,
        failures,
        operation_name=name,
        is_refused=refusal is not None,
    )


@conforms(
    operation("Example", {"first": "b"}),
    operation("Other", {"second": "b"}),
    operation("M", {"c": "d"}),
    operation(None, None, NOT_NAMED),
    operation("Unknown", None, "The document has no operation with this operationName."),
)
async def test_one_operation_is_executed(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


def told(_source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> str:
    path = info.path.as_list()
    return (
        f"{info.parent_type}.{info.field_name}: {info.return_type} at {path}, {len(info.field_nodes)} with {arguments}"
    )


async def told_later(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> str:
    await asyncio.sleep(0)
    return told(source, info, **arguments)


def variables_of(_source: Any, info: GraphQLResolveInfo[Any]) -> str:
    return f"{sorted(info.variable_values.coerced.items())} {info.operation.name and info.operation.name.value}"


INFO = """
type Query { test(a: Int, b: String = "x"): String! later(a: Int): String things: [Thing] variables: String }
type Thing { test(a: Int): String }
"""
TOLD: dict[str, Resolve] = {
    "Query.test": told,
    "Query.later": told_later,
    "Thing.test": told_later,
    "Query.variables": variables_of,
}


def informed(name: str, document: str, data: Any, **variables: Any) -> Case:
    return Case(name, INFO, document, {"things": [{}, {}]}, data, variables=variables, resolvers=TOLD)


@conforms(
    informed("arguments that were not set", "{ test }", {"test": "Query.test: String! at ['test'], 1 with {'b': 'x'}"}),
    informed(
        "merged nodes and an alias",
        "{ t: test(a: 1) ... { t: test(a: 1) } }",
        {"t": "Query.test: String! at ['t'], 2 with {'a': 1, 'b': 'x'}"},
    ),
    informed(
        "an item of a list",
        "query ($a: Int) { things { u: test(a: $a) } }",
        {
            "things": [
                {"u": "Thing.test: String at ['things', 0, 'u'], 1 with {'a': 3}"},
                {"u": "Thing.test: String at ['things', 1, 'u'], 1 with {'a': 3}"},
            ]
        },
        a=3,
    ),
    informed(
        "a variable that is absent",
        "query ($a: Int) { later(a: $a) }",
        {"later": "Query.later: String at ['later'], 1 with {}"},
    ),
    informed(
        "variables and the operation",
        "query Q($a: Int, $b: Int = 2, $c: Int) { variables later(a: $a) l2: later(a: $b) l3: later(a: $c) }",
        {
            "variables": "[('a', 1), ('b', 2)] Q",
            "later": "Query.later: String at ['later'], 1 with {'a': 1}",
            "l2": "Query.later: String at ['l2'], 1 with {'a': 2}",
            "l3": "Query.later: String at ['l3'], 1 with {}",
        },
        a=1,
    ),
)
async def test_resolvers_are_told_what_is_asked(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


def refusing(_source: Any, _info: Any) -> str:
    raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN"})


@conforms(
    Case(
        "an error that clients may see",
        "type Query { a: String b: String }",
        "{ a b }",
        {"b": "b"},
        {"a": None, "b": "b"},
        (fails("Not for you.", 1, 3, "a"),),
        resolvers={"Query.a": refusing},
    )
)
async def test_refusals_are_shown(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
