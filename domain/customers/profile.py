"""What a customer may say about itself: texts of a sensible length, without control characters."""

from domain.errors import InvalidInput, Path

LONGEST_NAME = 200
MOST_ADDRESSES = 50
LONGEST_ADDRESS_LINE = 200


def cleaned(text: str | None, *, path: Path, most: int = LONGEST_NAME) -> str | None:
    """Without spaces around it; null for nothing. Raises InvalidInput for what no label could show."""
    stripped = (text or "").strip()
    if not stripped:
        return None
    if len(stripped) > most:
        raise InvalidInput(f"At most {most} characters fit here.", path)
    if not stripped.isprintable():
        raise InvalidInput("Control characters and line breaks are not allowed here.", path)
    return stripped
