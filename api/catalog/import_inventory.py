"""What a file counts at each location becomes rows of the ledger."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.catalog.import_summary import ImportSummary
from domain.catalog.rows import Reason, RowFault
from domain.catalog.shopify_inventory import Counted, movements
from domain.catalog.slugs import code
from persistence import importing
from persistence.channels import places
from persistence.database import Database, Row
from persistence.inventory import movements as ledger
from persistence.inventory import stock_levels
from persistence.inventory.stock_levels import Pair

_WAREHOUSE_WORDS = ("warehouse", "lager")


class StockWriter:
    """`default_location_id` is where units are that the file places nowhere."""

    def __init__(
        self, database: Database, reference: str, default_location_id: int | None, summary: ImportSummary
    ) -> None:
        self._database = database
        self._reference = reference
        self._default_location_id = default_location_id
        self._summary = summary
        self._locations: dict[str, int] = {}

    async def write(self, batch: Sequence[Counted]) -> list[RowFault]:
        """One transaction; the rows of it that name no variant of ours or no location."""
        async with self._database.reading() as reader:
            known = await importing.variants_by_sku(reader, {counted.sku for counted in batch})
        faults = []
        counts: dict[Pair, int] = {}
        for counted in batch:
            location_id = await self._location_id(counted.location)
            if counted.sku not in known or location_id is None:
                reason = Reason.NO_LOCATION if counted.sku in known else Reason.UNKNOWN_SKU
                faults.append(RowFault(line=counted.line, reason=reason, handle=counted.handle, sku=counted.sku))
            else:
                counts[known[counted.sku]["id"], location_id] = counted.on_hand
        await self._write(counts)
        return faults

    async def write_at_default(self, on_hand: Mapping[UUID, int]) -> None:
        """Units by variant."""
        assert self._default_location_id is not None
        await self._write({(id_, self._default_location_id): units for id_, units in on_hand.items()})

    async def _write(self, counts: Mapping[Pair, int]) -> None:
        if not counts:
            return
        async with self._database.transaction() as connection:
            ids = await stock_levels.open_pairs(connection, counts)
            levels = await stock_levels.lock(connection, ids.values())
            changes = movements(levels, {ids[pair]: units for pair, units in counts.items()}, self._reference)
            await ledger.apply(connection, changes, actor="system")
        created = sum(change.reason == "INITIAL" for change in changes)
        tally = self._summary.levels
        tally.created += created
        tally.updated += len(changes) - created
        tally.unchanged += len(counts) - len(changes)

    async def _location_id(self, name: str) -> int | None:
        if not name:
            return self._default_location_id
        if name not in self._locations:
            self._locations[name] = await self._find_or_open(name)
        return self._locations[name]

    async def _find_or_open(self, name: str) -> int:
        async with self._database.transaction() as connection:
            made = code(name)
            found = _find(await places.locations(connection), name, made)
            if found is None:
                is_warehouse = any(word in name.casefold() for word in _WAREHOUSE_WORDS)
                found = await places.insert_location(
                    connection,
                    code=made,
                    name=name,
                    kind="WAREHOUSE" if is_warehouse else "STORE",
                    address=None,
                    latitude=None,
                    longitude=None,
                    timezone="UTC",
                    opening_hours=[],
                    offers_pickup=not is_warehouse,
                    ships_orders=True,
                    sourcing_priority=100,
                )
                self._summary.locations_created.append(made)
        return int(found["id"])


def _find(locations: Sequence[Row], name: str, code: str) -> Row | None:
    by_name = (row for row in locations if row["name"].casefold() == name.casefold())
    return next(by_name, next((row for row in locations if row["code"] == code), None))
