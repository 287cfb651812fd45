"""How high a quantity shoppers are shown is decided by whoever runs the server."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from api.app import create_app
from api.settings import Settings
from persistence.database import Database
from tests.identities import identity
from tests.shop import Shop

pytestmark = pytest.mark.anyio

QUERY = '{ productVariant(by: {sku: "shirt"}) { availableToPromise { quantity isCapped } } }'


@pytest.mark.parametrize(
    ("cap", "told"), [(3, {"quantity": 3, "isCapped": True}), (25, {"quantity": 25, "isCapped": False})]
)
async def test_a_server_shows_shoppers_no_more_than_its_setting_says(
    database: Database, database_url: str, tmp_path: Path, cap: int, told: dict[str, object]
) -> None:
    shop = await Shop.open(database, identity())
    await shop.stocked("shirt", on_hand=25)
    app = create_app(Settings(data=tmp_path, shopper_quantity_cap=cap), database_url)
    transport = httpx.ASGITransport(app)

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop") as client,
    ):
        answer = await client.post("/graphql", json={"query": QUERY})

    assert answer.json()["data"]["productVariant"]["availableToPromise"] == told


def test_the_cap_is_ten_unless_the_environment_says_otherwise_and_never_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = Settings().shopper_quantity_cap
    monkeypatch.setenv("ONESHELF_SHOPPER_QUANTITY_CAP", "25")
    said = Settings().shopper_quantity_cap
    monkeypatch.setenv("ONESHELF_SHOPPER_QUANTITY_CAP", "0")

    assert (usual, said) == (10, 25)
    with pytest.raises(ValidationError):
        Settings()
