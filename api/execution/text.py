"""The one character that text can have in JSON and in documents, but in no column of PostgreSQL: U+0000."""

from typing import Any

from graphql import ASTValidationRule, StringValueNode

from api.execution.errors import ErrorCode, refused

MESSAGE = "Text cannot contain the character U+0000."


class NoNullCharacter(ASTValidationRule):
    """Looks at the literals of a document."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\0" in node.value:
            self.report_error(refused(MESSAGE, ErrorCode.BAD_USER_INPUT))


def has_null_character(variables: Any) -> bool:
    """Without recursion: variables may be nested deeper than Python's stack."""
    pending = [variables]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return False
