"""Configuration, from the command line, then from ONESHELF_… variables, then from a .env file."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.roles import Role
from domain.events import STREAMS_PER_ADDRESS, STREAMS_PER_CALLER
from domain.inventory.stock import SHOPPER_CAP


class Settings(BaseSettings):
    """Everything an operator can decide. A relative data directory counts from where the command was started."""

    model_config = SettingsConfigDict(env_prefix="ONESHELF_", env_file=".env", extra="ignore", populate_by_name=True)

    data: Path = Path("data")
    database_url: str | None = Field(
        None, validation_alias=AliasChoices("database_url", "DATABASE_URL", "ONESHELF_DATABASE_URL")
    )
    redis_url: str | None = Field(None, validation_alias=AliasChoices("redis_url", "REDIS_URL", "ONESHELF_REDIS_URL"))
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    workers: int = Field(1, ge=1, le=64)
    # Who divides the work among processes needs a database that all of them reach.
    role: Role = Role.ALL
    pool_size: int = Field(8, ge=2, le=100)
    # Behind a pooler in transaction mode prepared statements cannot be kept: set 0.
    statement_cache_size: int = Field(1024, ge=0)

    # Off: graphql-core executes everything, some twenty times slower; for telling whose fault an answer is.
    compiled: bool = True
    # Off: no part of an answer is written by the database, at twice the time of ours; likewise for telling.
    fused: bool = True
    # Shoppers who ask the same of the shop at the same time share one answer.
    shared: bool = True

    # Shoppers are shown no higher quantity, so that nobody reads the stock by asking.
    shopper_quantity_cap: int = Field(SHOPPER_CAP, ge=1)

    # Whoever comes back later than this reads a fresh snapshot. Events go by the million, so most stay longer.
    event_retention_hours: int = Field(72, ge=1)

    # In each process. Whoever says nothing of itself is counted by its address, behind a proxy by that of the proxy.
    streams_per_caller: int = Field(STREAMS_PER_CALLER, ge=1)
    streams_per_address: int = Field(STREAMS_PER_ADDRESS, ge=1)

    graphiql: bool = True
    introspection: bool = True
    # Separated by commas, such as https://shop.example; * allows all.
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    # What mails and links say the shop is reached at.
    public_url: str | None = None

    # An Ed25519 private key in PEM; without it one is made and kept in the data directory.
    signing_key: SecretStr | None = None
    mail_from: str = "Oneshelf <no-reply@localhost>"
    # smtp://user:password@host:587 or smtps://…; without it each mail becomes a file under DATA/mail.
    smtp_url: SecretStr | None = None

    @field_validator("database_url", "redis_url", "signing_key", "smtp_url", "public_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, given: object) -> object:
        """As people leave a variable in a compose file."""
        return None if given == "" else given

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _separated_by_commas(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(origin.strip() for origin in given.split(",") if origin.strip())
        return given

    log_format: str = Field("text", pattern="^(text|json)$")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
