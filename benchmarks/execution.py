"""One query by four executors, in the same run: stock Strawberry, graphql-core with our resolvers, plans, fused statements.

`python -m benchmarks.execution`, or `make bench`. The listing is that of `benchmarks.listing` at 20 locations; beside it
stand the detail of a product and the look-up of a barcode, and what a document costs when it is seen for the first time.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import uvloop
from rich.console import Console
from rich.table import Table

from api.catalog.fused import DECLARATIONS
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fusing.fields import Fuser
from api.pagination import encode_cursor
from api.schema import build_schema
from api.transport.session import Visitor
from benchmarks import stocked_shop
from benchmarks.in_process import Ask, Question, Shop, shop_on, timed
from benchmarks.listing import DOCUMENT, Browse
from benchmarks.load import body_of, measure
from benchmarks.own_statement import script
from benchmarks.pgbench import transactions_per_second
from benchmarks.premises import REPOSITORY, Server, Store, running, serving, store
from benchmarks.stock_strawberry import running as stock

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "8"))
LOCATIONS = 20
CLIENTS = (1, 16, 64)
NEW_DOCUMENTS = 40
RESULTS = REPOSITORY / "build" / "bench" / "execution.json"

_SWITCHES = {
    "graphql-core": {"ONESHELF_COMPILED": "false"},
    "plan": {"ONESHELF_FUSED": "false"},
    "fused": {},
}
_SHARING = {"each for itself": {"ONESHELF_SHARED": "false"}, "shared": {"ONESHELF_SHARED": "true"}}
_STOCK = "stock Strawberry"
_LEVEL = "location { code name } available { quantity isCapped } status"
DETAIL = f"""
query Detail($slug: String!) {{
  product(by: {{slug: $slug}}) {{
    id slug name description brand options {{ name values }} attributes {{ name value }}
    priceRange {{ min {{ amount currencyCode }} max {{ amount currencyCode }} }}
    media(first: 10) {{ url alt }}
    variants(first: 20) {{
      nodes {{
        id sku name selectedOptions {{ name value }} price {{ amount currencyCode compareAt {{ amount }} }}
        availability {{ {_LEVEL} }}
      }}
    }}
  }}
}}
"""
BARCODE = f"""
query Scan($barcode: String!) {{
  productVariant(by: {{barcode: $barcode}}) {{
    id sku name price {{ amount currencyCode }} product {{ name }} availability {{ {_LEVEL} }}
  }}
}}
"""

Figures = dict[str, float]


def main() -> None:
    with store() as there:
        after = asyncio.run(stocked_shop.fill(there.url, locations=LOCATIONS))
        figures = uvloop.run(_in_process(there, [encode_cursor(key) for key in after]))
        bodies = [body_of(DOCUMENT, after=encode_cursor(key)) for key in after]
        for who in (_STOCK, *_SWITCHES):
            with _served_by(who, there) as server:
                for clients in CLIENTS:
                    figures[f"HTTP, {clients}: {who}"] = _over_http(server, bodies, clients)
        for who, switches in _SHARING.items():
            with serving(there, **switches) as server:
                for clients in CLIENTS[1:]:
                    figures[f"one page, {clients}: {who}"] = _over_http(server, bodies[:1], clients)
        own = there.folder / "own.sql"
        own.write_text(asyncio.run(script(there.url, DOCUMENT, encode_cursor(after[0]))), encoding="utf-8")
        for clients in CLIENTS:
            rate = transactions_per_second(there, own, clients=clients, seconds=SECONDS)
            figures[f"HTTP, {clients}: pgbench of the fused statement"] = {"per_second": rate}
    _compare(figures)
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


async def _in_process(there: Store, cursors: list[str]) -> dict[str, Figures]:
    sessions = stock.sessions_on(there.url)

    async def stock_answer(question: Question) -> bytes:
        return await stock.answer(sessions, question.document, question.variables)

    listing = [Question(DOCUMENT, {"after": cursor}) for cursor in cursors]
    details = [Question(DETAIL, {"slug": f"product-{number}"}) for number in range(1, 400)]
    scans = [Question(BARCODE, {"barcode": str(4_000_000_000_000 + number)}) for number in range(1, 400)]
    figures: dict[str, Figures] = {}
    async with shop_on(there.url, there.folder) as shop:
        asks = {who: shop.asked_of(engine) for who, engine in _engines().items()}
        for questions, answering in (
            (listing, {_STOCK: stock_answer, **asks}),
            (details, asks),
            (scans, asks),
        ):
            await _expect_the_same_data(list(answering.values()), questions)
        for who, ask in {_STOCK: stock_answer, **asks}.items():
            figures[f"listing: {who}"] = await timed(ask, listing, seconds=SECONDS)
        for what, questions in (("detail", details), ("barcode", scans)):
            for who, ask in asks.items():
                figures[f"{what}: {who}"] = await _counted(shop, ask, questions)
        figures["first sight"] = await _first_sight(shop)
    return figures


def _engines() -> dict[str, Engine]:
    schema = build_schema()
    return {
        "graphql-core": Engine(schema, compiled=False),
        "plan": Engine(schema),
        "fused": Engine(schema, fuse=Fuser(DECLARATIONS)),
    }


async def _expect_the_same_data(asks: Sequence[Ask], questions: Sequence[Question]) -> None:
    """A benchmark that compares different things says nothing."""
    for question in (questions[0], questions[len(questions) // 2], questions[-1]):
        answers = [json.loads(await ask(question))["data"] for ask in asks]
        if not all(answer == answers[0] for answer in answers):
            raise RuntimeError("\n".join(json.dumps(answer)[:2000] for answer in answers))


async def _counted(shop: Shop, ask: Ask, questions: Sequence[Question]) -> Figures:
    shop.statements.clear()
    for question in questions:
        await ask(question)
    statements = len(shop.statements) / len(questions)
    return {**await timed(ask, questions, seconds=SECONDS / 4), "statements": statements}


async def _first_sight(shop: Shop) -> Figures:
    """What a document that nobody has sent before takes longer than one that is known, in the processor's time."""
    engine = Engine(build_schema(), fuse=Fuser(DECLARATIONS))
    context = (await shop.front.open_session(Visitor({}, "benchmark", None))).context("benchmark")

    async def spent(text: str) -> float:
        began = time.process_time()
        answer = await engine.execute(GraphQLRequest(text, {"after": None}), context)
        if answer.has_errors:
            raise RuntimeError(answer.body.decode())
        return 1000 * (time.process_time() - began)

    new = [await spent(f"{DOCUMENT}# {number}") for number in range(NEW_DOCUMENTS)]
    known = [await spent(f"{DOCUMENT}# 0") for _ in range(NEW_DOCUMENTS)]
    return {"cpu_ms": median(new) - median(known)}


