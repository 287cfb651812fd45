"""`oneshelf market delivery` says how a market ships."""

import pytest

from tests.cli.conftest import Oneshelf

_EURO = ("market", "create", "eu", "--currency", "EUR", "--country", "DE", "--country", "FR")
_STANDARD = ("market", "delivery", "set", "eu", "standard", "--price", "4.90", "--days", "2", "4", "--default")


def rows(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_options_are_made_changed_listed_and_removed(
    here: Oneshelf, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ("--database-url", database_url)
    express = ("market", "delivery", "set", "eu", "express", "--price", "12.90", "--days", "1", "1", "--position", "1")
    assert [here(*command, *there) for command in (_EURO, _STANDARD, express)] == [0, 0, 0]
    capsys.readouterr()

    assert here("market", "delivery", "list", *there) == 0
    listed = rows(capsys)
    # The new default takes the place of the one before.
    assert here(*express, "--default", "--free-from", "100", "--country", "DE", "--name", "Fast", *there) == 0
    assert here("market", "delivery", "list", *there) == 0
    changed = rows(capsys)
    assert here("market", "delivery", "remove", "eu", "standard", *there) == 0
    assert here("market", "delivery", "list", *there) == 0

    assert listed[1:] == [
        ["eu", "express", "express", "12.90", "EUR", "1-1", "all"],
        ["eu", "standard", "standard", "4.90", "EUR", "2-4", "all", "yes"],
    ]
    assert changed[1:] == [
        ["eu", "express", "Fast", "12.90", "EUR", "100.00", "EUR", "1-1", "DE", "yes"],
        ["eu", "standard", "standard", "4.90", "EUR", "2-4", "all"],
    ]
    assert rows(capsys)[1:] == changed[1:2]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (("--price", "4.905"), "4.905 has more than 2 digits after the point."),
        (("--price=-1",), "Price must not be negative, nor more than anybody pays."),
        (("--free-from=-1",), "Free from must not be negative, nor more than anybody pays."),
        (("--days", "4", "2"), "Days are 0 to 365, the earliest first."),
        (("--country", "US"), "The market eu does not serve US."),
        (("--country", "Germany"), "'Germany' is no ISO 3166 country of two letters, such as DE."),
    ],
)
def test_what_cannot_be_is_refused(
    here: Oneshelf, database_url: str, capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...], refusal: str
) -> None:
    there = ("--database-url", database_url)
    here(*_EURO, *there)
    usual = {"--price": ("--price", "4.90"), "--days": ("--days", "2", "4")}
    said = [word for name, words in usual.items() if not wrong[0].startswith(name) for word in words]
    capsys.readouterr()

    code = here("market", "delivery", "set", "eu", "standard", *said, *wrong, *there)

    assert code == 1
    assert capsys.readouterr().err == f"oneshelf: {refusal}\n"


def test_what_does_not_exist_is_not_removed(
    here: Oneshelf, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ("--database-url", database_url)
    here(*_EURO, *there)
    capsys.readouterr()

    assert here("market", "delivery", "remove", "eu", "drone", *there) == 1
    assert capsys.readouterr().err == "oneshelf: The market eu has no delivery option 'drone'.\n"
