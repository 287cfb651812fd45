"""The listening socket, made before anything else so that a taken port costs nothing."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.errors import CommandError

BACKLOG = 2048
# Inherited by every connection. The kernel would otherwise take in megabytes for a client that has stopped reading, and nobody
# would notice that it is slow. An answer that is larger than this waits for the client's delayed acknowledgments, 40 ms each time, so
# it is as large as the answers that people do ask for.
SEND_BUFFER_BYTES = 262144


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Raises CommandError when somebody else listens there or the host is not this machine."""
    listener = _bound(host, port)
    try:
        listener.listen(BACKLOG)
        yield listener
    finally:
        listener.close()


def address_of(listener: socket.socket) -> str:
    """As a URL that works in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - Compared, not bound.
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise CommandError(f"{host} is no address to listen on: {error.strerror}. Choose another --host.") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise CommandError(_refusal(host, port, error)) from error
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: stop what listens there, or use --port with another number."
    if error.errno == errno.EACCES:
        return f"port {port} needs privileges that this user lacks: use --port with a number above 1023."
    return f"Nothing can listen on {host} port {port}: {error.strerror}. Choose another --host or --port."
