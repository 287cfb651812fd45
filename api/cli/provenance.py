"""Each setting with its value and where that came from; secrets are never shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource
from sqlalchemy.engine import make_url

from api.settings import Settings

_HIDDEN = "••••••"


def configured(settings: Settings, overrides: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, value and origin of each setting, in the order of their declaration."""
    environment = _names_in(EnvSettingsSource(Settings))
    file = _names_in(DotEnvSettingsSource(Settings))
    for name in Settings.model_fields:
        if name in overrides:
            origin = "command line"
        elif name in environment:
            origin = "environment"
        elif name in file:
            origin = ".env"
        else:
            origin = "default"
        yield name, _shown(name, getattr(settings, name)), origin


def _names_in(source: EnvSettingsSource) -> set[str]:
    """A source answers with the name or with an alias, whichever it was asked by."""
    given = source()
    return {name.lower().removeprefix("oneshelf_") for name in given}


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return _HIDDEN
    if name.endswith("_url") and isinstance(value, str) and "@" in value:
        return make_url(value).render_as_string(hide_password=True)
    if value is None or value == ():
        return "—"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
