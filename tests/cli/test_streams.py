"""`oneshelf events`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Oneshelf


def test_each_new_epoch_has_a_number_of_its_own(here: Oneshelf, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here("migrate", "--data", data)
    capsys.readouterr()

    codes = [here("events", "new-epoch", "--data", data) for _ in range(2)]

    said = capsys.readouterr().err
    assert codes == [0, 0]
    assert "Epoch 2 has begun." in said
    assert "Epoch 3 has begun." in said
