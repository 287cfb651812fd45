"""One process that answers requests: uvicorn with our settings, which sends sockets away before it stops."""

import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing import connection, parent_process
from multiprocessing.synchronize import Event
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.applications import Starlette

from api.app import create_app
from api.cli.serving.listener import BACKLOG
from api.settings import Settings
from api.telemetry import configure_logging
from api.transport.departure import Departure

LARGEST_MESSAGE_BYTES = 65536
GRACEFUL_SECONDS = 10
# Longer than load balancers keep an idle connection, so that it is never we who close one that is just being used.
KEEP_ALIVE_SECONDS = 75


class Server(uvicorn.Server):
    def __init__(self, app: Starlette, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=LARGEST_MESSAGE_BYTES,
                ws_per_message_deflate=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._app = app
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        departure: Departure = self._app.state.departure
        await departure.announce()
        await super().shutdown(sockets)


def serve(settings: Settings, database_url: str, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Returns, or raises SystemExit, after a signal to stop and an orderly end of what was under way."""
    Server(create_app(settings, database_url), on_started).run(sockets=[listener])


def work(settings: Settings, database_url: str, listener: socket.socket, started: Event) -> None:
    """The body of a worker process."""
    # Both arrive again after uvicorn's orderly end; a Ctrl-C reaches the whole group, but the first process decides.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    configure_logging(level=settings.log_level, as_json=settings.log_format == "json")
    serve(settings, database_url, listener, started.set)


def _end_with_parent() -> None:
    """A worker that outlived a killed parent would keep the port."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    signal.raise_signal(signal.SIGTERM)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)
