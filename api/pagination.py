"""Relay connections over keyset cursors: stable while rows come and go, and as fast on the last page as on the first."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError

from api.access import SCOPED
from api.execution.fields import column
from api.ids import bad_input

MOST_PER_PAGE = 100


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = column(SCOPED, "Whether there are items after the last one of this page.")
    has_previous_page: bool = column(
        SCOPED, "Whether this page was asked for with a cursor, so that items lie before it."
    )
    start_cursor: str | None = column(SCOPED, "The cursor of the first item; null on an empty page.")
    end_cursor: str | None = column(SCOPED, "The cursor of the last item, to ask for the next page after it.")


@dataclass(frozen=True, slots=True)
class Page:
    """How much of a list is asked for: one row more is fetched than shown, to know whether there is a next page."""

    first: int
    after: tuple[Any, ...] | None

    @property
    def fetched(self) -> int:
        return self.first + 1


def page(first: int | None, after: str | None, *, default: int, keys: int, most: int = MOST_PER_PAGE) -> Page:
    """`keys` is how many values a cursor of this list has. Anything else is a BAD_USER_INPUT error."""
    count = default if first is None else first
    if not 0 <= count <= most:
        raise bad_input(f"`first` is between 0 and {most}.")
    return Page(count, None if after is None else decode_cursor(after, keys))


def encode_cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


def decode_cursor(cursor: str, keys: int) -> tuple[Any, ...]:
    try:
        decoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        decoded = None
    if not isinstance(decoded, list) or len(decoded) != keys:
        raise foreign_cursor()
    return tuple(decoded)


def number_of(key: Any, *, bits: int = 64) -> int:
    """A cursor's key that is a number which a column of so many bits can hold."""
    if type(key) is not int or not 0 <= key < 2 ** (bits - 1):
        raise foreign_cursor()
    return key


def foreign_cursor() -> GraphQLError:
    """Cursors are text that a client may have made up."""
    return bad_input("This cursor does not belong to this list.")


class _OnDemand(dict[str, Any]):
    """A row some of whose columns are made when they are asked for, because most readers want none of them."""

    def __init__(self, known: dict[str, Any], **made: Callable[[], Any]) -> None:
        super().__init__(known)
        self._made = made

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._made[name]()
        return value


def connection(
    rows: Sequence[Any],
    asked: Page,
    key: Callable[[Any], tuple[Any, ...]],
    total_count: int | None = None,
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The source of a connection type; `rows` may hold one more than asked, which only proves that there are more.

    Edges and cursors are there for whoever asks for them by name; copies of the row lack them. `more` is what fields
    of one connection type need to know besides.
    """
    shown = list(rows[: asked.first])

    def cursor(position: int) -> str | None:
        return encode_cursor(*key(shown[position])) if shown else None

    page_info = _OnDemand(
        {"has_next_page": len(rows) > asked.first, "has_previous_page": asked.after is not None},
        start_cursor=lambda: cursor(0),
        end_cursor=lambda: cursor(-1),
    )
    return _OnDemand(
        {"nodes": shown, "page_info": page_info, "total_count": total_count, **(more or {})},
        edges=lambda: [{"cursor": encode_cursor(*key(row)), "node": row} for row in shown],
    )
