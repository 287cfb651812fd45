"""`oneshelf doctor`: what is configured, what is reachable, what is wrong and how to mend it."""

import sys

from api.cli.application import app
from api.cli.console import RESULTS, show_table
from api.cli.diagnosis import Complaint, Fine, diagnose
from api.cli.provenance import configured
from api.cli.target import HERE, Target


@app.command
def doctor(*, target: Target = HERE) -> None:
    """Say what is configured and what is reachable, and how to mend what is wrong.

    Changes nothing and starts nothing. Ends with 1 when something is wrong.

    Example: `oneshelf doctor --data /var/lib/oneshelf`
    """
    overrides = target.overrides()
    settings = target.settings()
    RESULTS.print("[bold]Configured[/bold]")
    show_table(("setting", "value", "from"), configured(settings, overrides), nothing="")
    RESULTS.print("\n[bold]Examined[/bold]")
    answers = diagnose(settings)
    for answer in answers:
        match answer:
            case Fine(topic, state):
                RESULTS.print(f"[green]ok[/green]     {topic}: {state}", soft_wrap=True)
            case Complaint(topic, problem, remedy):
                RESULTS.print(f"[red]wrong[/red]  {topic}: {problem}", soft_wrap=True)
                RESULTS.print(f"       {remedy}", soft_wrap=True)
    if any(isinstance(answer, Complaint) for answer in answers):
        sys.exit(1)
