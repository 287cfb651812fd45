"""Facets of lists of products, read only where they are selected."""

from collections.abc import Sequence
from typing import Any

from api.catalog.filters import criteria_of
from api.context import Context
from persistence.search import facets
from persistence.search.criteria import Criteria

FACETS_OF = "facets_of"
"""Where the source of a connection keeps what its facets are counted over: criteria, or a group and its id."""

_NAMES = {"category": "Category", "brand": "Brand", "tag": "Tag", "stock": "Availability"}
_ORDER = ("category", "brand", "attribute", "tag", "stock")


async def facets_of(connections: Sequence[Any], context: Context) -> list[list[dict[str, Any]]]:
    """One statement for each list of the root, and one for all categories, or all collections, together."""
    counted: dict[Any, list[Any]] = {}
    groups: dict[str, set[int]] = {}
    async with context.database.reading() as reader:
        for position, connection in enumerate(connections):
            scope = connection[FACETS_OF]
            if isinstance(scope, Criteria):
                counted[position] = await facets.of_list(reader, scope)
            else:
                groups.setdefault(scope[0], set()).add(scope[1])
        for group, ids in groups.items():
            for row in await facets.of_groups(reader, group, list(ids), criteria_of(context, None)):
                counted.setdefault((group, row["group_id"]), []).append(row)
    return [
        _grouped(counted.get(position if isinstance(connection[FACETS_OF], Criteria) else connection[FACETS_OF], []))
        for position, connection in enumerate(connections)
    ]


def _grouped(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows come sorted within each kind."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row["kind"], row["name"]), []).append(row)
    ordered = sorted(found.items(), key=lambda facet: _ORDER.index(facet[0][0]))
    return [{"name": _NAMES.get(kind, name), "values": values} for (kind, name), values in ordered]
