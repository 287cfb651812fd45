"""The compiled executor answers as graphql-core does where nulls, bad values and exceptions may stand everywhere."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, given, settings

from tests.execution.differential.documents import SEEDS, Asked, documents
from tests.execution.differential.executors import FUZZ_EXAMPLES, executors_of, one_loop
from tests.execution.differential.shapes import build_shapes

EXECUTORS = executors_of(build_shapes)

# How many of a thousand values are bad.
FAULTS = (0, 10, 30, 100, 250)


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
