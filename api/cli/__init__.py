"""The command line `oneshelf`."""

from api.cli import catalog, database, delivery, doctor, people, places, streams, verifying
from api.cli.application import app, main
from api.cli.serving import command

__all__ = [
    "app",
    "catalog",
    "command",
    "database",
    "delivery",
    "doctor",
    "main",
    "people",
    "places",
    "streams",
    "verifying",
]
