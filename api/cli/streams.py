"""`oneshelf events`: the stream of changes."""

from cyclopts import App

from api.cli.application import app
from api.cli.console import REMARKS
from api.cli.target import HERE, Target, run
from persistence.database import Database
from persistence.events import epochs

events = App(name="events", help="The stream of changes.")
app.command(events)


@events.command
def new_epoch(*, target: Target = HERE) -> None:
    """Declare every cursor from before now to be of another time: who comes with one is told to read afresh.

    Needed after a restore that the server cannot notice: from a copy of the files, or of a dump into the same database. It
    notices by itself another database or cluster, a recovery to a point in time, and a replica that took over. Harmless
    otherwise.

    Example: `oneshelf events new-epoch`
    """

    async def work(database: Database) -> int:
        async with database.transaction() as connection:
            return await epochs.begin_new(connection)

    epoch = run(target, work)
    REMARKS.print(f"Epoch {epoch} has begun. Cursors from before are answered with StreamLagged.")
