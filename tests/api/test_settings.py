"""What operators write into the environment."""

import pytest

from api.settings import Settings


def test_an_empty_variable_is_one_that_was_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "ONESHELF_SIGNING_KEY", "ONESHELF_SMTP_URL", "ONESHELF_PUBLIC_URL"):
        monkeypatch.setenv(name, "")

    settings = Settings()

    assert (settings.database_url, settings.redis_url, settings.signing_key) == (None, None, None)
    assert (settings.smtp_url, settings.public_url) == (None, None)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONESHELF_CORS_ORIGINS", "https://a.example, https://b.example,")

    assert Settings().cors_origins == ("https://a.example", "https://b.example")
