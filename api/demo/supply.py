"""The demo's stock as levels with their ledger, and what is on the road between two of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from api.demo.catalog import DemoProduct
from api.demo.places import LOCATIONS
from api.demo.stock import UNDERWAY, Shipment, beginnings
from domain.inventory.adjustment import Movement
from persistence import bulk_loading
from persistence.bulk_loading import Opening
from persistence.database import Connection
from persistence.inventory import movements, stock_levels

_ACTOR = "system"
_REFERENCE = "demo"
_DAYS_ON_THE_ROAD = 2


class Supply:
    def __init__(self, connection: Connection, location_ids: Mapping[str, int]) -> None:
        self._connection = connection
        self._location_ids = location_ids
        self._more_stores = list(location_ids)[len(LOCATIONS) :]
        # Of what is told about later.
        self._shipped_ids: dict[str, UUID] = {}

    async def stock(self, products: Sequence[DemoProduct], variant_ids: Mapping[str, UUID]) -> None:
        shipped = {shipment.sku for shipment in UNDERWAY}
        self._shipped_ids |= {sku: id_ for sku, id_ in variant_ids.items() if sku in shipped}
        openings = [
            Opening(
                variant_id=variant_ids[level.sku],
                location_id=self._location_ids[level.location],
                on_hand=level.on_hand,
                unavailable=level.unavailable,
                safety_stock=level.safety_stock,
                incoming=level.incoming,
            )
            for product in products
            for level in beginnings(product, self._more_stores)
        ]
        await bulk_loading.open_levels(self._connection, openings, reference=_REFERENCE, actor=_ACTOR)

    async def send_off(self) -> None:
        """What is underway leaves its origin and is awaited where it goes."""
        pairs = {
            (self._shipped_ids[shipment.sku], self._location_ids[code])
            for shipment in UNDERWAY
            for code in (shipment.origin, shipment.destination)
        }
        level_ids = await stock_levels.open_pairs(self._connection, pairs)
        await stock_levels.lock(self._connection, list(level_ids.values()))
        for shipment in UNDERWAY:
            await self._send(shipment, level_ids)

    async def _send(self, shipment: Shipment, level_ids: Mapping[tuple[UUID, int], int]) -> None:
        origin_id, destination_id = (self._location_ids[code] for code in (shipment.origin, shipment.destination))
        origin, destination = (level_ids[self._shipped_ids[shipment.sku], id_] for id_ in (origin_id, destination_id))
        transfer_id = uuid7()
        reference = f"transfer:{transfer_id}"
        await bulk_loading.ship(
            self._connection,
            transfer_id,
            origin_id=origin_id,
            destination_id=destination_id,
            expected_at=datetime.now(UTC) + timedelta(days=_DAYS_ON_THE_ROAD),
        )
        await bulk_loading.ship_line(
            self._connection,
            transfer_id,
            origin_level_id=origin,
            destination_level_id=destination,
            shipped=shipment.units,
        )
        await movements.apply(
            self._connection,
            [
                Movement(stock_level_id=origin, reason="TRANSFER_OUT", on_hand=-shipment.units, reference=reference),
                Movement(
                    stock_level_id=destination,
                    reason="TRANSFER_INCOMING",
                    incoming=shipment.units,
                    reference=reference,
                ),
            ],
            actor=_ACTOR,
        )
