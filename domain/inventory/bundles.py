"""Bundles: variants made of others. A bundle has no stock of its own; what is sold of it is taken from its components.

A location serves whole bundles only: as many as its scarcest component allows. No bundle is put together from two places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import Faulty, InvalidInput, NotFound, Path, refuse_if_any

MOST_COMPONENTS = 20
MOST_OF_A_COMPONENT = 100


@dataclass(frozen=True, slots=True)
class Component:
    """So many units of a variant are in one bundle."""

    variant_id: UUID
    quantity: int


Pair = tuple[UUID, int]
"""A variant and a location."""


def parts_of(variant_id: UUID, components: Sequence[Component]) -> tuple[Component, ...]:
    """What one unit takes from stock: a variant without components is its own only part."""
    return tuple(components) or (Component(variant_id, 1),)


def units_at(location_id: int, parts: Sequence[Component], free: Mapping[Pair, int]) -> int:
    """How many units can be made of what is free there; never negative."""
    return max(0, min(free.get((part.variant_id, location_id), 0) // part.quantity for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedComponent:
    """As an input names it; a null variant names nothing that exists."""

    variant_id: UUID | None
    quantity: int
    is_bundle: bool
    path: Path


def compose(bundle_id: UUID, named: Sequence[NamedComponent], faults: Sequence[Faulty] = ()) -> tuple[Component, ...]:
    """The composition.

    Raises NotFound or InvalidInput with `faults`, found before, and everything else that cannot be in a bundle.
    """
    found = list(faults)
    if not 1 <= len(named) <= MOST_COMPONENTS:
        found.append(InvalidInput(f"A bundle has 1 to {MOST_COMPONENTS} components.", path=("input", "components")))
    seen: set[UUID] = set()
    for one in named:
        path = (*one.path, "variant")
        if one.variant_id is None:
            found.append(NotFound("There is no such variant.", path=path))
        elif one.variant_id == bundle_id:
            found.append(InvalidInput("A bundle does not contain itself.", path=path))
        elif one.is_bundle:
            found.append(InvalidInput("A bundle does not contain other bundles.", path=path))
        elif one.variant_id in seen:
            found.append(InvalidInput("This is named more than once.", path=path))
        if not 1 <= one.quantity <= MOST_OF_A_COMPONENT:
            message = f"The quantity is between 1 and {MOST_OF_A_COMPONENT}."
            found.append(InvalidInput(message, path=(*one.path, "quantity")))
        if one.variant_id is not None:
            seen.add(one.variant_id)
    refuse_if_any(found)
    return tuple(Component(one.variant_id, one.quantity) for one in named if one.variant_id is not None)
