"""Cursors as clients hold them: a position in the stream, or a mark that the snapshot before it is not complete."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.ids import bad_input
from api.scalars import Cursor
from domain.events import Position

_UNFINISHED = "snapshot"
"""The cursor of all snapshot entries but the last: whoever comes back with it gets a new snapshot."""


def cursor_at(position: Position) -> Cursor:
    return _encode(f"{position.epoch}:{position.pos}")


UNFINISHED_SNAPSHOT = Cursor(urlsafe_b64encode(_UNFINISHED.encode()).decode().rstrip("="))


def position_of(cursor: Cursor | None) -> Position | None:
    """Null where the reader has to begin with a snapshot. Raises BAD_USER_INPUT for what was never handed out."""
    if cursor is None or cursor == UNFINISHED_SNAPSHOT:
        return None
    try:
        epoch, pos = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(":")
        position = Position(int(epoch), int(pos))
    except ValueError:
        raise bad_input("This is not a cursor of this server.") from None
    if cursor_at(position) != cursor or not (0 <= position.epoch < 2**31 and 0 <= position.pos < 2**63):
        raise bad_input("This is not a cursor of this server.")
    return position


def _encode(text: str) -> Cursor:
    return Cursor(urlsafe_b64encode(text.encode()).decode().rstrip("="))
