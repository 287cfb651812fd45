"""Arguments and variables: what a resolver is given, and what is refused before it runs.

After graphql-js, src/execution/__tests__/variables-test.ts and oneof-test.ts, and graphql-core,
tests/execution/test_variables.py and test_oneof.py.
"""

from typing import Any

import pytest

from tests.execution.conformance.tables import Case, Failure, conforms, fails, hold

pytestmark = pytest.mark.anyio

SCHEMA = """
input Fruit { a: String b: [String] c: String! d: Int = 7 }
input Basket { na: Fruit! nb: String! }
input Choice @oneOf { a: String b: Int }
enum Color { RED BLUE }
type Query {
  fruit(input: Fruit): String
  basket(input: Basket): String
  choice(input: Choice!): String
  color(input: Color): String
  text(input: String): String
  required(input: String!): String
  default(input: String = "Hello World"): String
  requiredDefault(input: String! = "Hello World"): String
  list(input: [String]): String
  nnList(input: [String]!): String
  listNN(input: [String!]): String
  nnListNN(input: [String!]!): String
  nested: Nested
}
type Nested { echo(input: [Fruit!]): String }
"""


def shown(_source: Any, _info: Any, **arguments: Any) -> str | None:
    return repr(arguments["input"]) if "input" in arguments else None


FIELDS = "fruit basket choice color text required default requiredDefault list nnList listNN nnListNN"
RESOLVERS = {f"Query.{name}": shown for name in FIELDS.split()} | {"Nested.echo": shown}


def given(name: str, document: str, expected: str | None, *failures: Failure, **variables: Any) -> Case:
    """What the one field of the document shows of its argument."""
    field = document[document.rindex("{ ") + 2 :].partition("(")[0].strip(" }")
    if "{ nested" in document:
        field = "nested"
    data: Any = {field: {"echo": expected} if field == "nested" else expected}
    root: dict[str, Any] = {"nested": {}}
    return Case(name, SCHEMA, document, root, data, failures, variables, resolvers=RESOLVERS)


def refused(name: str, document: str, message: str, column: int, **variables: Any) -> Case:
    failures = (fails(message, 1, column),)
    return Case(name, SCHEMA, document, {}, None, failures, variables, resolvers=RESOLVERS, is_refused=True)


FRUIT = "query ($input: Fruit) { fruit(input: $input) }"
WITH_DEFAULT = 'query ($input: Fruit = {a: "foo", b: ["bar"], c: "baz"}) { fruit(input: $input) }'


