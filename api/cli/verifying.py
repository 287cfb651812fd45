"""`oneshelf verify`: the invariants of the stock ledger, asked of the live database."""

import asyncio
import json as json_text
import sys
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from api.cli.application import app
from api.cli.console import RESULTS
from api.cli.target import HERE, Target, database_url, expect_current_schema
from persistence.database import connect
from persistence.inventory.verification import Finding, verify


@app.command(name="verify")
def verify_stock(
    *,
    json: Annotated[bool, Parameter(help="Print JSON, for programs.")] = False,
    target: Target = HERE,
) -> None:
    """Check every rule of the stock ledger on the live database.

    All checks see the same moment; nothing is locked, so it may run while the shop sells. Ends with 1 when a rule is broken.

    Example: `oneshelf verify`
    """
    with database_url(target.settings()) as url:
        findings = asyncio.run(_verified(url))
    if json:
        RESULTS.file.write(_as_json(findings))
    else:
        _show(findings)
    if not all(finding.is_clean for finding in findings):
        sys.exit(1)


async def _verified(url: str) -> list[Finding]:
    await expect_current_schema(url)
    connection = await connect(url)
    try:
        return [finding async for finding in verify(connection)]
    finally:
        await connection.close()


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("check", "rule", "examined", "result"):
        table.add_column(heading, justify="right" if heading == "examined" else "left")
    for finding in findings:
        table.add_row(
            finding.check.name, finding.check.rule, f"{finding.examined:,} {finding.check.things}", _result(finding)
        )
    RESULTS.print(table)


def _result(finding: Finding) -> str:
    if finding.is_clean:
        return "[green]ok[/green]"
    return f"[red]{finding.violations:,} wrong[/red]: {', '.join(finding.offenders)}"


def _as_json(findings: list[Finding]) -> str:
    return (
        json_text.dumps(
            [
                {
                    "check": finding.check.name,
                    "rule": finding.check.rule,
                    "examined": finding.examined,
                    "violations": finding.violations,
                    "offenders": list(finding.offenders),
                }
                for finding in findings
            ],
            indent=2,
        )
        + "\n"
    )
