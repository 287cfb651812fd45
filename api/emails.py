"""E-mail addresses as people type them."""

from email_validator import EmailNotValidError, validate_email

from domain.errors import InvalidInput, Path


def checked_email(typed: str, path: Path) -> str:
    """In lower case, as it is stored. Raises InvalidInput; whether anybody reads it is not asked."""
    try:
        return validate_email(typed[:321], check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidInput(f"This is not an e-mail address: {error}", path=path) from None
