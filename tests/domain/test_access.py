"""What a caller is, may do and is remembered as."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import ANONYMOUS, Permission, Principal, ViewerKind

ID = UUID("01890000-0000-7000-8000-000000000001")

permissions = st.sampled_from(Permission)
locations = st.integers(1, 5)


def principal(kind: ViewerKind, *granted: Permission, location: int | None = None) -> Principal:
    return Principal(kind=kind, id=ID, permissions=frozenset(granted), location_id=location)


@pytest.mark.parametrize(
    ("caller", "customer_id", "is_shopper", "actor", "actor_role"),
    [
        (ANONYMOUS, None, True, "guest", "customer"),
        (Principal(cart_token_hash=b"hash"), None, True, "guest", "customer"),
        (principal(ViewerKind.CUSTOMER), ID, True, f"customer:{ID}", "customer"),
        (principal(ViewerKind.STAFF), None, False, f"staff:{ID}", "store"),
        (principal(ViewerKind.APP), None, False, f"app:{ID}", "system"),
        (principal(ViewerKind.APP, Permission.SELL_IN_STORE), None, False, f"app:{ID}", "store"),
    ],
)
def test_each_kind_of_caller_is_known_by_what_it_is(
    caller: Principal,
    customer_id: UUID | None,
    actor: str,
    actor_role: str,
    *,
    is_shopper: bool,
) -> None:
    assert (caller.customer_id, caller.is_shopper, caller.actor, caller.actor_role) == (
        customer_id,
        is_shopper,
        actor,
        actor_role,
    )


def test_a_name_never_stands_in_a_ledger() -> None:
    ada = Principal(kind=ViewerKind.STAFF, id=ID, name="Ada Lovelace")

    assert "Ada" not in ada.actor


@pytest.mark.parametrize("permission", Permission)
def test_nobody_in_particular_may_do_nothing(permission: Permission) -> None:
    assert not ANONYMOUS.may(permission)
    assert not ANONYMOUS.may_at(permission, 1)


@given(granted=st.frozensets(permissions), asked=permissions, bound_to=st.none() | locations, at=locations)
def test_only_what_was_granted_is_allowed_and_where_bound_there_only(
    granted: frozenset[Permission], asked: Permission, bound_to: int | None, at: int
) -> None:
    caller = principal(ViewerKind.STAFF, *granted, location=bound_to)

    assert caller.may(asked) == (asked in granted)
    assert caller.may_at(asked, at) == (asked in granted and (bound_to is None or bound_to == at))
