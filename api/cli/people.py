"""`oneshelf app` and `oneshelf staff`: who else may act, and how far."""

import sys
from getpass import getpass
from secrets import token_urlsafe
from typing import Annotated

from cyclopts import App, Parameter

from api.channels.commands import of_code
from api.cli.application import app as root
from api.cli.console import REMARKS, RESULTS, show_table
from api.cli.errors import CommandError
from api.cli.target import HERE, Target, run
from api.customers.apps import OPERATOR, CreatedApp, create_app, create_staff
from api.identity.identity import Identity
from domain.access import Permission
from persistence.channels import places
from persistence.customers import accounts, apps
from persistence.database import Database, Reader, Row

_GENERATED_BYTES = 15
_MOST_SHOWN = 1000

app = App(name="app", help="Apps: tills, partner systems and marketplaces, each with a token of its own.")
staff = App(name="staff", help="Staff: people who sign in with more rights than a customer.")
root.command(app)
root.command(staff)

Permissions = Annotated[tuple[Permission, ...], Parameter(name="--permission", help="Repeat it for each permission.")]


@app.command(name="create")
def create_one_app(
    name: Annotated[str, Parameter(help="For people.")],
    *,
    channel: Annotated[str, Parameter(help="Code of the channel it speaks for.")],
    permission: Permissions,
    location: Annotated[str | None, Parameter(help="Code of the one location it may act at.")] = None,
    target: Target = HERE,
) -> None:
    """Make an app, and print its token alone on standard output.

    The token is shown this once; only its hash is kept.

    Example: `oneshelf app create Till --channel till-berlin --location berlin --permission SELL_IN_STORE > till.token`
    """

    async def work(database: Database) -> CreatedApp:
        async with database.reading() as reader:
            channel_id = of_code(await places.channels(reader), "channel", channel)["id"]
            location_id = await _location_id(reader, location)
        return await create_app(
            database,
            OPERATOR,
            name=name,
            channel_id=channel_id,
            location_id=location_id,
            permissions=permission,
            key=None,
        )

    RESULTS.file.write(f"{run(target, work).token}\n")


@app.command(name="list")
def list_apps(*, target: Target = HERE) -> None:
    """List the apps, newest first; tokens cannot be shown again.

    Example: `oneshelf app list`
    """

    async def work(database: Database) -> tuple[list[Row], list[Row], list[Row]]:
        async with database.reading() as reader:
            everything = await apps.page(reader, location_id=None, after=None, count=_MOST_SHOWN)
            return everything, await places.channels(reader), await places.locations(reader)

    everything, channels, locations = run(target, work)
    codes = {row["id"]: row["code"] for row in channels}
    rows = [
        (
            row["name"],
            codes[row["channel_id"]],
            _place(row, locations),
            " ".join(row["permissions"]),
            "revoked" if row["revoked_at"] else "active",
        )
        for row in everything
    ]
    show_table(("name", "channel", "location", "permissions", "state"), rows, nothing="There is no app yet.")


@staff.command(name="create")
def create_one_member(
    email: Annotated[str, Parameter(help="To sign in with.")],
    *,
    permission: Permissions,
    name: Annotated[str | None, Parameter(help="For people. [default: the part before the @]")] = None,
    location: Annotated[str | None, Parameter(help="Code of the one location it may act at.")] = None,
    password_stdin: Annotated[bool, Parameter(help="Read the password from the first line of standard input.")] = False,
    target: Target = HERE,
) -> None:
    """Make a member of staff.

    Asks for the password. Where nobody can be asked, one is made up and printed alone on standard output.

    Example: `oneshelf staff create kim@example.com --location berlin --permission READ_STOCK --permission MANAGE_STOCK`
    """
    password, is_made_up = _password(from_stdin=password_stdin)
    identity = Identity.of(target.settings())

    async def work(database: Database) -> Row:
        async with database.reading() as reader:
            location_id = await _location_id(reader, location)
        try:
            return await create_staff(
                database,
                identity,
                email=email,
                name=name or email.partition("@")[0],
                password=password,
                permissions=permission,
                location_id=location_id,
            )
        finally:
            await identity.close()

    made = run(target, work)
    REMARKS.print(f"{made['email']} may sign in.")
    if is_made_up:
        RESULTS.file.write(f"{password}\n")


@staff.command(name="list")
def list_staff(*, target: Target = HERE) -> None:
    """List the staff.

    Example: `oneshelf staff list`
    """

    async def work(database: Database) -> tuple[list[Row], list[Row]]:
        async with database.reading() as reader:
            return await accounts.all_staff(reader), await places.locations(reader)

    members, locations = run(target, work)
    rows = [
        (
            row["email"],
            row["name"],
            _place(row, locations),
            " ".join(row["permissions"]),
            "disabled" if row["disabled_at"] else "active",
        )
        for row in members
    ]
    show_table(("e-mail", "name", "location", "permissions", "state"), rows, nothing="There is no staff yet.")


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """And whether it was made up here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if not sys.stdin.isatty():
        return token_urlsafe(_GENERATED_BYTES), True
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise CommandError("The two passwords differ.")
    return password, False


async def _location_id(reader: Reader, code: str | None) -> int | None:
    if code is None:
        return None
    id_: int = of_code(await places.locations(reader), "location", code)["id"]
    return id_


def _place(row: Row, locations: list[Row]) -> str:
    return next((place["code"] for place in locations if place["id"] == row["location_id"]), "everywhere")
