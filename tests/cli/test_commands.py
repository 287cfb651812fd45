"""The commands beside `serve`, on a database of somebody's own and on the embedded one."""

import io
import re
import socket
from pathlib import Path

import pytest

from api.schema import schema_text
from persistence.embedded import is_running
from tests.cli.commands import oneshelf
from tests.cli.conftest import Oneshelf

Captured = pytest.CaptureFixture[str]


def table(text: str) -> list[list[str]]:
    """Cells stand two or more spaces apart; the first row is the headings."""
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines()]


def test_migrating_an_empty_database_makes_one_market_and_the_channel_web(
    here: Oneshelf, data: Path, capsys: Captured
) -> None:
    first = oneshelf("migrate", "--data", data)
    again = here("migrate", "--data", data)
    said_again = capsys.readouterr().err
    here("channel", "list", "--data", data)

    assert (first.returncode, again) == (0, 0)
    assert "the market main (EUR, tax included, rate 0 %) and its channel web were made" in first.stderr
    assert "were made" not in said_again
    assert table(capsys.readouterr().out)[1:] == [["web", "Web shop", "WEB", "main"]]
    assert not is_running(data)


def test_a_mistyped_directory_is_not_made(here: Oneshelf, data: Path, capsys: Captured) -> None:
    code = here("market", "list", "--data", data)

    assert code == 1
    assert f"There is no Oneshelf database in {data}." in capsys.readouterr().err
    assert not data.exists()


def test_places_are_made_once_and_listed(here: Oneshelf, database_url: str, capsys: Captured) -> None:
    there = ("--database-url", database_url)

    codes = [
        here("market", "create", "us", "--currency", "USD", "--tax", "8.25", "--tax-added", "--country", "US", *there),
        here("location", "create", "lima", "--timezone", "America/Lima", "--coordinates", "-12.05", "-77.04", *there),
        here("channel", "create", "till-1", "--market", "us", "--kind", "POS", "--location", "lima", *there),
        here("market", "create", "us", "--currency", "EUR", *there),
        here("channel", "create", "till-2", "--market", "us", "--kind", "POS", *there),
        here("channel", "create", "web", "--market", "de", *there),
        here("location", "create", "Lima!", *there),
        here("market", "create", "xx", "--currency", "XQX", *there),
    ]
    refusals = capsys.readouterr().err.splitlines()[3:]
    here("market", "list", *there)
    here("channel", "list", *there)
    here("location", "list", *there)
    listed = [row for row in table(capsys.readouterr().out) if row[0] != "code"]

    assert codes == [0, 0, 0, 1, 1, 1, 1, 1]
    assert refusals == [
        "oneshelf: There is a market 'us' already.",
        "oneshelf: A till stands in a location: name it.",
        "oneshelf: There is no market 'de' (there is: us).",
        "oneshelf: 'Lima!' is no code: use up to 63 small letters, digits and hyphens, such as berlin-mitte.",
        "oneshelf: 'XQX' is no ISO 4217 currency, such as EUR.",
    ]
    assert listed == [
        ["us", "us", "USD", "8.25 % added", "US"],
        ["till-1", "till-1", "POS", "us", "lima"],
        ["lima", "lima", "STORE", "America/Lima", "pickup", "100"],
    ]


def test_an_apps_token_stands_alone_on_standard_output(here: Oneshelf, demo_url: str, capsys: Captured) -> None:
    there = ("--database-url", demo_url)

    code = here(
        "app",
        "create",
        "Till",
        "--channel",
        "till-berlin",
        "--location",
        "berlin",
        "--permission",
        "SELL_IN_STORE",
        *there,
    )
    token = capsys.readouterr().out
    here("app", "list", *there)
    listed = table(capsys.readouterr().out)[1:]

    assert code == 0
    assert re.fullmatch(r"sk_\S{30,}\n", token)
    assert listed == [["Till", "till-berlin", "berlin", "SELL_IN_STORE", "active"]]


