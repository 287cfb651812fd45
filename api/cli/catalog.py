"""`oneshelf import`: a merchant's own catalogue."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.types import ExistingFile

from api.cli.application import app
from api.cli.bringing_up import bring_up
from api.cli.console import REMARKS
from api.cli.importing import report_path, run_import
from api.cli.target import HERE, Target, database_url, is_embedded, on_database
from persistence.database import Database

imports = App(name="import", help="Import a merchant's own catalogue.")
app.command(imports)


@imports.command
def shopify(
    products: Annotated[ExistingFile, Parameter(help="The product CSV that Shopify exports.")],
    *,
    inventory: Annotated[ExistingFile | None, Parameter(help="The inventory CSV that Shopify exports.")] = None,
    location: Annotated[str | None, Parameter(help="Code of the location that the product file's stock is at.")] = None,
    market: Annotated[str | None, Parameter(help="Code of the market that its prices are of.")] = None,
    target: Target = HERE,
) -> None:
    """Import the products, prices, pictures and stock that Shopify exports.

    Running it again updates and never duplicates. A bad row is reported with its line and reason, here and in a file, and
    costs no good row.

    Example: `oneshelf import shopify products_export.csv --inventory inventory_export.csv`
    """
    settings = target.settings()

    async def work(database: Database) -> int:
        return await run_import(
            database,
            Path(products),
            inventory=Path(inventory) if inventory else None,
            location_code=location,
            market_code=market,
            report_to=report_path(Path(products), settings.data),
            console=REMARKS,
        )

    with database_url(settings, create=True) as url:
        if is_embedded(settings):
            bring_up(url)
        exit_code = asyncio.run(on_database(url, work))
    if exit_code:
        sys.exit(exit_code)
