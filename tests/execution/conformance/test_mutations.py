"""Mutations: their root fields run one after another, whatever happens to one of them.

After graphql-js, src/execution/__tests__/mutations-test.ts, and graphql-core, tests/execution/test_mutations.py.
"""

import asyncio
from typing import Any

import pytest

from tests.execution.conformance.tables import Case, Resolve, conforms, fails, hold

pytestmark = pytest.mark.anyio

SCHEMA = """
type Holder { theNumber: Int! later: Int! }
type Query { holder: Holder }
type Mutation {
  change(to: Int!): Holder  changeLater(to: Int!): Holder  fail(to: Int!): Holder  failLater(to: Int!): Holder
  failAll(to: Int!): Holder!
}
"""


class Failed(Exception):
    pass


def change(_source: Any, info: Any, to: int) -> Any:
    """The number is one and the same in every answer, so that whoever reads it too late reads a later one."""
    info.context.root["theNumber"] = to
    return info.context.root


async def change_later(source: Any, info: Any, to: int) -> Any:
    await asyncio.sleep(0)
    return change(source, info, to)


def fail(_source: Any, _info: Any, to: int) -> Any:
    raise Failed(f"Cannot change the number to {to}")


async def fail_later(source: Any, info: Any, to: int) -> Any:
    await asyncio.sleep(0)
    return fail(source, info, to)


async def read_later(source: Any, _info: Any) -> Any:
    await asyncio.sleep(0)
    return source["theNumber"]


RESOLVERS: dict[str, Resolve] = {
    "Mutation.change": change,
    "Mutation.changeLater": change_later,
    "Mutation.fail": fail,
    "Mutation.failLater": fail_later,
    "Mutation.failAll": fail_later,
    "Holder.later": read_later,
}


def mutation(name: str, document: str, data: Any, *failures: Any) -> Case:
    return Case(name, SCHEMA, document, {"theNumber": 6}, data, failures, resolvers=RESOLVERS)


@conforms(
    mutation(
        "five changes",
        "mutation M { first: change(to: 1) { theNumber } second: changeLater(to: 2) { theNumber later } "
        "third: change(to: 3) { later } fourth: changeLater(to: 4) { later theNumber } fifth: change(to: 5) { theNumber } }",
        {
            "first": {"theNumber": 1},
            "second": {"theNumber": 2, "later": 2},
            "third": {"later": 3},
            "fourth": {"later": 4, "theNumber": 4},
            "fifth": {"theNumber": 5},
        },
    ),
    mutation(
        "some of them fail",
        "mutation M {\n first: change(to: 1) { later }\n second: fail(to: 2) { later }\n third: changeLater(to: 3) { later }"
        "\n fourth: failLater(to: 4) { later }\n fifth: change(to: 5) { later }\n}",
        {"first": {"later": 1}, "second": None, "third": {"later": 3}, "fourth": None, "fifth": {"later": 5}},
        fails("Cannot change the number to 2", 3, 2, "second"),
        fails("Cannot change the number to 4", 5, 2, "fourth"),
    ),
    mutation(
        "inside fragments",
        "mutation M { ...F second: change(to: 2) { theNumber } ... on Mutation { third: changeLater(to: 3) { later } } } "
        "fragment F on Mutation { first: changeLater(to: 1) { later } }",
        {"first": {"later": 1}, "second": {"theNumber": 2}, "third": {"later": 3}},
    ),
    mutation(
        "one that may not fail",
        "mutation { first: change(to: 1) { later } failAll(to: 2) { later } }",
        None,
        fails("Cannot change the number to 2", 1, 43, "failAll"),
    ),
    mutation("only its name", "mutation { __typename }", {"__typename": "Mutation"}),
)
async def test_mutations_run_one_after_another(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
