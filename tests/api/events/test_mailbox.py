from datetime import UTC, datetime

import pytest

from api.events.mailbox import MOST_STATES, MOST_STEPS, SLOW_CONSUMER, Mailbox, StateMailbox, StepMailbox
from api.execution.errors import StreamClosed
from domain.events import LoggedEvent

pytestmark = pytest.mark.anyio


def event(pos: int, key: str = "1") -> LoggedEvent:
    return LoggedEvent(pos, datetime(2026, 1, 1, tzinfo=UTC), "stock", key, pos, {"variant": "v"})


def offered(mailbox: Mailbox[LoggedEvent], *events: LoggedEvent) -> Mailbox[LoggedEvent]:
    for one in events:
        mailbox.offer(one)
    return mailbox


async def test_of_states_only_the_newest_of_each_key_waits_in_order() -> None:
    mailbox = offered(StateMailbox(0), event(1, "a"), event(2, "b"), event(3, "a"), event(4, "c"))

    assert await mailbox.take() == [event(2, "b"), event(3, "a"), event(4, "c")]


async def test_of_steps_every_one_waits() -> None:
    mailbox = offered(StepMailbox(0), event(1), event(2), event(3))

    assert await mailbox.take() == [event(1), event(2), event(3)]


@pytest.mark.parametrize("kind", [StateMailbox, StepMailbox])
async def test_what_lies_before_its_beginning_is_left_out(kind: type[Mailbox[LoggedEvent]]) -> None:
    mailbox = offered(kind(2), event(2, "a"), event(3, "b"))

    assert await mailbox.take() == [event(3, "b")]


@pytest.mark.parametrize(("kind", "most"), [(StateMailbox, MOST_STATES), (StepMailbox, MOST_STEPS)])
async def test_a_full_mailbox_hands_out_what_it_has_then_says_that_the_reader_is_too_slow(
    kind: type[Mailbox[LoggedEvent]], most: int
) -> None:
    fitting = [event(pos, key=str(pos)) for pos in range(1, most + 1)]
    mailbox = offered(kind(0), *fitting)
    assert not mailbox.is_closed

    offered(mailbox, event(most + 1, "one too many"), event(most + 2, "and another"))

    assert await mailbox.take() == fitting
    with pytest.raises(StreamClosed) as closed:
        await mailbox.take()
    assert closed.value.close_code == SLOW_CONSUMER == 4410


async def test_a_hot_key_never_fills_a_mailbox_of_states() -> None:
    mailbox = offered(StateMailbox(0), *(event(pos) for pos in range(1, 10_001)))

    assert await mailbox.take() == [event(10_000)]