def test_staff_gets_a_password_that_is_given_or_made_up(
    here: Oneshelf, demo_url: str, data: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONESHELF_DATA", str(data))
    there = ("--permission", "READ_STOCK", "--database-url", demo_url)

    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    given = here("staff", "create", "Kim@Example.com", "--password-stdin", *there), capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    short = here("staff", "create", "max@example.com", "--password-stdin", *there), capsys.readouterr().err
    made_up = here("staff", "create", "lee@example.com", *there), capsys.readouterr().out
    here("staff", "list", "--database-url", demo_url)

    assert given == (0, "")
    assert short == (1, "oneshelf: A password has 10 to 200 characters.\n")
    assert made_up[0] == 0
    assert re.fullmatch(r"\S{20}\n", made_up[1])
    assert [row[0] for row in table(capsys.readouterr().out)[1:]] == [
        "berlin@example.com",
        "copenhagen@example.com",
        "grace@example.com",
        "hamburg@example.com",
        "kim@example.com",
        "lee@example.com",
        "new-york@example.com",
        "portland@example.com",
    ]


def test_the_demo_goes_into_an_empty_database_only(here: Oneshelf, database_url: str, capsys: Captured) -> None:
    there = ("--database-url", database_url)

    codes = [here("migrate", *there), here("demo", *there), here("demo", *there)]
    said = capsys.readouterr().err.splitlines()
    here("market", "list", *there)

    assert codes == [0, 0, 0]
    assert said[-2:] == [
        "The demo is loaded. Look at it with `oneshelf serve`.",
        "The demo is loaded already; nothing was changed.",
    ]
    assert [row[0] for row in table(capsys.readouterr().out)[1:]] == ["eu", "us"]


def test_a_larger_demo_has_as_many_products_and_places_as_were_asked_for(
    here: Oneshelf, database_url: str, capsys: Captured
) -> None:
    there = ("--database-url", database_url)

    codes = [
        here("migrate", *there),
        here("demo", "--products", 260, "--locations", 9, *there),
        here("demo", "--products", 11, *there),
        here("demo", "--locations", 6, *there),
    ]

    said = capsys.readouterr().err
    here("location", "list", *there)
    listed = capsys.readouterr().out.splitlines()
    assert codes == [0, 0, 2, 2]
    assert "Must be >= 12" in said
    assert "Must be >= 7" in said
    assert len(listed) == 1 + 9
    assert [line.split()[0] for line in listed[-2:]] == ["amsterdam", "munich"]


def test_the_demo_is_not_mixed_with_somebodys_data(here: Oneshelf, database_url: str, capsys: Captured) -> None:
    here("location", "create", "lima", "--database-url", database_url)

    code = here("demo", "--database-url", database_url)

    assert code == 1
    assert "The database has data of its own" in capsys.readouterr().err


def test_a_catalogue_is_imported_with_one_command(here: Oneshelf, database_url: str, tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text("Handle,Title,Published,Variant SKU,Variant Price\ncup,Cup,TRUE,CUP-1,4.50\n", encoding="utf-8")
    there = ("--database-url", database_url)
    here("migrate", *there)

    codes = [here("import", "shopify", products, *there), here("import", "shopify", products, *there)]

    assert codes == [0, 0]


def test_the_schema_is_printed_as_it_is(here: Oneshelf, capsys: Captured) -> None:
    assert here("schema") == 0
    assert capsys.readouterr().out == schema_text()


def test_the_doctor_says_what_is_configured_and_what_is_wrong(
    here: Oneshelf, data: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://shop:secret@127.0.0.1:1/0")
    monkeypatch.setenv("ONESHELF_SMTP_URL", "smtp://shop:secret@mail.example.com")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("ONESHELF_PORT", str(taken.getsockname()[1]))

        code = here("doctor", "--data", data)

    report = capsys.readouterr().out
    rows = {row[0]: row[1:] for row in table(report)}
    assert code == 1
    assert "secret" not in report
    assert rows["data"] == [str(data), "command line"]
    assert rows["redis_url"] == ["redis://shop:***@127.0.0.1:1/0", "environment"]
    assert rows["workers"] == ["1", "default"]
    assert [line.split(":")[0] for line in report.splitlines() if line.startswith("wrong")] == [
        "wrong  Redis",
        f"wrong  port {taken_port(report)}",
    ]
    assert not data.exists()


def taken_port(report: str) -> str:
    found = re.search(r"port (\d+) is taken", report)
    assert found is not None
    return found[1]


def test_the_doctor_finds_nothing_wrong_with_a_good_database(
    here: Oneshelf, demo_url: str, data: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONESHELF_PORT", "0")
    monkeypatch.setenv("ONESHELF_DATA", str(data))

    code = here("doctor", "--database-url", demo_url)

    assert code == 0
    assert "the newest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("market", "create"), 2, "requires an argument"),
        (("market", "list", "--database-url", "postgresql://u:secret@127.0.0.1:1/x"), 1, "PostgreSQL does not answer"),
        (("market", "list", "--database-url", "mysql://x"), 1, "invalid DSN"),
        (("market", "list", "--data", "a", "--database-url", "b"), 2, "Give --data or --database-url, not both."),
        (("serve", "--workers", "0"), 2, "workers: input should be greater than or equal to 1"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    here: Oneshelf, capsys: Captured, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = here(*arguments)

    captured = capsys.readouterr()
    assert ended == code
    assert captured.out == ""
    assert sentence in captured.err
    assert "Traceback" not in captured.err
    assert "secret" not in captured.err


def test_every_command_explains_itself_with_an_example(here: Oneshelf, capsys: Captured) -> None:
    commands = (
        ("serve",), ("migrate",), ("demo",), ("import", "shopify"), ("app", "create"), ("app", "list"), ("staff", "create"),
        ("staff", "list"), ("market", "create"), ("market", "list"), ("channel", "create"), ("channel", "list"),
        ("location", "create"), ("location", "list"), ("schema",), ("verify",), ("doctor",),
    )  # fmt: skip
    for command in commands:
        code = here(*command, "--help")

        said = capsys.readouterr().out
        assert code == 0
        assert f"Example: oneshelf {' '.join(command)}" in said, said
