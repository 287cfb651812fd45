"""What the person who started the server reads once it answers."""

from rich.table import Table

from api.cli.console import REMARKS
from api.demo.loader import Outcome
from api.demo.people import CLERKS, SHOPPERS
from api.settings import Settings


def welcome(settings: Settings, address: str, demo: Outcome | None) -> None:
    """To standard error, as everything that is not a result."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    if settings.graphiql:
        table.add_row("GraphiQL", f"{address}/graphql in a browser")
    table.add_row("GraphQL", f"{address}/graphql")
    table.add_row(
        "Database", "embedded, in " + str(settings.data.resolve()) if settings.database_url is None else "yours"
    )
    if demo in (Outcome.LOADED, Outcome.LOADED_BEFORE):
        _introduce(table)
    REMARKS.print()
    REMARKS.print(table)
    if demo is Outcome.DATABASE_IN_USE:
        REMARKS.print("\nThe demo was not loaded: the database has data of its own.")
    REMARKS.print("\nCtrl-C stops it.")


def _introduce(table: Table) -> None:
    for shopper in SHOPPERS[:1]:
        table.add_row("Customer", f"{shopper.email}  password: {shopper.password}")
    for clerk in CLERKS[:2]:
        table.add_row(f"Staff, {clerk.location or 'everywhere'}", f"{clerk.email}  password: {clerk.password}")
    table.add_row("Till", "oneshelf app create Till --channel till-berlin --location berlin --permission SELL_IN_STORE")
