"""Logs tell where it went wrong, and nothing of what people typed."""

import logging
from collections.abc import Iterator

import pytest

from api.telemetry import configure_logging


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_traceback_names_the_place_but_no_values(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    configure_logging(level="info", as_json=as_json)

    def sign_in(password: str) -> None:
        raise RuntimeError(f"refused after {len(password)} letters")

    try:
        sign_in("correct horse battery staple")
    except RuntimeError:
        logging.getLogger("test").exception("Signing in failed")

    logged = capsys.readouterr().err
    assert "refused after 28 letters" in logged
    assert "sign_in" in logged
    assert "battery" not in logged.replace('sign_in("correct horse battery staple")', "")
