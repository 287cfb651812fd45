"""Is the process alive; can it serve."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from persistence import migrations
from persistence.database import Database

_PATIENCE_SECONDS = 2.0


def health_routes() -> list[BaseRoute]:
    return [Route("/health/live", live), Route("/health/ready", ready)]


async def live(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> JSONResponse:
    """503 while the database does not answer, or has another schema than this code needs."""
    database: Database = request.app.state.database
    problem = None
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), database.reading() as reader:
            at = await migrations.current(reader)
        if at != request.app.state.newest_migration:
            problem = "the database has another schema than this version needs: run `oneshelf migrate`"
    except Exception as error:  # noqa: BLE001 - Whatever it is, this process cannot serve.
        problem = f"the database does not answer ({type(error).__name__})"
    if problem is None:
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable", "problem": problem}, status_code=503)
