"""What every answer tells a browser not to do with it, whoever made the answer."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For data, which needs to load nothing. A page says for itself what it needs, and keeps what it said.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Not for neighbors below the same name, and not for a preload list: neither is ours to decide.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


class SecurityHeaders:
    """Adds what an answer does not say by itself.

    `over_https` is whether the shop is reached by https, as its operator says: the proxy that ends TLS speaks plain
    http to us, and its word is not believed. On a developer's localhost strict transport would do harm.
    """

    def __init__(self, app: ASGIApp, *, over_https: bool = False) -> None:
        self._app = app
        headers = HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT_SECURITY} if over_https else {})
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", ()))
                # ASGI's names are in lower case.
                names = {name for name, _ in said}
                message = {**message, "headers": said + [pair for pair in self._headers if pair[0] not in names]}
            await send(message)

        await self._app(scope, receive, send_guarded)
