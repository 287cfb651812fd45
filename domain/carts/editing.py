"""Changing the lines of a cart. Deltas add up whoever sends them; absolute quantities replace."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.carts.cart import MOST_LINES, MOST_UNITS, Cart
from domain.errors import InvalidInput, NotFound, Path


@dataclass(frozen=True, slots=True)
class Addition:
    """So many units of a variant; `path` is where in the input they were asked for."""

    variant_id: UUID
    quantity: int
    path: Path


@dataclass(frozen=True, slots=True)
class NewQuantity:
    """Absolute; 0 removes the line. The paths are where in the input line and quantity were named."""

    line_id: UUID
    quantity: int
    line_path: Path
    quantity_path: Path


def add(cart: Cart | None, additions: Sequence[Addition]) -> dict[UUID, int]:
    """The quantity that each named variant has afterwards; naming one twice counts twice.

    Raises InvalidInput for quantities outside 1 to 999, or too many lines.
    """
    before = {line.variant_id: line.quantity for line in cart.lines} if cart else {}
    after: dict[UUID, int] = {}
    for addition in additions:
        if not 1 <= addition.quantity <= MOST_UNITS:
            raise InvalidInput(f"The quantity is between 1 and {MOST_UNITS}.", path=(*addition.path, "quantity"))
        quantity = after.get(addition.variant_id, before.get(addition.variant_id, 0)) + addition.quantity
        if quantity > MOST_UNITS:
            raise InvalidInput(f"A line has at most {MOST_UNITS} units.", path=(*addition.path, "quantity"))
        after[addition.variant_id] = quantity
    if len(before.keys() | after.keys()) > MOST_LINES:
        raise InvalidInput(f"A cart has at most {MOST_LINES} lines.", path=("input", "lines"))
    return after


def set_quantities(cart: Cart, changes: Sequence[NewQuantity]) -> dict[UUID, int]:
    """The new quantity of each line that changes; 0 for those to remove.

    Raises NotFound for a line of another cart, InvalidInput for quantities outside 0 to 999.
    """
    known = {line.id for line in cart.lines}
    after: dict[UUID, int] = {}
    for change in changes:
        if change.line_id not in known:
            raise NotFound("This cart has no such line.", path=change.line_path)
        if not 0 <= change.quantity <= MOST_UNITS:
            raise InvalidInput(f"The quantity is between 0 and {MOST_UNITS}.", path=change.quantity_path)
        after[change.line_id] = change.quantity
    return after
