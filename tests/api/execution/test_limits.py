import pytest
from graphql import get_introspection_query, parse

from api.execution.limits import Limits, Measurement, excesses


def doubling_fragments(levels: int) -> str:
    spreads = [
        f"fragment F{n} on Node {{ inner {{ ...F{n + 1} }} other: inner {{ ...F{n + 1} }} }}" for n in range(levels)
    ]
    return f"{{ node {{ ...F0 }} }} {' '.join(spreads)} fragment F{levels} on Node {{ name }}"


def flat_doubling_fragments(levels: int) -> str:
    spreads = [f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return f"{{ node {{ ...F0 }} }} {' '.join(spreads)} fragment F{levels} on Node {{ name }}"


def messages(document: str, limits: Limits | None = None) -> list[str]:
    return [error.message for error in excesses(parse(document), limits or Limits())]


def test_fragments_that_double_at_each_level_are_refused_after_visiting_each_selection_once() -> None:
    document = parse(flat_doubling_fragments(25))

    measurement = Measurement(document, Limits())
    found = excesses(document, Limits())

    selections, spreads = 2 + 25 * 2 + 1, 1 + 25 * 2
    assert measurement.visits == selections + (spreads - 1) + spreads
    assert [error.message for error in found] == ["The document has more than 5000 fields."]


@pytest.mark.parametrize("levels", [10, 20, 40])
def test_the_work_grows_with_the_length_of_the_document_only(levels: int) -> None:
    measurement = Measurement(parse(flat_doubling_fragments(levels)), Limits())

    assert measurement.visits == 6 * levels + 4


def test_a_doubling_that_nests_is_refused_for_depth_and_fields() -> None:
    found = messages(doubling_fragments(25))

    assert found == [
        "The document has more than 15 levels of fields.",
        "The document has more than 5000 fields.",
        "The document has more than 100 aliases.",
    ]


def test_fields_aliases_and_directives_are_counted_through_fragments() -> None:
    document = parse(
        "query @a { one: node { ...F @b } ...G } fragment F on Node { x: name @c } fragment G on Query { node { ...F } }"
    )

    [(_, size)] = Measurement(document, Limits()).operations

    assert (size.depth, size.fields, size.root_fields, size.aliases, size.directives) == (2, 4, 2, 3, 4)


def test_a_cycle_of_fragments_is_measured_without_going_round() -> None:
    document = parse("{ node { ...A } } fragment A on Node { inner { ...B } } fragment B on Node { inner { ...A } }")

    [(_, size)] = Measurement(document, Limits()).operations

    assert size.fields == 3


def test_a_chain_of_fragments_longer_than_the_stack_is_measured() -> None:
    chain = " ".join(f"fragment F{n} on Node {{ inner {{ ...F{n + 1} }} }}" for n in range(2_000))
    document = parse(f"{{ node {{ ...F0 }} }} {chain} fragment F2000 on Node {{ name }}")

    [(_, size)] = Measurement(document, Limits()).operations

    assert size.fields == 2_002


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("{ a { b { c } } }", None),
        ("{ a { b { c { d } } } }", "The document has more than 3 levels of fields."),
        ("{ ... { ... { a } } }", None),
        ("{ ...F } fragment F on Q { a { b { c { d } } } }", "The document has more than 3 levels of fields."),
        ("{ a { ...F } } fragment F on Q { b { c } }", None),
        ("{ a { ...F } } fragment F on Q { b { c { d } } }", "The document has more than 3 levels of fields."),
        ("{ __schema { a { b { c } } } }", None),
        ("{ __schema { a { b { c { d } } } } }", "The document has more than 4 levels of introspection."),
        ("{ __schema { a { ...F } } } fragment F on T { b { c } }", None),
        ("{ __schema { a { ...F } } } fragment F on T { b { c { d } } }", "The document has more than 4 levels of introspection."),
        ("{ x1: a x2: a }", None),
        ("{ x1: a x2: a x3: a }", "The document has more than 2 aliases."),
        ("{ a @x @x }", None),
        ("{ a @x @x @x }", "The document has more than 2 directives."),
        ("mutation { a b }", None),
        ("mutation { a ...F } fragment F on M { b c }", "The document has more than 2 root fields in a mutation."),
        ("mutation { a ... { b } ... { c } }", "The document has more than 2 root fields in a mutation."),
        ("mutation { a { b c d } }", None),
        ("query A { a } query B { a }", None),
        ("query A { a } query B { a } query C { a }", "The document has more than 2 operations."),
        ("{ a b c d e f g h }", None),
        ("{ a b c d e f g h i }", "The document has more than 8 fields."),
    ],
)  # fmt: skip
def test_each_limit_allows_its_number_and_no_more(document: str, refusal: str | None) -> None:
    limits = Limits(
        operations=2, depth=3, introspection_depth=4, fields=8, aliases=2, directives=2, mutation_root_fields=2
    )

    found = messages(document, limits)

    assert found == ([refusal] if refusal else [])


def test_the_introspection_query_of_graphiql_is_within_the_limits() -> None:
    query = get_introspection_query(
        descriptions=True, specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )

    found = messages(query)

    assert found == []
