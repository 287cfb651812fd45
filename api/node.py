"""The Node interface: every object that clients cache by id."""

import strawberry

from api.access import SCOPED
from api.execution.fields import column


@strawberry.interface(description="An object with a globally unique id.")
class Node:
    id: strawberry.ID = column(SCOPED, "Globally unique, opaque, and never changes.")
