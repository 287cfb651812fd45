"""Which media type a client would like best, and which ones we read."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple


class MediaType(Enum):
    JSON = "application/json"
    GRAPHQL_RESPONSE = "application/graphql-response+json"
    EVENT_STREAM = "text/event-stream"


class Range(NamedTuple):
    name: str
    quality: float
    place: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What of ours the client takes: the one it likes best, and whether it named event streams at all."""

    best: MediaType | None
    takes_event_stream: bool


WILDCARDS = ("application/*", "*/*")
IN_OUR_ORDER = (MediaType.JSON, MediaType.GRAPHQL_RESPONSE, MediaType.EVENT_STREAM)


_LONGEST_REMEMBERED = 200


def wishes(accept: str | None) -> Wishes:
    """By quality, then by the client's order, then by ours. No wildcard means an event stream."""
    # The few that clients really send are worked out once; strangers cannot make us keep much.
    return _remembered(accept) if accept is None or len(accept) <= _LONGEST_REMEMBERED else _wishes(accept)


def _wishes(accept: str | None) -> Wishes:
    if accept is None or not accept.strip():
        return Wishes(MediaType.JSON, takes_event_stream=False)
    ranges = _ranges(accept)
    wanted: list[tuple[float, int, int, MediaType]] = []
    for ours, media_type in enumerate(IN_OUR_ORDER):
        names = (media_type.value,) if media_type is MediaType.EVENT_STREAM else (media_type.value, *WILDCARDS)
        match = next((ranges[name] for name in names if name in ranges), None)
        if match is not None and match.quality > 0:
            wanted.append((-match.quality, match.place, ours, media_type))
    return Wishes(
        best=min(wanted)[3] if wanted else None,
        takes_event_stream=any(media_type is MediaType.EVENT_STREAM for *_, media_type in wanted),
    )


_remembered = lru_cache(maxsize=256)(_wishes)


def prefers_html(accept: str | None) -> bool:
    """Whether a person's browser is asking, rather than a client that also takes HTML."""
    ranges = _ranges(accept or "")
    html = ranges.get("text/html")
    if html is None or html.quality == 0:
        return False
    others = (ranges[media_type.value] for media_type in MediaType if media_type.value in ranges)
    return all((-html.quality, html.place) < (-other.quality, other.place) for other in others)


def reads_content_type(content_type: str | None) -> bool:
    """JSON in UTF-8 only: forms and plain text could be sent by any web page without asking us first."""
    if content_type is None:
        return False
    name, parameters = _split(content_type)
    return name == MediaType.JSON.value and parameters.get("charset", "utf-8") in {"utf-8", "utf8"}


def _ranges(accept: str) -> dict[str, Range]:
    """The first mention counts; one that is malformed, or asks for another charset, is as if not there."""
    ranges: dict[str, Range] = {}
    for place, element in enumerate(accept.split(",")):
        name, parameters = _split(element)
        quality = _quality(parameters.get("q", "1"))
        if quality is not None and parameters.get("charset", "utf-8") in {"utf-8", "utf8"}:
            ranges.setdefault(name, Range(name, quality, place))
    return ranges


def _split(element: str) -> tuple[str, dict[str, str]]:
    name, *parameters = element.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return name.strip().lower(), {key.strip().lower(): value.strip().strip('"').lower() for key, _, value in pairs}


def _quality(text: str) -> float | None:
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0.0 <= quality <= 1.0 else None
