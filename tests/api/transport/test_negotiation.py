import pytest

from api.transport.negotiation import MediaType, prefers_html, reads_content_type, wishes

JSON, RESPONSE, STREAM = MediaType.JSON, MediaType.GRAPHQL_RESPONSE, MediaType.EVENT_STREAM
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
APOLLO = "application/graphql-response+json,application/json;q=0.9"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "best", "takes_event_stream"),
    [
        (None, JSON, False),
        ("", JSON, False),
        ("*/*", JSON, False),
        ("application/*", JSON, False),
        ("application/json", JSON, False),
        ("Application/JSON; charset=UTF-8", JSON, False),
        ("application/graphql-response+json", RESPONSE, False),
        ("application/graphql-response+json, application/json", RESPONSE, False),
        ("application/json, application/graphql-response+json", JSON, False),
        ("application/json;q=0.5, application/graphql-response+json;q=0.9", RESPONSE, False),
        ("application/json;q=0, */*", RESPONSE, False),
        ("application/graphql-response+json;q=0.1, */*", JSON, False),
        (URQL, RESPONSE, True),
        (APOLLO, RESPONSE, False),
        (CHROME, JSON, False),
        ("text/event-stream", STREAM, True),
        ("text/event-stream, application/json", STREAM, True),
        ("text/event-stream;q=0.5, application/json", JSON, True),
        ("text/event-stream;q=0, application/json", JSON, False),
        ("text/*", None, False),
        ("text/html", None, False),
        ("application/json;q=0", None, False),
        ("application/json; charset=latin1", None, False),
        ("application/json;q=abc", None, False),
        ("application/json;q=nan, text/event-stream;q=0.1", STREAM, True),
        (";;;,,,q=1", None, False),
    ],
)
def test_the_clients_wish_decides_by_quality_then_by_order(
    accept: str | None, best: MediaType | None, *, takes_event_stream: bool
) -> None:
    found = wishes(accept)

    assert (found.best, found.takes_event_stream) == (best, takes_event_stream)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (CHROME, True),
        ("text/html", True),
        ("application/json, text/html", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_a_person_is_told_from_a_program(accept: str | None, *, expected: bool) -> None:
    found = prefers_html(accept)

    assert found is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ('APPLICATION/JSON;charset="UTF-8"', True),
        ("application/json; charset=utf-16", False),
        ("application/graphql", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("text/plain", False),
        ("", False),
        (None, False),
    ],
)
def test_only_json_in_utf_8_is_read(content_type: str | None, *, expected: bool) -> None:
    found = reads_content_type(content_type)

    assert found is expected
