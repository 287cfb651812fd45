"""The GraphiQL page and its files, with the headers that keep a browser from running or fetching anything else."""

import gzip
import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib.resources import files

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from api.graphiql.stories import STORIES

# Monaco, the editor inside GraphiQL, styles its lines inline; nothing else is looser than 'self'.
CONTENT_SECURITY_POLICY = "; ".join(
    f"{directive} {sources}"
    for directive, sources in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }.items()
)
# Sent with every file too: a worker obeys the policy of its own script, not that of the page.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CACHED_FOR_GOOD = "public, max-age=31536000, immutable"
MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    media_type: str
    gzipped: bytes


def _read_assets() -> dict[str, Asset]:
    assets = {}
    for file in files("api.graphiql").joinpath("static").iterdir():
        content = file.read_bytes()
        name = file.name.removesuffix(".gz")
        gzipped = content if file.name.endswith(".gz") else gzip.compress(content, mtime=0)
        assets[name] = Asset(MEDIA_TYPES[name.rpartition(".")[2]], gzipped)
    return assets


def _fingerprint(assets: dict[str, Asset]) -> str:
    digest = hashlib.sha256()
    for name in sorted(assets):
        digest.update(name.encode())
        digest.update(assets[name].gzipped)
    return digest.hexdigest()[:16]


ASSETS = _read_assets()
VERSION = _fingerprint(ASSETS)
STORIES_JSON = orjson.dumps([asdict(story) for story in STORIES])

PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Oneshelf · GraphiQL</title>
    <link rel="icon" type="image/svg+xml" href="{assets}/oneshelf.svg">
    <link rel="stylesheet" href="{assets}/boot.css">
    <link rel="stylesheet" href="{assets}/oneshelf.css">
    <script type="module" src="{assets}/boot.js"></script>
  </head>
  <body>
    <div id="graphiql" data-endpoint="{root}{endpoint}" data-stories="{root}/graphiql/stories.json" data-logo="{assets}/oneshelf.svg">
      <p class="oneshelf-opening">Opening GraphiQL…</p>
    </div>
    <noscript>GraphiQL needs JavaScript.</noscript>
  </body>
</html>
"""


def graphiql_response(request: Request, *, endpoint: str = "/graphql") -> Response:
    """The page itself, for the handler of GET /graphql as well as for the routes below."""
    root = escape(request.scope.get("root_path", ""))
    content = PAGE.format(root=root, assets=f"{root}/graphiql/{VERSION}", endpoint=escape(endpoint))
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache", "Vary": "Accept"}
    return Response(content, headers=headers, media_type="text/html")


def graphiql_routes(*, endpoint: str = "/graphql") -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        return graphiql_response(request, endpoint=endpoint)

    return [
        Route("/graphiql", page),
        Route("/graphiql/stories.json", _stories),
        Route(f"/graphiql/{VERSION}/{{name}}", _asset),
    ]


async def _stories(_request: Request) -> Response:
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache"}
    return Response(STORIES_JSON, headers=headers, media_type="application/json")


async def _asset(request: Request) -> Response:
    # A name is only ever looked up here; no path of the file system is made from what a client sends.
    asset = ASSETS.get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("Not Found", status_code=404, headers=SECURITY_HEADERS)
    headers = {**SECURITY_HEADERS, "Cache-Control": CACHED_FOR_GOOD, "Vary": "Accept-Encoding"}
    if _accepts_gzip(request.headers):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
    return Response(_decompressed(asset), headers=headers, media_type=asset.media_type)


def _accepts_gzip(headers: Headers) -> bool:
    for coding in headers.get("accept-encoding", "").lower().split(","):
        name, _, parameter = coding.partition(";")
        if name.strip() in {"gzip", "*"}:
            return parameter.replace(" ", "").rstrip("0.") != "q="
    return False


# Kept, so that clients without gzip cannot make the event loop decompress megabytes again and again.
@cache
def _decompressed(asset: Asset) -> bytes:
    return gzip.decompress(asset.gzipped)
