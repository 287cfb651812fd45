"""The compiled executor answers as graphql-core does, over the product's own schema: random documents, random data."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import is_object_type, parse, validate
from hypothesis import HealthCheck, given, settings

from api.schema import build_schema
from tests.execution.differential.documents import SEEDS, Asked, documents, ways
from tests.execution.differential.executors import FUZZ_EXAMPLES, executors_of, one_loop

EXECUTORS = executors_of(build_schema)

# How many of a thousand values are bad.
FAULTS = (0, 4, 15, 60, 150)


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Any], Any]]:
    with one_loop() as runner:
        yield runner


def in_every_world(run: Callable[[Any], Any], asked: Asked, seed: int) -> None:
    assert validate(EXECUTORS.schema, parse(asked.document)) == []
    for number, faults in enumerate(FAULTS):
        assert run(EXECUTORS.disagreements(asked.with_flags(number), seed, faults)) == []


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=documents(EXECUTORS.schema), seed=SEEDS)
def test_both_executors_give_the_same_answer(run: Callable[[Any], Any], asked: Asked, seed: int) -> None:
    in_every_world(run, asked, seed)


@pytest.mark.fuzz
@settings(max_examples=FUZZ_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=documents(EXECUTORS.schema), seed=SEEDS)
def test_both_executors_give_the_same_answer_to_many_more(run: Callable[[Any], Any], asked: Asked, seed: int) -> None:
    in_every_world(run, asked, seed)


def test_every_object_type_is_begun_at() -> None:
    object_types = {
        name for name, type_ in EXECUTORS.schema.type_map.items() if is_object_type(type_) and not name.startswith("__")
    }

    assert set(ways(EXECUTORS.schema)) == object_types
