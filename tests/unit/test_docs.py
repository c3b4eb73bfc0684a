"""The documentation agrees with the code where it can be compared: settings, links, decision records, commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from matricula.cli.main import app

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --- Settings ---


def variables_read() -> set[str]:
    """The variables that the code asks for: the constant first argument of every ``env.…`` call."""
    source = ROOT / "src" / "matricula" / "foundation" / "environment.py"
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def variables_listed() -> list[str]:
    """The first column of the table in docs/settings.md."""
    return re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_settings_page_lists_exactly_the_variables_that_are_read() -> None:
    assert len(variables_read()) > 10
    assert sorted(variables_listed()) == sorted(variables_read())


# --- Links ---


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(file, fragment) of every link of a page that does not lead elsewhere."""
    text = _SPAN.sub("", _FENCED.sub("", page.read_text(encoding="utf-8")))
    for target in _LINK.findall(text):
        if not re.match(r"[a-z]+:", target):
            path, _, fragment = target.partition("#")
            yield unquote(path), fragment


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings make, as the usual viewers make them."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_to_files_of_the_project(page: Path) -> None:
    assert [problem for path, fragment in links(page) if (problem := problem_of_link(page, path, fragment))] == []


def problem_of_link(page: Path, path: str, fragment: str) -> str | None:
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT):
        return f"{path} leads out of the project"
    if not target.is_file():
        return f"{path} is no file"
    if fragment and fragment not in anchors(target):
        return f"{path} has no heading #{fragment}"
    return None


def test_the_security_page_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(tests/[^`]+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))
    assert len(named) > 20
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []


def test_links_are_found() -> None:
    assert ("docs/settings.md", "") in set(links(ROOT / "README.md"))
    assert sum(1 for page in PAGES for _ in links(page)) > 50


# --- Decision records ---


def test_every_decision_record_is_linked_from_the_list() -> None:
    records = {page.name for page in DECISIONS.glob("*.md")} - {"README.md"}
    assert records
    assert {path for path, _ in links(DECISIONS / "README.md")} == records


def test_decision_records_are_numbered_without_gaps_and_say_what_they_must() -> None:
    records = sorted(page for page in DECISIONS.glob("*.md") if page.name != "README.md")
    assert [page.name[:5] for page in records] == [f"{number:04}-" for number in range(1, len(records) + 1)]
    for page in records:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} "), page.name
        for part in ("Date: ", "**Context.**", "**Decision.**", "Why", "**Consequences.**"):
            assert part in text, f"{page.name} has no {part}"


# --- The contracts, as the code refers to them ---


_CONTRACTS = {page.stem: set(_HEADING.findall(page.read_text())) for page in (ROOT / "docs" / "contracts").glob("*.md")}
_REFERENCE = re.compile(rf"\b({'|'.join(_CONTRACTS)}): ([^;.()\n]+)")


def references() -> list[tuple[str, str, str]]:
    """Return (file, page, heading) of each reference to a contract in a comment or docstring."""
    files = [path for folder in ("src", "tests", "bench") for path in (ROOT / folder).rglob("*.py")]
    return [
        (name(path), page, heading.rstrip())
        for path in files
        for page, heading in _REFERENCE.findall(path.read_text(encoding="utf-8"))
    ]


def test_references_to_a_contract_name_one_of_its_headings() -> None:
    found = references()
    assert len(found) > 70
    assert [reference for reference in found if reference[2] not in _CONTRACTS[reference[1]]] == []


def test_contracts_are_named_and_not_numbered() -> None:
    numbered = re.compile(r"(?i)\bcontract [0-9]|\broutes? [0-9]")
    folders = [ROOT / folder for folder in ("src", "tests", "bench", "docs")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".md", ".html", ".sql"}]
    assert len(files) > 300
    assert [name(path) for path in files if numbered.search(path.read_text(encoding="utf-8"))] == []


# --- Commands ---


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):(?!=)", makefile, re.MULTILINE))


def code_of(text: str) -> str:
    """Only what stands in fences and spans; words of a sentence are no commands."""
    fences = _FENCED.findall(text)
    return "\n".join([*fences, *_SPAN.findall(_FENCED.sub("", text))])


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    named = re.findall(r"(?:^|[`$;&] ?)make ([a-z]+)", code_of(page.read_text(encoding="utf-8")), re.MULTILINE)
    assert set(named) <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_subcommands_and_their_options_exist(page: Path) -> None:
    for line in code_of(page.read_text(encoding="utf-8")).splitlines():
        for words in re.findall(r"(?:^|[`$;&/] ?)matricula((?: [^\s`;&|#]+)+)", line):
            follow(words.split(), line)


def follow(words: list[str], line: str) -> None:
    """Walks down from the command along the words of one call."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            assert word.partition("=")[0] in known, f"no option {word}: {line}"
        elif hasattr(command, "commands"):
            assert word in command.commands, f"no command {word}: {line}"
            command = command.commands[word]


def test_the_readme_names_the_two_commands_of_the_start() -> None:
    first_screen = code_of("\n".join(README.splitlines()[:25]))
    assert "make up" in first_screen
    assert "make test" in first_screen
