"""Who shops and works in the demo. Their passwords are known to everybody who reads this: never put them to real use."""

from collections.abc import Mapping
from dataclasses import dataclass

from uuid_utils.compat import uuid7

from api.identity.passwords import Passwords
from domain.access import Permission
from persistence.customers import accounts
from persistence.database import Connection


@dataclass(frozen=True, slots=True)
class Shopper:
    email: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """`location` is the code of the one store it works in; null for everywhere."""

    email: str
    name: str
    password: str
    location: str | None
    permissions: frozenset[Permission]


SHOPPERS = (
    Shopper("ada@example.com", "Ada Lovelace", "analytical engine"),
    Shopper("alan@example.com", "Alan Turing", "computable number"),
)
_IN_STORE = frozenset(
    {
        Permission.READ_STOCK,
        Permission.MANAGE_STOCK,
        Permission.READ_ORDERS,
        Permission.READ_CUSTOMERS,
        Permission.SELL_IN_STORE,
    }
)
CLERKS = (
    Clerk("grace@example.com", "Grace Hopper", "nanosecond wire", None, frozenset(Permission)),
    Clerk("berlin@example.com", "Konrad Zuse", "plankalkuel z3", "berlin", _IN_STORE),
    Clerk("new-york@example.com", "Jean Bartik", "eniac six women", "new-york", _IN_STORE),
)


async def let_in(connection: Connection, location_ids: Mapping[str, int]) -> None:
    """Accounts that can be used at once; nobody has to read a mail."""
    passwords = Passwords()
    try:
        for shopper in SHOPPERS:
            id_ = await accounts.register(
                connection,
                uuid7(),
                email=shopper.email,
                name=shopper.name,
                phone=None,
                password_hash=await passwords.hash(shopper.password),
            )
            assert id_ is not None, "an unused database has no customer"
            await accounts.verify(connection, id_)
        for clerk in CLERKS:
            await accounts.insert_staff(
                connection,
                id=uuid7(),
                email=clerk.email,
                name=clerk.name,
                password_hash=await passwords.hash(clerk.password),
                location_id=location_ids[clerk.location] if clerk.location else None,
                permissions=sorted(permission.value for permission in clerk.permissions),
            )
    finally:
        passwords.close()
