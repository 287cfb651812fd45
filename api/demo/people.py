"""Who shops and works in the demo. Their passwords are known to everybody who reads this: never put them to real use."""

import asyncio
from collections.abc import Mapping, Sequence
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
    Shopper("emmy@example.com", "Emmy Noether", "conserved quantity"),
    Shopper("katherine@example.com", "Katherine Johnson", "return trajectory"),
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
    Clerk("hamburg@example.com", "Heinz Billing", "magnetic drum", "hamburg", _IN_STORE),
    Clerk("copenhagen@example.com", "Peter Naur", "backus normal form", "copenhagen", _IN_STORE),
    Clerk("new-york@example.com", "Jean Bartik", "eniac six women", "new-york", _IN_STORE),
    Clerk("portland@example.com", "Adele Goldberg", "small talk blue book", "portland", _IN_STORE),
)


async def let_in(connection: Connection, location_ids: Mapping[str, int]) -> None:
    """Accounts that can be used at once; nobody has to read a mail."""
    hashes = await _hashed([*SHOPPERS, *CLERKS])
    for shopper in SHOPPERS:
        id_ = await accounts.register(
            connection,
            uuid7(),
            email=shopper.email,
            name=shopper.name,
            phone=None,
            password_hash=hashes[shopper.email],
        )
        assert id_ is not None, "an unused database has no customer"
        await accounts.verify(connection, id_)
    for clerk in CLERKS:
        await accounts.insert_staff(
            connection,
            id=uuid7(),
            email=clerk.email,
            name=clerk.name,
            password_hash=hashes[clerk.email],
            location_id=location_ids[clerk.location] if clerk.location else None,
            permissions=sorted(permission.value for permission in clerk.permissions),
        )


async def _hashed(people: Sequence[Shopper | Clerk]) -> dict[str, str]:
    """By email. All at once, as hashing takes its time and a core of its own."""
    passwords = Passwords()
    try:
        hashes = await asyncio.gather(*(passwords.hash(person.password) for person in people))
    finally:
        passwords.close()
    return {person.email: hash_ for person, hash_ in zip(people, hashes, strict=True)}
