"""Pages of carts: those set aside in stores, and those of customers. Whole carts are read by their ids."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from persistence.database import Reader, Row
from persistence.statements import Statement

_PARKED = """
FROM cart
WHERE status = 'PARKED' AND parked_location_id = ANY (CAST(:location_ids AS int[])) AND expires_at > now()
"""
_PAGE_OF_PARKED = Statement(f"""
SELECT id, updated_at {_PARKED}
  AND (CAST(:after_at AS timestamptz) IS NULL
       OR (updated_at, id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
ORDER BY updated_at DESC, id DESC LIMIT :count
""")
_COUNT_PARKED = Statement(f"SELECT count(*) {_PARKED}")
_PAGE_OF_EACH = Statement("""
SELECT of_customer.id AS customer_id, each.id
FROM unnest(CAST(:customer_ids AS uuid[])) AS of_customer (id)
CROSS JOIN LATERAL (
  SELECT cart.id FROM cart
  WHERE cart.customer_id = of_customer.id
    AND (CAST(:after_id AS uuid) IS NULL OR cart.id < CAST(:after_id AS uuid))
  ORDER BY cart.id DESC LIMIT :count) AS each
ORDER BY of_customer.id, each.id DESC
""")
_COUNT_OF_EACH = Statement("""
SELECT customer_id, count(*) AS count FROM cart
WHERE customer_id = ANY (CAST(:customer_ids AS uuid[])) GROUP BY customer_id
""")


async def page_of_parked(
    reader: Reader, location_ids: Collection[int], *, after: tuple[datetime, UUID] | None, count: int
) -> list[Row]:
    """Set aside at one of these locations, the latest first; ids and moments."""
    moment, id_ = after or (None, None)
    return await reader.fetch(
        _PAGE_OF_PARKED, location_ids=list(location_ids), after_at=moment, after_id=id_, count=count
    )


async def count_parked(reader: Reader, location_ids: Collection[int]) -> int:
    counted: int = await reader.fetch_value(_COUNT_PARKED, location_ids=list(location_ids))
    return counted


async def page_of_each_customer(
    reader: Reader, customer_ids: Collection[UUID], *, after: UUID | None, count: int
) -> list[Row]:
    """The ids of each customer's carts, whatever became of them, the newest first."""
    return await reader.fetch(_PAGE_OF_EACH, customer_ids=list(set(customer_ids)), after_id=after, count=count)


async def count_of_each_customer(reader: Reader, customer_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await reader.fetch(_COUNT_OF_EACH, customer_ids=list(customer_ids))
    return {row["customer_id"]: row["count"] for row in rows}
