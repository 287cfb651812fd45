"""The demo's pictures, drawn on request: a shape in the variant's color."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.demo.catalog import COLORS, PRODUCTS, DemoProduct, DemoVariant

# In a box of 100 by 100.
_SHAPES = {
    "TEE-LINEN": "M34 22 Q50 32 66 22 L86 34 78 50 70 46 V82 H30 V46 L22 50 14 34 Z",
    "SHIRT-OXFORD": "M36 18 L50 26 64 18 84 30 88 66 77 68 72 46 V84 H28 V46 L23 68 12 66 16 30 Z M50 26 V84",
    "SWEATER-MERINO": "M37 20 Q50 27 63 20 L83 31 90 72 78 75 71 48 V80 H29 V48 L22 75 10 72 17 31 Z M29 75 H71",
    "JACKET-RAIN": "M40 20 Q50 6 60 20 L82 31 90 70 79 73 72 49 V86 H28 V49 L21 73 10 70 18 31 Z M50 24 V86",
    "JEANS-SELVEDGE": "M33 14 H67 L74 88 H57 L50 40 43 88 H26 Z M33 22 H67",
    "DRESS-LINEN": "M38 14 L44 24 H56 L62 14 67 18 62 44 76 86 H24 L38 44 33 18 Z",
    "SNEAKER-CANVAS": "M12 42 L34 40 52 54 Q74 58 88 64 V74 H12 Z M12 68 H88",
    "BOOT-CHELSEA": "M28 16 H56 L58 54 Q84 58 86 74 V82 H26 Z M43 18 L50 46 H40 Z",
    "TOTE-CANVAS": "M24 40 H76 L80 88 H20 Z M36 40 Q38 12 50 12 Q62 12 64 40",
    "PACK-DAY": "M30 30 Q30 14 50 14 Q70 14 70 30 L76 84 Q50 92 24 84 Z M34 56 H66 V78 H34 Z",
    "MUG-STONEWARE": "M24 28 H68 V74 Q68 82 60 82 H32 Q24 82 24 74 Z M68 38 Q86 38 84 54 Q82 68 68 66",
    "BLANKET-WOOL": "M16 30 Q50 22 84 30 V68 Q50 60 16 68 Z M16 68 Q50 60 84 68 V78 Q50 70 16 78 Z",
}


def picture_path(product: DemoProduct, color: str) -> str:
    return f"/media/demo/{product.slug}-{color.lower()}.svg"


def pictures_of(product: DemoProduct, variants: list[DemoVariant]) -> dict[str, str]:
    """The path of the picture of each color, in the order of the variants."""
    return {variant.color: picture_path(product, variant.color) for variant in variants}


def demo_media_routes() -> list[BaseRoute]:
    """The pictures that the demo's products name."""
    return [Route("/media/demo/{name}.svg", _picture)]


async def _picture(request: Request) -> Response:
    slug, _, color = request.path_params["name"].rpartition("-")
    product = next((product for product in PRODUCTS if product.slug == slug), None)
    shade = COLORS.get(color.capitalize())
    if product is None or shade is None:
        return Response("There is no such picture.\n", status_code=404, media_type="text/plain")
    return Response(
        _drawn(product, shade),
        media_type="image/svg+xml",
        headers={
            "cache-control": "public, max-age=86400",
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
            "x-content-type-options": "nosniff",
        },
    )


def _drawn(product: DemoProduct, shade: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="800" height="800" role="img">'
        f"<title>{product.name}</title>"
        '<rect width="100" height="100" fill="#dfe3e0"/>'
        f'<path d="{_SHAPES[product.sku]}" fill="{shade}" stroke="#1d2321" stroke-width="1.2" stroke-linejoin="round"/>'
        "</svg>\n"
    )
