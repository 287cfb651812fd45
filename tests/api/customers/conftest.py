"""People to sign in, and the mailbox that their letters arrive in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from joserfc.jwk import OKPKey

from api.channels.founding import found
from api.directory import DirectoryCache
from api.identity.identity import Identity
from api.identity.mail import FileMailer, Outbox
from api.identity.passwords import Passwords
from api.identity.tokens import AccessTokens
from persistence.database import Database
from tests.api.customers.asking import Ask, asking
from tests.api.customers.people import Mailbox, People


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


@pytest.fixture
async def identity(mailbox: Mailbox) -> AsyncIterator[Identity]:
    """As in production, but with passwords that are cheap to check."""
    identity = Identity(
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        access_tokens=AccessTokens(OKPKey.generate_key("Ed25519")),
        outbox=Outbox(FileMailer(mailbox.directory), "Oneshelf <no-reply@shop.example>", pauses=()),
    )
    mailbox.outbox = identity.outbox
    yield identity
    await identity.close()


@pytest.fixture
def people(database: Database, identity: Identity, mailbox: Mailbox) -> People:
    return People(database, identity, mailbox)


@pytest.fixture
async def ask(database: Database, identity: Identity) -> Ask:
    """In a shop with one market and the channel `web`."""
    await found(database)
    return asking(database, identity, await DirectoryCache(database).current())
