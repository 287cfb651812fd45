"""`oneshelf migrate`, `oneshelf demo` and `oneshelf schema`."""

import asyncio
from functools import partial
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from api.channels.founding import Founding
from api.cli.application import app
from api.cli.bringing_up import bring_up
from api.cli.bringing_up import migrate as migrate_database
from api.cli.console import REMARKS, RESULTS
from api.cli.errors import CommandError
from api.cli.target import HERE, Target, database_url, on_database
from api.demo.loader import LEAST, SMALL, Extent, Outcome, load
from api.schema import schema_text
from persistence import migrations


@app.command
def migrate(*, target: Target = HERE) -> None:
    """Bring the database to the schema of this version.

    In an empty database it also makes the first market (code main, prices in EUR with tax included) and the channel web.
    Safe to repeat, and to run from several machines at once.

    Example: `oneshelf migrate --database-url postgresql://shop@db.internal/shop`
    """
    with database_url(target.settings(), create=True) as url:
        founding = bring_up(url)
    REMARKS.print(f"The database is at schema {migrations.newest()}.")
    if founding.is_new:
        REMARKS.print(_said_of(founding))


@app.command
def demo(
    *,
    products: Annotated[
        int, Parameter(help="How many products; each has two or three variants.", validator=Number(gte=LEAST.products))
    ] = SMALL.products,
    locations: Annotated[
        int, Parameter(help="How many places, nearly all of them stores.", validator=Number(gte=LEAST.locations))
    ] = SMALL.locations,
    target: Target = HERE,
) -> None:
    """Load the demo: a chain of five stores, a warehouse and a locker, with two markets and every kind of channel.

    Goes into an empty database only, and never twice. A larger chain, for measuring, begins like the small one and goes on;
    a hundred thousand variants take about a minute.

    Example: `oneshelf demo --products 40000 --locations 20`
    """
    with database_url(target.settings(), create=True) as url:
        migrate_database(url)
        outcome = asyncio.run(on_database(url, partial(load, extent=Extent(products, locations))))
    match outcome:
        case Outcome.LOADED:
            REMARKS.print("The demo is loaded. Look at it with `oneshelf serve`.")
        case Outcome.LOADED_BEFORE:
            REMARKS.print("The demo is loaded already; nothing was changed.")
        case Outcome.DATABASE_IN_USE:
            raise CommandError("The database has data of its own: load the demo into another one, with --data.")


@app.command
def schema() -> None:
    """Print the GraphQL schema in its own language.

    Example: `oneshelf schema > schema.graphql`
    """
    RESULTS.file.write(schema_text())


def _said_of(founding: Founding) -> str:
    return (
        f"It was empty, so the market {founding.market} (EUR, tax included, rate 0 %) "
        f"and its channel {founding.channel} were made."
    )
