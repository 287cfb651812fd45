"""Whose a cart is, and when it can still be changed."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import ANONYMOUS, Permission, Principal, ViewerKind
from domain.carts.cart import Cart, CartNotOpen, CartStatus, VersionConflict, expect_open, expect_version
from domain.pricing.totals import PricedLine
from tests.builders import NOW, cart, cart_line, shipped

ADA, BOB = UUID(int=1), UUID(int=2)
TILL, OTHER_TILL = 7, 8

customers = st.sampled_from([None, ADA, BOB])
tokens = st.sampled_from([None, b"one", b"two"])
channels = st.sampled_from([TILL, OTHER_TILL])


def customer(id_: UUID = ADA, token: bytes | None = None) -> Principal:
    return Principal(kind=ViewerKind.CUSTOMER, id=id_, cart_token_hash=token)


def cashier(*permissions: Permission) -> Principal:
    return Principal(kind=ViewerKind.STAFF, id=ADA, permissions=frozenset(permissions))


@pytest.mark.parametrize(
    ("its", "caller", "is_open"),
    [
        (cart(), ANONYMOUS, False),
        (cart(customer_id=ADA), customer(ADA), True),
        (cart(customer_id=ADA), customer(BOB), False),
        (cart(customer_id=ADA), ANONYMOUS, False),
        (cart(customer_id=ADA), cashier(Permission.SELL_IN_STORE), False),
        (cart(token_hash=b"one"), Principal(cart_token_hash=b"one"), True),
        (cart(token_hash=b"one"), customer(BOB, b"one"), True),
        (cart(token_hash=b"one"), Principal(cart_token_hash=b"two"), False),
        (cart(token_hash=b"one"), ANONYMOUS, False),
        (cart(staff_channel_id=TILL), cashier(Permission.SELL_IN_STORE), True),
        (cart(staff_channel_id=TILL), cashier(Permission.MANAGE_ORDERS), False),
        (cart(staff_channel_id=OTHER_TILL), cashier(Permission.SELL_IN_STORE), False),
    ],
)
def test_a_cart_is_open_to_its_customer_to_the_holder_of_its_token_and_at_its_till(
    its: Cart,
    caller: Principal,
    *,
    is_open: bool,
) -> None:
    assert its.is_open_to(caller, TILL) is is_open


@given(
    its=st.builds(cart, customer_id=customers, token_hash=tokens, staff_channel_id=st.none() | channels),
    caller=st.builds(
        Principal,
        kind=st.sampled_from(ViewerKind),
        id=customers,
        cart_token_hash=tokens,
        permissions=st.frozensets(st.sampled_from(Permission)),
    ),
    channel=channels,
)
def test_nothing_but_one_of_the_three_opens_a_cart(its: Cart, caller: Principal, channel: int) -> None:
    is_its_customer = caller.kind is ViewerKind.CUSTOMER and caller.id is not None and caller.id == its.customer_id
    holds_its_token = caller.cart_token_hash is not None and caller.cart_token_hash == its.token_hash
    sells_at_its_till = channel == its.staff_channel_id and Permission.SELL_IN_STORE in caller.permissions

    assert its.is_open_to(caller, channel) == (is_its_customer or holds_its_token or sells_at_its_till)


def test_an_open_cart_can_be_changed_until_its_time_has_come() -> None:
    its = cart(expires_at=NOW)

    expect_open(its, NOW - timedelta(microseconds=1))
    with pytest.raises(CartNotOpen) as refusal:
        expect_open(its, NOW)

    assert (refusal.value.cart_id, refusal.value.status) == (its.id, CartStatus.EXPIRED)
    assert refusal.value.message == "This cart can no longer be changed."


@pytest.mark.parametrize("status", [status for status in CartStatus if status is not CartStatus.OPEN])
def test_a_cart_in_any_other_status_says_in_which(status: CartStatus) -> None:
    with pytest.raises(CartNotOpen) as refusal:
        expect_open(cart(status=status), NOW)

    assert refusal.value.status is status


def test_whoever_expects_a_version_is_refused_for_another_and_whoever_expects_none_is_not() -> None:
    its = cart(version=4)

    expect_version(its, 4)
    expect_version(its, None)
    for other in (3, 5, 0):
        with pytest.raises(VersionConflict) as refusal:
            expect_version(its, other)
        assert (refusal.value.cart_id, refusal.value.path) == (its.id, ("input", "expectedVersion"))


@pytest.mark.parametrize(("now", "expected"), [(1_200, 1_200), (0, 0), (None, 1_000)])
def test_a_line_costs_what_it_costs_now_or_what_it_did_while_nobody_sells_it(now: int | None, expected: int) -> None:
    line = cart_line(quantity=3, added_amount=1_000, current_amount=now)

    assert line.priced == PricedLine(expected, 3)


def test_a_line_is_in_the_group_that_it_names_or_in_none() -> None:
    its = cart([cart_line(1, group=2), cart_line(2)], [shipped(1), shipped(2)])

    assert its.group_of(its.lines[0]) is its.groups[1]
    assert its.group_of(its.lines[1]) is None
