from base64 import urlsafe_b64encode

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from api.events.cursors import UNFINISHED_SNAPSHOT, cursor_at, position_of
from api.scalars import Cursor
from domain.events import Position


@given(epoch=st.integers(0, 2**31 - 1), pos=st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_position(epoch: int, pos: int) -> None:
    cursor = cursor_at(Position(epoch, pos))

    assert position_of(cursor) == Position(epoch, pos)
    assert len(cursor) <= 64


def test_without_a_position_the_snapshot_begins_again() -> None:
    assert position_of(None) is None
    assert position_of(UNFINISHED_SNAPSHOT) is None


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        "?",
        "ä",
        "AAAAA",
        encoded("1:2:3"),
        encoded("1"),
        encoded("-1:2"),
        encoded("1:-2"),
        encoded("1: 2"),
        encoded("01:2"),
        encoded("1:1_0"),
        encoded("1:٣"),
        encoded(f"1:{2**63}"),
        encoded(f"{2**31}:1"),
        encoded("1:2") + "==",
        encoded("1:2") + "\n",
    ],
)
def test_what_was_never_handed_out_is_refused(forged: str) -> None:
    with pytest.raises(GraphQLError) as refused:
        position_of(Cursor(forged))

    assert refused.value.extensions == {"code": "BAD_USER_INPUT"}