@conforms(
    given(
        "a literal",
        '{ fruit(input: {a: "foo", b: ["bar"], c: "baz"}) }',
        "{'a': 'foo', 'b': ['bar'], 'c': 'baz', 'd': 7}",
    ),
    given("one item for a list", '{ fruit(input: {b: "bar", c: "baz"}) }', "{'b': ['bar'], 'c': 'baz', 'd': 7}"),
    given("a null in it", '{ fruit(input: {a: null, b: null, c: "C"}) }', "{'a': None, 'b': None, 'c': 'C', 'd': 7}"),
    given("a null in its list", '{ fruit(input: {b: ["A", null], c: "C"}) }', "{'b': ['A', None], 'c': 'C', 'd': 7}"),
    given(
        "a variable",
        FRUIT,
        "{'a': 'foo', 'b': ['bar'], 'c': 'baz', 'd': 7}",
        input={"a": "foo", "b": "bar", "c": "baz"},
    ),
    given("an absent variable", FRUIT, None),
    given("a variable that is null", FRUIT, "None", input=None),
    given("the default of a variable", WITH_DEFAULT, "{'a': 'foo', 'b': ['bar'], 'c': 'baz', 'd': 7}"),
    given("a variable in place of its default", WITH_DEFAULT, "{'c': 'z', 'd': 7}", input={"c": "z"}),
    given("null in place of its default", WITH_DEFAULT, "None", input=None),
    given("a default that is null", "query ($input: Fruit = null) { fruit(input: $input) }", "None"),
    given(
        "a variable deep in a literal",
        'query ($v: String, $n: Int) { fruit(input: {b: ["x", $v], c: "C", d: $n}) }',
        "{'b': ['x', 'y'], 'c': 'C', 'd': None}",
        v="y",
        n=None,
    ),
    given(
        "absent variables deep in a literal",
        'query ($v: String, $n: Int) { fruit(input: {a: $v, b: ["x", $v], c: "C", d: $n}) }',
        "{'b': ['x', None], 'c': 'C', 'd': 7}",
    ),
    given(
        "a variable in an object in a list",
        'query ($v: String!) { nested { echo(input: [{c: "1"}, {c: $v}]) } }',
        "[{'c': '1', 'd': 7}, {'c': '2', 'd': 7}]",
        v="2",
    ),
)
async def test_objects(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


NOT_SENT = "Expected variable '$input' provided to type 'String!' to provide a runtime value."


@conforms(
    given("nothing", "{ text }", None),
    given("a literal", '{ text(input: "a") }', "'a'"),
    given("null", "{ text(input: null) }", "None"),
    given("an absent variable", "query ($input: String) { text(input: $input) }", None),
    given("a null variable", "query ($input: String) { text(input: $input) }", "None", input=None),
    given("a variable", "query ($input: String) { text(input: $input) }", "'a'", input="a"),
    given("a required variable's default", 'query ($input: String! = "d") { text(input: $input) }', "'d'"),
    given("a default for a required argument", 'query ($input: String = "d") { required(input: $input) }', "'d'"),
    given("a required argument", '{ required(input: "a") }', "'a'"),
    given("the argument's default", "{ default }", "'Hello World'"),
    given("its default for an absent variable", "query ($v: String) { default(input: $v) }", "'Hello World'"),
    given("null in place of its default", "query ($v: String) { default(input: $v) }", "None", v=None),
    given("a required argument's default", "{ requiredDefault }", "'Hello World'"),
    given("the same for an absent variable", "query ($v: String) { requiredDefault(input: $v) }", "'Hello World'"),
    given("an enum", "{ color(input: BLUE) }", "'BLUE'"),
    given("an enum in a variable", "query ($v: Color) { color(input: $v) }", "'RED'", v="RED"),
)
async def test_scalars(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


@conforms(
    refused(
        "a required variable is absent",
        "query ($v: String!) { required(input: $v) }",
        "Variable '$v' has invalid value: Expected a value of non-null type 'String!' to be provided.",
        8,
    ),
    refused(
        "a required variable is null",
        "query ($v: String!) { required(input: $v) }",
        "Variable '$v' has invalid value: Expected value of non-null type 'String!' not to be None.",
        8,
        v=None,
    ),
    refused(
        "a list for a string",
        "query ($v: String!) { required(input: $v) }",
        "Variable '$v' has invalid value: String cannot represent a non string value: [1, 2, 3]",
        8,
        v=[1, 2, 3],
    ),
    refused(
        "a null for a nested field that is required",
        FRUIT,
        "Variable '$input' has invalid value at .c: Expected value of non-null type 'String!' not to be None.",
        8,
        input={"a": "foo", "c": None},
    ),
    refused(
        "a field that is required and absent",
        FRUIT,
        "Variable '$input' has invalid value: Expected value of type 'Fruit' to include required field 'c', "
        "found: {'a': 'foo'}.",
        8,
        input={"a": "foo"},
    ),
    refused(
        "an unknown field",
        FRUIT,
        "Variable '$input' has invalid value: Expected value of type 'Fruit' not to include unknown field 'extra', "
        "found: {'c': 'baz', 'extra': 'dog'}.",
        8,
        input={"c": "baz", "extra": "dog"},
    ),
)
async def test_variables_that_are_refused(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


def listed(type_: str, value: Any, expected: str | None) -> Case:
    field = {"[String]": "list", "[String]!": "nnList", "[String!]": "listNN", "[String!]!": "nnListNN"}[type_]
    return given(f"{value} for {type_}", f"query ($v: {type_}) {{ {field}(input: $v) }}", expected, v=value)


def not_listed(type_: str, value: Any, where: str, expected: str) -> Case:
    field = {"[String]!": "nnList", "[String!]": "listNN", "[String!]!": "nnListNN"}[type_]
    message = f"Variable '$v' has invalid value{where}: Expected value of non-null type '{expected}' not to be None."
    return refused(f"{value} for {type_}", f"query ($v: {type_}) {{ {field}(input: $v) }}", message, 8, v=value)


@conforms(
    listed("[String]", None, "None"),
    listed("[String]", ["A"], "['A']"),
    listed("[String]", "A", "['A']"),
    listed("[String]", ["A", None, "B"], "['A', None, 'B']"),
    listed("[String]!", ["A"], "['A']"),
    listed("[String]!", ["A", None], "['A', None]"),
    listed("[String!]", None, "None"),
    listed("[String!]", ["A"], "['A']"),
    listed("[String!]!", ["A"], "['A']"),
    not_listed("[String]!", None, "", "[String]!"),
    not_listed("[String!]", ["A", None], " at [1]", "String!"),
    not_listed("[String!]!", None, "", "[String!]!"),
    not_listed("[String!]!", ["A", None], " at [1]", "String!"),
)
async def test_lists(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
