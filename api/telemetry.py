"""Structured logs, and an id for each request that ties an answer to what was logged about it."""

import logging
import re
import sys
from os import urandom
from time import perf_counter

import structlog
import structlog.tracebacks
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_USABLE_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


# Local variables hold what people typed and what proves who they are.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logging(*, level: str, as_json: bool) -> None:
    """Everything goes to standard error, so that standard output stays for results."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.typing.Processor] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets"):
        logger = logging.getLogger(noisy)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").addFilter(_is_not_a_clients_broken_text)
    logging.getLogger("alembic").setLevel(max(root.level, logging.WARNING))


def _is_not_a_clients_broken_text(record: logging.LogRecord) -> bool:
    """Uvicorn closes such a socket as it should, and then calls it an error of its own: strangers could fill the log."""
    return "Invalid UTF-8 sequence received from client" not in record.getMessage()


class RequestIds:
    """Gives each request an id, the client's own where it is usable, and says so in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.stdlib.get_logger("oneshelf.http")
        self._level = logging.getLogger("oneshelf.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.accept"):
                status = message.get("status", 101)
                headers = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        began = perf_counter()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            # Structlog would put the whole line together before it asks whether anybody wants it.
            if self._level.isEnabledFor(logging.DEBUG):
                # No query text and no variables: they hold what people typed.
                self._log.debug(
                    "request",
                    request_id=request_id,
                    method=scope.get("method", "WEBSOCKET"),
                    path=scope["path"],
                    status=status,
                    milliseconds=round((perf_counter() - began) * 1000, 1),
                )


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if _USABLE_ID.fullmatch(text) else None
    return None
