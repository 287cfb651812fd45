"""Which web pages may open a WebSocket to us; browsers ask nobody else."""

from collections.abc import Mapping
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_allowed_origin(headers: Mapping[str, str], allowed: frozenset[str]) -> bool:
    """Programs send no Origin. Pages of our own host may; the scheme is not compared, for a proxy may end TLS."""
    origin = headers.get("origin")
    if origin is None or "*" in allowed or origin in allowed:
        return True
    try:
        page = urlsplit(origin)
        port = page.port or DEFAULT_PORTS[page.scheme]
        ours = urlsplit(f"{page.scheme}://{headers.get('host', '')}")
        return page.hostname is not None and (page.hostname, port) == (
            ours.hostname,
            ours.port or DEFAULT_PORTS[page.scheme],
        )
    except (ValueError, KeyError):
        return False
