"""`oneshelf serve`: everything that serving needs, taken in order and given back in reverse."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from api.channels.founding import found
from api.cli.application import app, end_well_when_asked
from api.cli.bringing_up import migrate
from api.cli.errors import CommandError
from api.cli.serving import worker
from api.cli.serving.claim import claimed, server_of
from api.cli.serving.fleet import Fleet
from api.cli.serving.listener import address_of, listening
from api.cli.serving.watch import watched
from api.cli.serving.welcome import welcome
from api.cli.target import HERE, Target, expect_current_schema, is_embedded, on_database
from api.demo.loader import load
from api.roles import Role
from api.settings import Settings
from api.telemetry import configure_logging
from persistence.embedded import EmbeddedPostgres
from persistence.embedded.account import account_for
from persistence.embedded.layout import layout_of
from persistence.embedded.root import prepare_root


@app.command
def serve(
    *,
    host: Annotated[str | None, Parameter(help="Address to listen on; 0.0.0.0 for all. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on; 0 for any free one. [default: 8000]")] = None,
    workers: Annotated[int | None, Parameter(help="Processes that answer, about one a core. [default: 1]")] = None,
    role: Annotated[
        Role | None,
        Parameter(help="What these processes do, where an outside database is shared by several. [default: all]"),
    ] = None,
    redis_url: Annotated[str | None, Parameter(help="Redis, for many processes on one outside database.")] = None,
    demo: Annotated[bool, Parameter(help="Fill an empty database with a small chain of stores.")] = False,
    target: Target = HERE,
) -> None:
    """Start the server, with a database of its own unless you name one.

    The embedded database is made, migrated and stopped together with the server. A database of your own is never migrated
    behind your back: run `oneshelf migrate` first. Ctrl-C ends everything in good order.

    Example: `oneshelf serve --demo`
    """
    end_well_when_asked()
    settings = target.settings(host=host, port=port, workers=workers, role=role, redis_url=redis_url)
    configure_logging(level=settings.log_level, as_json=settings.log_format == "json")
    if is_embedded(settings) and settings.role is not Role.ALL:
        raise CommandError("A role is for processes that share a database of yours: name it with --database-url.")
    with ExitStack() as held:
        try:
            listener = held.enter_context(listening(settings.host, settings.port))
        except CommandError as refusal:
            raise _blaming_ourselves(settings, refusal) from refusal
        address = address_of(listener)
        url = held.enter_context(_embedded(settings, address)) if is_embedded(settings) else _outside(settings)
        outcome = asyncio.run(on_database(url, load)) if demo else None
        if is_embedded(settings):
            asyncio.run(on_database(url, found))
        greet = partial(welcome, settings, address, outcome)
        if settings.workers == 1:
            worker.serve(settings, url, listener, greet)
        else:
            Fleet(settings, url, listener).run(greet)


@contextmanager
def _embedded(settings: Settings, address: str) -> Iterator[str]:
    """The URL of our own PostgreSQL, at the newest schema and brought back whenever it dies."""
    layout = layout_of(settings.data)
    prepare_root(layout, account_for(layout.cluster))
    with claimed(settings.data, address):
        embedded = EmbeddedPostgres(settings.data)
        with embedded as url, watched(embedded):
            migrate(url)
            yield url


def _outside(settings: Settings) -> str:
    """Several servers may share it. Whether its schema is the newest is asked before anything is served."""
    url = settings.database_url
    assert url is not None
    settings.data.mkdir(parents=True, exist_ok=True)
    asyncio.run(expect_current_schema(url))
    return url


def _blaming_ourselves(settings: Settings, refusal: CommandError) -> CommandError:
    """When the port is taken by a server of the same data, that is what to say."""
    other = server_of(settings.data) if is_embedded(settings) else None
    return CommandError(f"{refusal} ({settings.data.resolve()} is served already, by {other}.)") if other else refusal
