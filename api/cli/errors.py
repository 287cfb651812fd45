"""What a person at the terminal reads when a command cannot do what was asked."""

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import DomainError
from persistence.database import DatabaseUnavailableError
from persistence.embedded import EmbeddedPostgresError


class CommandError(Exception):
    """One sentence: what is wrong, and how to mend it."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def explain(error: Exception) -> CommandError:
    """Every failure as a sentence; what nobody foresaw at least says where to look."""
    match error:
        case CommandError():
            return error
        case ValidationError():
            return CommandError(_settings_at_fault(error), exit_code=2)
        case DomainError() | EmbeddedPostgresError() | DatabaseUnavailableError():
            return CommandError(str(error))
        case asyncpg.PostgresError() | asyncpg.InterfaceError() | SQLAlchemyError():
            return CommandError(f"The database refused: {_first_line(error)}")
        case OSError():
            return CommandError(f"The operating system refused: {error}")
        case _:
            return CommandError(
                f"Something failed that should not: {type(error).__name__}: {_first_line(error)}. "
                "Run the same command with --debug in front to see where."
            )


def _settings_at_fault(error: ValidationError) -> str:
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}" for fault in error.errors()]
    return f"The configuration is wrong: {'; '.join(faults)}."


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
