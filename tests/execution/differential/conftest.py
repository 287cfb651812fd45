"""graphql-core drops the awaitables of an object as soon as one of its fields fails, and Python remarks on each.

Here fields fail all the time, and what is remarked on is the reference, not the plan: its resolvers are awaited whatever
their neighbors do. So these tests ignore it, and leave nothing behind for others to be blamed for.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"))


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    gc.collect()
