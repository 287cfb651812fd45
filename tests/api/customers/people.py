"""Builders: a registered customer, a signed-in one, staff; and what they find in their mailbox."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

from api.customers import apps, registration, signing_in
from api.customers.signing_in import SignedIn
from api.identity.identity import Identity
from api.identity.mail import Outbox
from domain.access import Permission
from persistence.database import Connection, Database, Row
from persistence.statements import Statement

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple battery horse"


class Mailbox:
    """Every mail that was sent, oldest first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.outbox: Outbox | None = None

    async def letters(self) -> list[EmailMessage]:
        assert self.outbox is not None
        await self.outbox.drain()
        files = sorted(self.directory.glob("*.eml")) if self.directory.exists() else []
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    async def newest_token(self) -> str:
        """The only line of the newest letter that has no spaces."""
        body = (await self.letters())[-1].get_content()
        (token,) = [line for line in body.splitlines() if line and " " not in line]
        return str(token)


async def no_cart(_connection: Connection, _cart_id: UUID, _customer_id: UUID) -> None:
    raise AssertionError("no cart was named")


class People:
    """One database with one way to prove who is asking."""

    def __init__(self, database: Database, identity: Identity, mailbox: Mailbox) -> None:
        self.database = database
        self.identity = identity
        self.mailbox = mailbox

    async def register(self, email: str = EMAIL, password: str = PASSWORD, *, key: str | None = None) -> None:
        await registration.register(
            self.database,
            self.identity,
            email=email,
            password=password,
            name="Ada",
            phone=None,
            countries=["DE"],
            client_address=None,
            key=key or str(uuid4()),
        )

    async def verify(self, token: str) -> SignedIn:
        return await registration.verify(self.database, self.identity, token=token, claim_cart=no_cart)

    async def customer(self, email: str = EMAIL) -> SignedIn:
        """Registered, verified and signed in."""
        await self.register(email)
        return await self.verify(await self.mailbox.newest_token())

    async def sign_in(
        self, email: str = EMAIL, password: str = PASSWORD, *, client_address: str | None = None
    ) -> SignedIn:
        return await signing_in.sign_in(
            self.database,
            self.identity,
            email=email,
            password=password,
            client_address=client_address,
            claim_cart=no_cart,
        )

    async def refresh(self, refresh_token: str) -> SignedIn:
        return await signing_in.refresh(self.database, self.identity, refresh_token=refresh_token)

    async def reset_token(self, email: str = EMAIL) -> str:
        await registration.request_password_reset(self.database, self.identity, email=email, client_address=None)
        return await self.mailbox.newest_token()

    async def staff(self, email: str = "clerk@example.com", *granted: Permission) -> Row:
        return await apps.create_staff(
            self.database,
            self.identity,
            email=email,
            name="Clerk",
            password=PASSWORD,
            permissions=granted,
            location_id=None,
        )

    async def run(self, sql: str) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(Statement(sql))

    async def count(self, sql: str) -> int:
        async with self.database.reading() as reader:
            counted: int = await reader.fetch_value(Statement(sql))
            return counted
