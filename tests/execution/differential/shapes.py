"""A schema that has every shape of nullability and lists, for leaves, objects, unions and interfaces, by every kind of field.

The product's own schema is mostly non-null, as it should be: there one bad value often takes the whole answer with it.
Nothing here answers by itself: `generated_schema` puts a generated function in the place of each, and one that it forgot raises.
"""

from enum import Enum
from typing import Annotated, Any, Optional

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.access import PUBLIC
from api.execution.access import ACCESS, guard
from api.execution.fields import batched, column, inline, read
from api.schema import _know_rows

DESCRIPTION = "Any."


@strawberry.enum
class Color(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input
class Wish:
    number: int
    words: list[str | None] | None = None
    color: Color = Color.RED
    more: "Wish | None" = None


@strawberry.interface
class Being:
    id: strawberry.ID = column(PUBLIC, DESCRIPTION)
    partner: "Being | None" = column(PUBLIC, DESCRIPTION)


@strawberry.type
class Cat(Being):
    lives: int = column(PUBLIC, DESCRIPTION)
    color: Color | None = column(PUBLIC, DESCRIPTION)

    @batched(PUBLIC, DESCRIPTION)
    async def prey(cats: list[Any], context: Any, wanted: frozenset[str], words: str = "x") -> list["Being"]:  # noqa: N805
        raise NotImplementedError


@strawberry.type
class Dog(Being):
    tricks: list[str] | None = column(PUBLIC, DESCRIPTION)
    # The same row seen as another type, at any depth.
    shadow: "Shadow" = inline(lambda row: row, PUBLIC, DESCRIPTION, same_row=True)
    ghost: "Shadow | None" = inline(lambda row: row, PUBLIC, DESCRIPTION, same_row=True)

    @strawberry.field(metadata={ACCESS: PUBLIC})
    async def owner(self, wish: Wish | None = None, number: int = 3) -> "Cat | None":
        raise NotImplementedError


@strawberry.type
class Shadow:
    id: strawberry.ID = column(PUBLIC, DESCRIPTION)
    length: float | None = inline(lambda row: row["id"], PUBLIC, DESCRIPTION)
    deeper: "Shadow" = inline(lambda row: row, PUBLIC, DESCRIPTION, same_row=True)

    @batched(PUBLIC, DESCRIPTION)
    async def caster(shadows: list[Any], context: Any, wanted: frozenset[str]) -> "Dog | None":  # noqa: N805
        raise NotImplementedError


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]

ELEMENTS: dict[str, Any] = {"int": int, "color": Color, "dog": Dog, "pet": Pet, "being": Being}


def _shapes(element: Any) -> dict[str, Any]:
    optional: Any = Optional[element]  # noqa: UP045 - A union in Annotated knows no "|".
    return {
        "one": element,
        "maybe": optional,
        "list_of_one": list[element],
        "list_of_maybe": list[optional],
        "maybe_list_of_one": list[element] | None,
        "maybe_list_of_maybe": list[optional] | None,
    }


def _sync_field(type_: Any) -> Any:
    def resolver(self: Any, info: strawberry.Info, number: int = 1, wish: Wish | None = None) -> Any:
        raise NotImplementedError

    resolver.__annotations__["return"] = type_
    return strawberry.field(resolver=resolver, metadata={ACCESS: PUBLIC})


def _async_field(type_: Any) -> Any:
    async def resolver(self: Any, info: strawberry.Info, words: list[str] | None = None) -> Any:
        raise NotImplementedError

    resolver.__annotations__["return"] = type_
    return strawberry.field(resolver=resolver, metadata={ACCESS: PUBLIC})


def _batched_field(type_: Any) -> Any:
    async def load(
        parents: list[Any], context: Any, wanted: frozenset[str], *, number: int = 1, wish: Wish | None = None
    ) -> Any:
        raise NotImplementedError

    load.__annotations__["return"] = type_
    return batched(PUBLIC, DESCRIPTION)(load)


def _with_every_shape() -> type:
    namespace: dict[str, Any] = {"__module__": __name__}
    annotations: dict[str, Any] = {}
    for element_name, element in ELEMENTS.items():
        for shape_name, shape in _shapes(element).items():
            name = f"{element_name}_{shape_name}"
            annotations[f"column_{name}"] = shape
            namespace[f"column_{name}"] = column(PUBLIC, DESCRIPTION)
            annotations[f"inline_{name}"] = shape
            namespace[f"inline_{name}"] = inline(lambda row: row["id"], PUBLIC, DESCRIPTION)
            namespace[f"batched_{name}"] = _batched_field(shape)
            namespace[f"sync_{name}"] = _sync_field(shape)
            namespace[f"async_{name}"] = _async_field(shape)
    namespace["__annotations__"] = annotations
    return strawberry.type(type("Shapes", (), namespace))


@strawberry.type
class Everything(_with_every_shape()):  # type: ignore[misc]  # Its fields are made above.
    id: strawberry.ID = column(PUBLIC, DESCRIPTION)

    @batched(PUBLIC, DESCRIPTION)
    async def again(parents: list[Any], context: Any, wanted: frozenset[str]) -> "list[Everything | None] | None":  # noqa: N805
        raise NotImplementedError

    @batched(PUBLIC, DESCRIPTION)
    async def other(parents: list[Any], context: Any, wanted: frozenset[str]) -> "Everything | None":  # noqa: N805
        raise NotImplementedError


@strawberry.type
class Query:
    @strawberry.field(metadata={ACCESS: PUBLIC})
    async def everything(self, info: strawberry.Info) -> Everything | None:
        raise NotImplementedError

    @strawberry.field(metadata={ACCESS: PUBLIC})
    def all(self, info: strawberry.Info) -> list[Everything | None] | None:
        raise NotImplementedError

    @strawberry.field(metadata={ACCESS: PUBLIC})
    def pet(self, info: strawberry.Info, wish: Wish) -> Pet | None:
        raise NotImplementedError


@strawberry.type
class Mutation:
    @strawberry.field(metadata={ACCESS: PUBLIC})
    async def change(self, info: strawberry.Info, wish: Wish) -> Everything | None:
        raise NotImplementedError

    @strawberry.field(metadata={ACCESS: PUBLIC})
    async def adopt(self, info: strawberry.Info, number: int = 1) -> Pet:
        raise NotImplementedError


def build_shapes() -> GraphQLSchema:
    config = StrawberryConfig(default_resolver=read, disable_field_suggestions=True)
    compiled = strawberry.Schema(Query, Mutation, types=[Cat, Dog], config=config)._schema
    _know_rows(compiled)
    guard(compiled)
    return compiled
