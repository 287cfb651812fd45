"""Interfaces and unions: which type an object has, which fragments apply to it, and what is wrong with others.

After graphql-js, src/execution/__tests__/{abstract,union-interface}-test.ts, and graphql-core,
tests/execution/test_abstract.py and test_union_interface.py.
"""

from typing import Any

import pytest

from tests.execution.conformance.tables import Case, Later, conforms, fails, hold

pytestmark = pytest.mark.anyio

SCHEMA = """
interface Life { progeny: [Life] }
interface Mammal implements Life { progeny: [Mammal] mother: Mammal }
interface Named { name: String }
type Dog implements Mammal & Life & Named { name: String barks: Boolean progeny: [Dog] mother: Dog }
type Cat implements Mammal & Life & Named { name: String meows: Boolean progeny: [Cat] mother: Cat }
type Person implements Named & Mammal & Life {
  name: String pets: [Pet] friends: [Named] progeny: [Person] mother: Person
}
type Stone { name: String }
union Pet = Dog | Cat
type Query { person: Person pet: Pet pets: [Pet!]! named: [Named] }
"""


def dog(name: str, **more: Any) -> dict[str, Any]:
    return {"__typename": "Dog", "name": name, "barks": True, "progeny": None, "mother": None, **more}


def cat(name: str, **more: Any) -> dict[str, Any]:
    return {"__typename": "Cat", "name": name, "meows": False, "progeny": None, "mother": None, **more}


GARFIELD = cat("Garfield", mother=cat("Garfield's Mom", progeny=[cat("Garfield")]))
ODIE = dog("Odie", mother=dog("Odie's Mom", progeny=[dog("Odie")]))
LIZ = {"__typename": "Person", "name": "Liz", "mother": None, "progeny": None}
JOHN = {"name": "John", "pets": [GARFIELD, ODIE], "friends": [LIZ, ODIE], "progeny": None, "mother": None}
SHOWN_CAT = {"__typename": "Cat", "name": "Garfield", "meows": False}
SHOWN_DOG = {"__typename": "Dog", "name": "Odie", "barks": True}
SHOWN_LIZ = {"__typename": "Person", "name": "Liz"}


def of_john(name: str, selections: str, data: Any, fragments: str = "") -> Case:
    document = f"{{ person {{ __typename name {selections} }} }} {fragments}"
    return Case(name, SCHEMA, document, {"person": JOHN}, {"person": {"__typename": "Person", "name": "John", **data}})


@conforms(
    of_john(
        "a union with inline fragments",
        "pets { __typename ... on Dog { name barks } ... on Cat { name meows } }",
        {"pets": [SHOWN_CAT, SHOWN_DOG]},
    ),
    of_john(
        "an interface with inline fragments",
        "friends { __typename name ... on Dog { barks } ... on Cat { meows } ... on Mammal { mother { __typename "
        "... on Dog { name barks } ... on Cat { name meows } } } }",
        {
            "friends": [
                {**SHOWN_LIZ, "mother": None},
                {**SHOWN_DOG, "mother": {"__typename": "Dog", "name": "Odie's Mom", "barks": True}},
            ]
        },
    ),
    of_john(
        "an interface with named fragments",
        "friends { __typename name ...DogBarks ...CatMeows }",
        {"friends": [SHOWN_LIZ, SHOWN_DOG]},
        "fragment DogBarks on Dog { barks } fragment CatMeows on Cat { meows }",
    ),
    of_john(
        "conditions that are abstract types",
        "pets { ...PetFields ... on Mammal { mother { ...ProgenyFields } } } friends { ...FriendFields }",
        {
            "pets": [
                {**SHOWN_CAT, "mother": {"progeny": [{"__typename": "Cat"}]}},
                {**SHOWN_DOG, "mother": {"progeny": [{"__typename": "Dog"}]}},
            ],
            "friends": [SHOWN_LIZ, SHOWN_DOG],
        },
        "fragment PetFields on Pet { __typename ... on Dog { name barks } ... on Cat { name meows } } "
        "fragment FriendFields on Named { __typename name ... on Dog { barks } ... on Cat { meows } } "
        "fragment ProgenyFields on Life { progeny { __typename } }",
    ),
    of_john(
        "a fragment that applies to nothing there",
        "pets { ... on Named { ... on Person { name } } }",
        {"pets": [{}, {}]},
    ),
)
async def test_fragments_apply_to_their_types(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


ALTERNATING = [dog("1"), cat("2"), dog("3"), cat("4"), cat("5")]


@conforms(
    Case(
        "types that alternate",
        SCHEMA,
        "{ pets { ... on Cat { meows name } __typename ... on Dog { name } } }",
        {"pets": ALTERNATING},
        {
            "pets": [
                {"__typename": "Dog", "name": "1"},
                {"meows": False, "name": "2", "__typename": "Cat"},
                {"__typename": "Dog", "name": "3"},
                {"meows": False, "name": "4", "__typename": "Cat"},
                {"meows": False, "name": "5", "__typename": "Cat"},
            ]
        },
    ),
    Case(
        "nulls and errors among them",
        SCHEMA,
        "{ named { name ... on Dog { barks } } }",
        {"named": [dog("1"), None, cat("2"), ValueError("bad"), dog("3", barks=ValueError("hoarse"))]},
        {
            "named": [
                {"name": "1", "barks": True},
                None,
                {"name": "2"},
                None,
                {"name": "3", "barks": None},
            ]
        },
        (fails("bad", 1, 3, "named", 3), fails("hoarse", 1, 29, "named", 4, "barks")),
    ),
    Case("after waiting", SCHEMA, "{ pet { __typename } }", {"pet": Later(dog("1"))}, {"pet": {"__typename": "Dog"}}),
)
async def test_objects_stay_in_their_places(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


NOT_SAID = (
    "Abstract type 'Pet' must resolve to an Object type at runtime for field 'Query.pet'. Either the 'Pet' type should "
    "provide a 'resolve_type' function or each possible type should provide an 'is_type_of' function."
)


def odd(name: str, typename: object, message: str) -> Case:
    row = {"name": "?"} if typename is None else {"__typename": typename, "name": "?"}
    return Case(name, SCHEMA, "{ pet { __typename } }", {"pet": row}, {"pet": None}, (fails(message, 1, 3, "pet"),))


@conforms(
    odd(
        "a type that there is not",
        "Undefined",
        "Abstract type 'Pet' was resolved to a type 'Undefined' that does not exist inside the schema.",
    ),
    odd(
        "an object type that is none of these", "Stone", "Runtime Object type 'Stone' is not a possible type for 'Pet'."
    ),
    odd("an interface", "Named", "Abstract type 'Pet' was resolved to a non-object type 'Named'."),
    odd("a scalar", "String", "Abstract type 'Pet' was resolved to a non-object type 'String'."),
    odd("not said", None, NOT_SAID),
    Case(
        "none of these, where it must not be null",
        SCHEMA,
        "{ pets { __typename } }",
        {"pets": [dog("1"), {"__typename": "Stone"}]},
        None,
        (fails("Runtime Object type 'Stone' is not a possible type for 'Pet'.", 1, 3, "pets", 1),),
    ),
)
async def test_an_object_of_another_type_is_an_error(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
