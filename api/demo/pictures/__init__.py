"""The demo's pictures, drawn on request: everything that a picture shows is in its address."""

import re
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.demo.catalog import KINDS, DemoProduct
from api.demo.colors import COLORS
from api.demo.pictures.carried import CARRIED
from api.demo.pictures.laid import LAID
from api.demo.pictures.pen import Pen
from api.demo.pictures.placed import PLACED
from api.demo.pictures.worn import WORN

_SHAPES = {**WORN, **CARRIED, **LAID, **PLACED}
# Browsers keep a picture for a year, so one that is drawn differently needs another address.
_EDITION = 2
_SHADES = {color.lower(): shade for color, shade in COLORS.items()}
_PLAIN = "plain"
_HIGHEST_NUMBER = 1_000_000


def _in_address(cut: str) -> str:
    return re.sub("[^a-z]", "", cut.lower())


_CUTS = {_PLAIN, *(_in_address(cut.word) for kind in KINDS for cut in kind.cuts)}


def picture_path(product: DemoProduct, color: str) -> str:
    cut = _in_address(product.cut) if product.cut else _PLAIN
    return f"/media/demo/{_EDITION}/{product.picture}-{cut}-{product.number}-{color.lower()}.svg"


def demo_media_routes() -> list[BaseRoute]:
    """The pictures that the demo's products name."""
    return [Route(f"/media/demo/{_EDITION}/{{shape}}-{{cut}}-{{number:int}}-{{color}}.svg", _picture)]


def drawn(shape: str, cut: str, number: int, color: str) -> str | None:
    """An SVG, always the same for the same words; null when there is no such shape, cut or color."""
    draw, is_flat = _SHAPES.get(shape, (None, False))
    if draw is None or cut not in _CUTS or color not in _SHADES or number > _HIGHEST_NUMBER:
        return None
    pen = Pen(_SHADES[color], cut, f"{shape} {cut} {number}")
    draw(pen)
    return pen.picture(escape(f"{shape}, {color}"), is_flat=is_flat)


async def _picture(request: Request) -> Response:
    picture = drawn(**request.path_params)
    if picture is None:
        return Response("There is no such picture.\n", status_code=404, media_type="text/plain")
    return Response(
        picture,
        media_type="image/svg+xml",
        headers={
            "cache-control": "public, max-age=31536000, immutable",
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
            "x-content-type-options": "nosniff",
        },
    )
