"""Would a client of the main branch's schema break? Passes where there is no main branch to compare with."""

import subprocess
import sys
from pathlib import Path

from graphql import GraphQLSchema, build_ast_schema, find_breaking_changes, parse

SCHEMA = "schema.graphql"
BASES = ("origin/HEAD", "origin/main", "main")


def main() -> None:
    base = _base()
    if base is None:
        print("Breaking changes: no main branch to compare with.")
        return
    name, text = base
    changes = find_breaking_changes(_schema(text), _schema(Path(SCHEMA).read_text(encoding="utf-8")))
    for change in changes:
        print(f"breaks clients: {change.description}")
    print(f"Breaking changes against {name}: {len(changes)}.")
    sys.exit(1 if changes else 0)


def _base() -> tuple[str, str] | None:
    for name in BASES:
        shown = subprocess.run(["git", "show", f"{name}:{SCHEMA}"], capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            return name, shown.stdout
    return None


def _schema(text: str) -> GraphQLSchema:
    return build_ast_schema(parse(text), assume_valid_sdl=True)


if __name__ == "__main__":
    main()
