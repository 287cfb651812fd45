"""What a caller may learn when something goes wrong: the codes, and the masking of everything unforeseen."""

import logging
from collections.abc import Callable, Iterable
from enum import StrEnum
from uuid import uuid4

from graphql import FieldNode, GraphQLError, GraphQLFormattedError

logger = logging.getLogger(__name__)

MAX_REQUEST_ERRORS = 5
MAX_MESSAGE_CHARACTERS = 500


class ErrorCode(StrEnum):
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    THROTTLED = "THROTTLED"
    BUSY = "BUSY"
    INTERNAL = "INTERNAL"


CODES = frozenset(code.value for code in ErrorCode)


class StreamClosed(Exception):
    """Raised by an event stream to end the client's connection with a WebSocket close code.

    Over SSE, which has no such codes, the response just ends without its `complete` event.
    """

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(f"{close_code} {reason}")
        self.close_code = close_code
        self.reason = reason


def refused(message: str, code: ErrorCode) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code.value})


def request_errors(errors: Iterable[GraphQLError], default: ErrorCode) -> tuple[GraphQLFormattedError, ...]:
    """At most five; clients see neither a path nor an echo of more than 500 characters."""
    formatted: list[GraphQLFormattedError] = []
    for error in errors:
        if len(formatted) == MAX_REQUEST_ERRORS:
            break
        extensions = dict(error.extensions or {})
        extensions.setdefault("code", default.value)
        shown: GraphQLFormattedError = {"message": _shortened(error.message), "extensions": extensions}
        if error.locations:
            shown["locations"] = [location.formatted for location in error.locations]
        formatted.append(shown)
    return tuple(formatted)


def log_unexpected(error: BaseException, context: object) -> str:
    """Returns the `request_id` of the context, or a new one, to be shown to the client."""
    request_id = str(getattr(context, "request_id", None) or uuid4().hex)
    logger.error("Unexpected error in request %s", request_id, exc_info=error)
    return request_id


def internal_error(request_id: str) -> GraphQLFormattedError:
    return {
        "message": "Internal error",
        "extensions": {"code": ErrorCode.INTERNAL.value, "requestId": request_id},
    }


Explain = Callable[[BaseException], GraphQLError | None]
"""What a client may be told of a failure that the application foresees, such as a database that is away; null of others."""


def field_error(
    error: GraphQLError, on_unexpected: Callable[[BaseException], str], explain: Explain
) -> GraphQLFormattedError:
    """`on_unexpected` is told the cause of whatever is masked, and names the request in return."""
    explained = explain(root_cause(error))
    if explained is not None:
        shown = _shown(error, str((explained.extensions or {})["code"]))
        shown["message"] = explained.message
        return shown
    if _code(error) in CODES:
        return _shown(error, str(_code(error)))
    if _is_about_an_argument(error):
        return _shown(error, ErrorCode.BAD_USER_INPUT.value)
    masked = _shown(error, ErrorCode.INTERNAL.value)
    internal = internal_error(on_unexpected(root_cause(error)))
    masked["message"], masked["extensions"] = internal["message"], internal["extensions"]
    return masked


def root_cause(error: BaseException) -> BaseException:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _code(error: GraphQLError) -> object:
    # graphql-core copies `extensions` from any exception; only those of a GraphQLError were meant for clients.
    return (error.extensions or {}).get("code") if isinstance(root_cause(error), GraphQLError) else None


def _is_about_an_argument(error: GraphQLError) -> bool:
    # Coercion of arguments at run time points at the value, every other error of graphql-core at the field. The others
    # without a code (a value that a scalar cannot represent, a type that cannot be resolved) are mistakes of ours.
    if not error.nodes or not isinstance(root_cause(error), GraphQLError):
        return False
    return "code" not in (error.extensions or {}) and not isinstance(error.nodes[0], FieldNode)


def _shown(error: GraphQLError, code: str) -> GraphQLFormattedError:
    shown = error.formatted
    shown["extensions"] = {**(error.extensions or {}), "code": code}
    return shown


def _shortened(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_CHARACTERS else message[:MAX_MESSAGE_CHARACTERS] + "…"
