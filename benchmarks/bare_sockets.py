"""The floor of a fan-out: a Starlette application that sends one text to every socket, told to by a request."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

_SOCKETS: set[WebSocket] = set()


async def _stay(socket: WebSocket) -> None:
    await socket.accept("graphql-transport-ws")
    _SOCKETS.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        _SOCKETS.discard(socket)


async def _tell(request: Request) -> PlainTextResponse:
    """Sends the body to everybody."""
    text = (await request.body()).decode()
    for socket in list(_SOCKETS):
        await socket.send_text(text)
    return PlainTextResponse("told")


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[WebSocketRoute("/graphql", _stay), Route("/tell", _tell, methods=["POST"])]),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
    )
