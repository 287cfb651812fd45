"""`oneshelf location create` says all that a ready time is made of."""

import asyncio
from typing import Any

import pytest

from persistence.database import Database
from persistence.statements import Statement
from tests.cli.conftest import Oneshelf

_LOCATIONS = Statement("""
SELECT code, opening_hours, opening_exceptions, preparation_minutes, pickup_cutoff, online_buffer FROM location ORDER BY id
""")


async def locations_in(url: str) -> list[dict[str, Any]]:
    database = await Database.open(url, min_size=1)
    try:
        async with database.reading() as reader:
            return [dict(row) for row in await reader.fetch(_LOCATIONS)]
    finally:
        await database.close()


def test_a_location_is_made_with_hours_preparation_cutoff_and_buffer(here: Oneshelf, database_url: str) -> None:
    there = ("--database-url", database_url)
    store = ("--open", "Mo-Tu 10:00-18:00", "--open", "Sa 10:00-14:00", "--closed", "2026-12-25 Christmas Day")
    times = ("--preparation-minutes", "45", "--cutoff", "16:00", "--buffer", "2")

    codes = [here("location", "create", "berlin", *store, *times, *there), here("location", "create", "plain", *there)]

    berlin, plain = asyncio.run(locations_in(database_url))
    assert codes == [0, 0]
    assert berlin == {
        "code": "berlin",
        "opening_hours": [
            {"weekday": 1, "opens": "10:00", "closes": "18:00"},
            {"weekday": 2, "opens": "10:00", "closes": "18:00"},
            {"weekday": 6, "opens": "10:00", "closes": "14:00"},
        ],
        "opening_exceptions": [{"date": "2026-12-25", "opens": None, "closes": None, "reason": "Christmas Day"}],
        "preparation_minutes": 45,
        "pickup_cutoff": "16:00",
        "online_buffer": 2,
    }
    assert plain == {
        "code": "plain",
        "opening_hours": [],
        "opening_exceptions": [],
        "preparation_minutes": 60,
        "pickup_cutoff": None,
        "online_buffer": 0,
    }


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (("--open", "always"), "'always' are no opening hours, such as Mo-Fr 10:00-20:00."),
        (("--closed", "Christmas"), "'Christmas' is no date, such as 2026-12-25 Christmas Day."),
        (("--cutoff", "noon"), "'noon' is no time of day, such as 16:00."),
        (("--preparation-minutes", "-1"), "Preparation minutes must be 0 to 43200."),
        (("--buffer", "1000001"), "Buffer must be 0 to 1000000."),
    ],
)
def test_what_cannot_be_is_refused(
    here: Oneshelf, database_url: str, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str], refusal: str
) -> None:
    code = here("location", "create", "berlin", *wrong, "--database-url", database_url)

    assert code == 1
    assert capsys.readouterr().err == f"oneshelf: {refusal}\n"
