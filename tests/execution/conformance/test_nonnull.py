"""Non-null fields: what a null or an error takes with it.

After graphql-js, src/execution/__tests__/nonnull-test.ts, and graphql-core, tests/execution/test_nonnull.py.
"""

from typing import Any

import pytest

from tests.execution.conformance.tables import Case, Failure, Later, Raises, conforms, fails, hold

pytestmark = pytest.mark.anyio

SCHEMA = """
type Query { sync: String syncNonNull: String! promise: String promiseNonNull: String! syncNest: Data promiseNest: Data
             syncNonNullNest: Data! promiseNonNullNest: Data! }
type Data { sync: String syncNonNull: String! promise: String promiseNonNull: String! syncNest: Data promiseNest: Data
            syncNonNullNest: Data! promiseNonNullNest: Data! }
"""


def nested(sync: Any, promise: Any, depth: int = 7) -> dict[str, Any]:
    """The same at every level."""
    data = {"sync": sync, "syncNonNull": sync, "promise": promise, "promiseNonNull": promise}
    if depth:
        below = nested(sync, promise, depth - 1)
        data |= {"syncNest": below, "syncNonNullNest": below}
        data |= {"promiseNest": Later(below), "promiseNonNullNest": Later(below)}
    return data


NULLING = nested(None, Later(None))
THROWING = nested(Raises("sync"), Later(Raises("promise")))


def no_null(field: str, line: int, column: int, *path: str) -> Failure:
    return fails(f"Cannot return null for non-nullable field {field}.", line, column, *path)


def both(name: str, document: str, data: Any, null: list[Failure], error: list[Failure], **more: Any) -> list[Case]:
    return [
        Case(f"{name}, null", SCHEMA, document, NULLING, data, tuple(null), **more),
        Case(f"{name}, error", SCHEMA, document, THROWING, data, tuple(error), **more),
    ]


BELOW = """sync
    promise
    syncNest {
      sync
      promise
    }
    promiseNest {
      sync
      promise
    }"""
TREE = f"""{{
  syncNest {{
    {BELOW}
  }}
  promiseNest {{
    {BELOW}
  }}
}}"""
LEAVES = {"sync": None, "promise": None}
BRANCH = {"sync": None, "promise": None, "syncNest": LEAVES, "promiseNest": LEAVES}
CHAIN = "Nest { syncNonNullNest { promiseNonNullNest { syncNonNullNest { promiseNonNullNest { %s } } } } }"
A, B = f" a: sync{CHAIN}", f" b: promise{CHAIN}"
WAY = ("syncNonNullNest", "promiseNonNullNest", "syncNonNullNest", "promiseNonNullNest")


def tree_failures() -> list[Failure]:
    """Each nullable leaf has its own error, in its own place."""
    found = []
    for root, line in (("syncNest", 3), ("promiseNest", 15)):
        found += [fails("sync", line, 5, root, "sync"), fails("promise", line + 1, 5, root, "promise")]
        for inner, below in (("syncNest", line + 3), ("promiseNest", line + 7)):
            found.append(fails("sync", below, 7, root, inner, "sync"))
            found.append(fails("promise", below + 1, 7, root, inner, "promise"))
    return found


@conforms(
    *both("a nullable field", "{ sync }", {"sync": None}, [], [fails("sync", 1, 3, "sync")]),
    *both("one that is waited for", "{ promise }", {"promise": None}, [], [fails("promise", 1, 3, "promise")]),
    *both(
        "an object with a non-null field",
        "{ syncNest { syncNonNull } }",
        {"syncNest": None},
        [no_null("Data.syncNonNull", 1, 14, "syncNest", "syncNonNull")],
        [fails("sync", 1, 14, "syncNest", "syncNonNull")],
    ),
    *both(
        "an object that is waited for",
        "{ promiseNest { promiseNonNull } }",
        {"promiseNest": None},
        [no_null("Data.promiseNonNull", 1, 17, "promiseNest", "promiseNonNull")],
        [fails("promise", 1, 17, "promiseNest", "promiseNonNull")],
    ),
    *both("a tree of nullable fields", TREE, {"syncNest": BRANCH, "promiseNest": BRANCH}, [], tree_failures()),
)
async def test_a_null_goes_no_further_than_it_must(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


@conforms(
    *both(
        "the first nullable field of a chain",
        "\n".join(("{", A % "syncNonNull", B % "promiseNonNull", "}")),
        {"a": None, "b": None},
        [
            no_null("Data.syncNonNull", 2, A.index("%s") + 1, "a", *WAY, "syncNonNull"),
            no_null("Data.promiseNonNull", 3, B.index("%s") + 1, "b", *WAY, "promiseNonNull"),
        ],
        [
            fails("sync", 2, A.index("%s") + 1, "a", *WAY, "syncNonNull"),
            fails("promise", 3, B.index("%s") + 1, "b", *WAY, "promiseNonNull"),
        ],
    ),
    *both(
        "the whole answer",
        "{ syncNonNull }",
        None,
        [no_null("Query.syncNonNull", 1, 3, "syncNonNull")],
        [fails("sync", 1, 3, "syncNonNull")],
    ),
    *both(
        "the whole answer, from below",
        "{ syncNonNullNest { promiseNonNull } }",
        None,
        [no_null("Data.promiseNonNull", 1, 21, "syncNonNullNest", "promiseNonNull")],
        [fails("promise", 1, 21, "syncNonNullNest", "promiseNonNull")],
    ),
    *both(
        "an object with several bad fields",
        "{ syncNest { syncNonNull promiseNonNull sync } }",
        {"syncNest": None},
        [
            no_null("Data.syncNonNull", 1, 14, "syncNest", "syncNonNull"),
            no_null("Data.promiseNonNull", 1, 26, "syncNest", "promiseNonNull"),
        ],
        [
            fails("sync", 1, 14, "syncNest", "syncNonNull"),
            fails("promise", 1, 26, "syncNest", "promiseNonNull"),
            fails("sync", 1, 41, "syncNest", "sync"),
        ],
        is_any_of=True,
    ),
)
async def test_a_null_goes_as_far_as_it_must(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


ARGUMENTS = """
type Query { withNonNullArg(cannotBeNull: String!): String withDefault(cannotBeNull: String! = "default"): String }
"""


def echo(_source: Any, _info: Any, **arguments: Any) -> str:
    return f"Passed: {arguments.get('cannotBeNull')}"


RESOLVERS = {"Query.withNonNullArg": echo, "Query.withDefault": echo}


def asked(name: str, document: str, data: Any, *failures: Failure, **variables: Any) -> Case:
    return Case(name, ARGUMENTS, document, {}, data, failures, variables=variables, resolvers=RESOLVERS)


@conforms(
    asked("a literal", '{ withNonNullArg(cannotBeNull: "literal") }', {"withNonNullArg": "Passed: literal"}),
    asked(
        "a variable",
        "query ($value: String!) { withNonNullArg(cannotBeNull: $value) }",
        {"withNonNullArg": "Passed: variable"},
        value="variable",
    ),
    asked(
        "the default of a variable",
        'query ($value: String = "default value") { withNonNullArg(cannotBeNull: $value) }',
        {"withNonNullArg": "Passed: default value"},
    ),
    asked("the default of the argument", "{ withDefault }", {"withDefault": "Passed: default"}),
    asked(
        "a variable that is absent",
        "query ($value: String) { withDefault(cannotBeNull: $value) }",
        {"withDefault": "Passed: default"},
    ),
)
async def test_non_null_arguments(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
