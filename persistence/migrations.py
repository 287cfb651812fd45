"""Bringing a database to the schema that this code was written for, and knowing whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from persistence.database import Reader
from persistence.statements import Statement

_HAS_VERSIONS = Statement("SELECT to_regclass('alembic_version') IS NOT NULL")
_VERSION = Statement(text("SELECT version_num FROM alembic_version"))


def configuration(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config(Path(__file__).resolve().parent.parent / "alembic.ini")
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Upgrade to the newest schema. Several processes may call it at once: one migrates, the others wait."""
    command.upgrade(configuration(url), "head")


def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(configuration("")).get_current_head()
    assert head is not None
    return head


async def current(reader: Reader) -> str | None:
    """The revision that the database is at; null when it was never migrated."""
    if not await reader.fetch_value(_HAS_VERSIONS):
        return None
    revision: str | None = await reader.fetch_value(_VERSION)
    return revision
