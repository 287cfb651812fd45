"""Every operation on stock in every order, sent once, again and at once: the books say what plain Python says."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from api.identity.identity import Identity
from tests.identities import identity
from tests.stateful.machine import StockMachine
from tests.stateful.premises import premises

_SETTINGS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    print_blob=False,
)


def run(url: str, who: Identity, *, examples: int, steps: int) -> None:
    with premises(url, who) as ready:

        class Machine(StockMachine):
            premises = ready

        run_state_machine_as_test(
            Machine, settings=settings(_SETTINGS, max_examples=examples, stateful_step_count=steps)
        )


def test_whatever_happens_the_books_say_what_the_oracle_says(postgres_url: str) -> None:
    run(postgres_url, identity(), examples=10, steps=40)


@pytest.mark.fuzz
def test_whatever_happens_for_long_the_books_say_what_the_oracle_says(postgres_url: str) -> None:
    run(postgres_url, identity(), examples=400, steps=80)