@contextmanager
def _served_by(who: str, there: Store) -> Iterator[Server]:
    if who == _STOCK:
        with running(there, "benchmarks.stock_strawberry", there.url) as server:
            yield server
    else:
        with serving(there, **_SWITCHES[who]) as server:
            yield server


def _over_http(server: Server, bodies: list[bytes], clients: int) -> Figures:
    measured = measure(server, Browse(bodies), clients=clients, seconds=SECONDS, warm_up=SECONDS / 4)
    figures = {"per_second": measured.per_second_to_the_end, "cpu_ms": measured.cpu_milliseconds}
    if measured.latencies:
        figures |= {"ms": measured.milliseconds(50), "p99_ms": measured.milliseconds(99)}
    return figures


def _compare(figures: dict[str, Figures]) -> None:
    """How many times as fast as stock, as without sharing, and how much of what PostgreSQL gives by itself."""
    for name, row in figures.items():
        group, _, who = name.partition(": ")
        baseline = figures.get(f"{group}: {_STOCK}")
        if who == "shared":
            row["times_alone"] = row["per_second"] / figures[f"{group}: each for itself"]["per_second"]
        if baseline is not None and who != _STOCK:
            key = "per_second" if "per_second" in row else "ms"
            row["times"] = row[key] / baseline[key] if key == "per_second" else baseline[key] / row[key]
            if key == "ms":
                row["times_cpu"] = baseline["cpu_ms"] / row["cpu_ms"]
        own = figures.get(f"{group}: pgbench of the fused statement")
        if who == "fused" and own is not None:
            row["of_own_statement"] = row["per_second"] / own["per_second"]


def _show(figures: dict[str, Figures]) -> None:
    table = Table(title=f"24 products, 3 variants each, {LOCATIONS} locations each")
    table.add_column("what: who")
    columns: dict[str, tuple[str, str]] = {
        "requests/s": ("per_second", ",.0f"),
        "p50 ms": ("ms", ",.2f"),
        "CPU ms": ("cpu_ms", ",.2f"),
        "statements": ("statements", ".1f"),
        "times stock": ("times", ",.1f"),
        "times, CPU": ("times_cpu", ",.1f"),
        "times alone": ("times_alone", ",.1f"),
        "of its SQL": ("of_own_statement", ".0%"),
    }
    for heading in columns:
        table.add_column(heading, justify="right")
    for name, row in figures.items():
        table.add_row(name, *(format(row[key], form) if key in row else "" for key, form in columns.values()))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
