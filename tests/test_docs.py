"""What README and docs/ say is true of the schema, the command line, the settings and the files of this version."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
import pytest
from cyclopts import App
from graphql import GraphQLSchema, parse, validate

from api.cli import app
from api.schema import build_schema
from api.settings import Settings
from persistence.tables import metadata

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_JSON_QUERY = re.compile(r'"query": ("(?:[^"\\]|\\.)*")')
_SCRIPT_QUERY = re.compile(r"(?:query: |gql)`([^`]*)`")
_TEST_FILE = re.compile(r"`((?:tests|api|domain|persistence|docs|alembic)/[\w./-]*)`")
# A verb is a word; what follows after another option, a variable or the end of the command is not one.
_MAKE = re.compile(r"(?:^|[`&;(] ?)make ([a-z]+)\b", re.MULTILINE)
_ONESHELF = re.compile(r"(?:^|[`&;(] ?|bin/)oneshelf ([^`\n&#>|]*)", re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def documents_in(text: str) -> Iterator[str]:
    """Blocks of GraphQL, and the queries that requests in other blocks send."""
    for language, block in _FENCE.findall(text):
        if language == "graphql":
            yield block
        elif language == "sh":
            yield from (orjson.loads(query) for query in _JSON_QUERY.findall(block))
        elif language == "js":
            yield from _SCRIPT_QUERY.findall(block)


def code_in(text: str) -> str:
    """What stands in shell blocks and between backticks, the latter still between them."""
    blocks = "\n".join(block for language, block in _FENCE.findall(text) if language == "sh")
    spans = "\n".join(f"`{span}`" for span in _CODE.findall(_FENCE.sub("", text)))
    return f"{blocks}\n{spans}"


@cache
def schema() -> GraphQLSchema:
    return build_schema()


DOCUMENTS = [
    pytest.param(document, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, document in enumerate(documents_in(text_of(page)), start=1)
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_is_valid(document: str) -> None:
    assert validate(schema(), parse(document)) == []


def test_the_readme_sells_and_listens() -> None:
    asked = " ".join(documents_in(text_of(ROOT / "README.md")))

    for field in (
        "productVariant",
        "cartCreate",
        "cartDeliverySet",
        "cartBuyerSet",
        "orderPlace",
        "availabilityChanged",
    ):
        assert f"{field}(" in asked


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in _LINK.findall(text_of(page)) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = [path for path in _TEST_FILE.findall(text_of(page)) if "*" not in path and "<" not in path]

    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_verb_of_make_exists(page: Path) -> None:
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(_MAKE.findall(code_in(text_of(page)))) - verbs == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_exists(page: Path) -> None:
    commands = [words.split() for words in _ONESHELF.findall(code_in(text_of(page)))]

    assert [fault for words in commands for fault in faults_of(words)] == []


def faults_of(words: list[str]) -> list[str]:
    """What of a command line after `oneshelf` does not exist."""
    command: App = app
    while words and not words[0].startswith("-") and words[0] in command:
        command, words = command[words[0]], words[1:]
    if command.default_command is None and words and not words[0].startswith("-"):
        return [f"there is no command {words[0]}"]
    arguments = command.assemble_argument_collection() if command.default_command else ()
    known = {name for argument in arguments for name in argument.names} | {"--help", "--version"}
    return [f"{command.name} has no {word}" for word in words if word.startswith("--") and word not in known]


def test_a_command_or_an_option_that_does_not_exist_is_noticed() -> None:
    assert faults_of(["import", "shopify", "products.csv", "--inventory", "x.csv", "--data", "shop"]) == []
    assert faults_of(["import", "magento"]) == ["there is no command magento"]
    assert [fault.partition(" has no ")[2] for fault in faults_of(["serve", "--demo", "--fast"])] == ["--fast"]


def test_every_setting_is_explained() -> None:
    explained = text_of(ROOT / "docs" / "operations.md")

    names = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
    variables = [names.get(name, f"ONESHELF_{name.upper()}") for name in Settings.model_fields]

    assert [variable for variable in variables if f"| `{variable}`" not in explained] == []


def test_the_glossary_names_tables_that_exist() -> None:
    rows = [row for row in text_of(ROOT / "docs" / "glossary.md").splitlines() if "table" in row]
    named = {
        table
        for row in rows
        for tables in re.findall(r"tables? ((?:`\w+`(?:, )?)+)", row)
        for table in re.findall(r"`(\w+)`", tables)
    }

    assert len(named) >= 25
    assert named - metadata.tables.keys() == set()
