import pytest
from graphql import DocumentNode, get_introspection_query, parse

from api.execution.documents import Document, DocumentCache, RecentlyUsed
from api.execution.limits import Limits
from tests.api.transport.sample import sample_schema


@pytest.fixture
def cache() -> DocumentCache:
    return DocumentCache(sample_schema(), Limits())


def refusals(cache: DocumentCache, text: str) -> list[tuple[str, str]]:
    checked = cache.look_up(text)
    assert not isinstance(checked, Document)
    return [(error["extensions"]["code"], error["message"]) for error in checked]


def test_a_document_is_parsed_and_validated_once(cache: DocumentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counted(text: str, **options: int) -> DocumentNode:
        parsed.append(text)
        return parse(text, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("api.execution.documents.parse", counted)

    first, second = cache.look_up("{ hello }"), cache.look_up("{ hello }")

    assert isinstance(first, Document)
    assert second is first
    assert parsed == ["{ hello }"]


def test_a_refused_document_is_remembered_too(cache: DocumentCache) -> None:
    first, second = cache.look_up("{ helo }"), cache.look_up("{ helo }")

    assert not isinstance(first, Document)
    assert second is first


def test_garbage_does_not_push_out_good_documents(cache: DocumentCache) -> None:
    good = cache.look_up("{ hello }")

    for number in range(2_000):
        cache.look_up(f"{{ garbage{number} }}")

    assert cache.look_up("{ hello }") is good


def test_the_least_recently_used_text_goes_first() -> None:
    recent: RecentlyUsed[int] = RecentlyUsed(texts=2, characters=100)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.get("a")

    recent.put("c", 3)

    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_texts_are_bounded_by_their_length_in_sum() -> None:
    recent: RecentlyUsed[int] = RecentlyUsed(texts=100, characters=10)

    recent.put("a" * 6, 1)
    recent.put("b" * 6, 2)
    recent.put("c" * 11, 3)

    assert (len(recent), recent.get("b" * 6)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ("{", "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ("{ helo }", "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'helo' on type 'Query'."),
        ("type A { a: Int }", "GRAPHQL_VALIDATION_FAILED", "The 'A' definition is not executable."),
        ("{ a " * 300, "LIMIT_EXCEEDED", "Document is nested too deeply."),
        ("{ " + "hello " * 4_000 + "}", "LIMIT_EXCEEDED", "Document contains more than 4000 tokens."),
        ("#\n" * 4_001 + "{ hello }", "LIMIT_EXCEEDED", "Document contains more than 4000 comments."),
        ("{ hello }" + " " * 100_000, "LIMIT_EXCEEDED", "The document has more than 100000 characters."),
        ("{ " + 'hello(name: "a") ' * 500 + "}", "LIMIT_EXCEEDED", "The document takes too long to validate."),
        ("{ " + "node { " * 16 + "name" + " }" * 16 + " }", "LIMIT_EXCEEDED", "The document has more than 15 levels of fields."),
        (
            "{ node { ...A } } fragment A on Node { inner { ...A } }",
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot spread fragment 'A' within itself.",
        ),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_bad_document_is_refused_with_its_code(cache: DocumentCache, text: str, code: str, message: str) -> None:
    found = refusals(cache, text)

    assert found == [(code, message)]


def test_suggestions_do_not_reveal_what_exists(cache: DocumentCache) -> None:
    [(_, message)] = refusals(cache, '{ hello(nam: "x") }')

    assert message == "Unknown argument 'nam' on field 'Query.hello'."


def test_at_most_five_errors_are_told(cache: DocumentCache) -> None:
    found = refusals(cache, "{ a b c d e f g h }")

    assert len(found) == 5


def test_a_long_echo_is_cut(cache: DocumentCache) -> None:
    [(_, message)] = refusals(cache, "{ " + "x" * 50_000 + " }")

    assert len(message) == 501


def test_introspection_can_be_turned_off() -> None:
    closed = DocumentCache(sample_schema(), Limits(), introspection=False)

    found = refusals(closed, get_introspection_query())

    assert {code for code, _ in found} == {"GRAPHQL_VALIDATION_FAILED"}


def test_introspection_is_open_by_default(cache: DocumentCache) -> None:
    checked = cache.look_up(get_introspection_query())

    assert isinstance(checked, Document)


def test_each_operation_is_appraised_with_its_document(cache: DocumentCache) -> None:
    checked = cache.look_up("query A { hello } query B { node { inner { name } } }")

    assert isinstance(checked, Document)
    assert [checked.appraisal(operation).cost({}) for operation in checked.operations] == [0, 2]
