"""The command line's root: what all commands have in common."""

import signal
import sys
import tomllib
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

from cyclopts import App, CycloptsError, Group, Parameter

from api.cli.console import REMARKS
from api.cli.errors import explain


def _version() -> str:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    version: str = project["project"]["version"]
    return version


app = App(
    name="oneshelf",
    version=_version,
    help="One shelf behind every channel: a headless unified-commerce engine.\n\n"
    "First steps: `oneshelf serve --demo` starts everything and prints where to look.",
    help_format="markdown",
    version_flags=["--version"],
    default_parameter=Parameter(negative=()),
    error_formatter=lambda error: f"[red]oneshelf:[/red] {error}",
    group_commands=Group("Commands", sort_key=0),
    error_console=REMARKS,
)
app.meta.group_parameters = Group("Everywhere", sort_key=200)


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: Annotated[bool, Parameter(help="Show where an error came from, for a bug report.")] = False,
) -> None:
    try:
        app(tokens, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        # Printed already, in the words of the parser.
        sys.exit(2)
    except Exception as error:
        if debug:
            raise
        failure = explain(error)
        REMARKS.print("[red]oneshelf:[/red]", end=" ")
        REMARKS.print(str(failure), markup=False)
        sys.exit(failure.exit_code)


def main() -> None:
    # Unwinds like an exception, so that a database started for this command is stopped again.
    signal.signal(signal.SIGTERM, _leave)
    try:
        app.meta()
    except KeyboardInterrupt:
        sys.exit(130)


def end_well_when_asked() -> None:
    """From now on a signal to stop is what the command waits for, and no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave_well)


def _leave_well(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
