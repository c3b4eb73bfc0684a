"""Texts that people read use the terms of the field, and none of the words that make them read like a translation."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from babel.messages import pofile

import matricula
from matricula.cli.main import app
from matricula.rest.openapi import make_document
from matricula.rest.urls import ABOUT, ADDRESSES

ROOT = Path(__file__).parents[2]
CATALOG = Path(matricula.__file__).parent / "locale" / "es" / "LC_MESSAGES" / "django.po"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

# each with what to write instead
FORBIDDEN = {
    r"nobody|somebody|whoever": "no one, someone, or a sentence about what happened",
    r"ours": "Matricula's, or the name of the thing",
    r"stands?|stood|lies": "is, or is in",
    r"tells?|told": "reports, shows, says",
    r"mend(s|ed)?": "correct",
    r"anew": "again",
    r"forgets?|forgot|forgotten": "remove, expire",
    r"carr(y|ies|ied) (it |them )?out": "apply, run",
    r"refus(e|es|ed|ing|als?)": "reject, rejected",
    r"faults?": "error",
    r"wish(es|ed)?|strangers?": "request; person",
    r"e-mails?": "email",
    r"parted": "separated",
    r"everybody|anybody|faulty|so wished|behind (its|the) back": "everyone, anyone, invalid, if requested, directly",
}
_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
# texts in which a word is right, with the reason
ALLOWED = {
    "Forgot your password?": "the label that people look for on a login page",
    "If you forgot your password": "people forget; data expires",
}
# parts of names that a newcomer would not guess, with what they are called; and names that keep them
FORBIDDEN_IN_NAMES = {
    "fault": "problem, error",
    "wish": "request",
    "stranger": "person",
    "settle": "apply",
    "forget": "delete",
    "nobody": "no one",
}
ALLOWED_NAMES = {
    "settle_rosters": "a task of the queue has this name",
}
UNGUESSABLE = {form for word in FORBIDDEN_IN_NAMES for form in (word, f"{word}s", f"{word}d", f"{word}ed")} | {
    "forgotten",
    "forgot",
}
SOURCE = Path(matricula.__file__).parent
MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`|\]\([^)\s]*\)", re.MULTILINE | re.DOTALL)


def found(text: str) -> list[str]:
    """Return the forbidden words of a text."""
    for allowed in ALLOWED:
        text = text.replace(allowed, "")
    return [match[0] for match in _FORBIDDEN.finditer(text)]


def messages() -> Iterator[str]:
    """Yield every translatable text, as its readers of English get it."""
    with CATALOG.open("rb") as stream:
        for message in pofile.read_po(stream, locale="es"):
            yield from [message.id] if isinstance(message.id, str) else message.id


def helps() -> Iterator[str]:
    """Yield the help of every command and of each of its options."""
    commands: list[Any] = [typer.main.get_command(app)]
    while commands:
        command = commands.pop()
        commands += getattr(command, "commands", {}).values()
        yield command.help or ""
        yield from (getattr(option, "help", None) or "" for option in command.params)


def descriptions(node: Any) -> Iterator[str]:
    """Yield the titles and descriptions of an OpenAPI document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"description", "summary", "title"} and isinstance(value, str):
                yield value
            else:
                yield from descriptions(value)
    elif isinstance(node, list):
        for value in node:
            yield from descriptions(value)


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments and docstrings of a module, each with its line, without the code in them."""
    code = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], _CODE.sub("", token.string)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, _CODE.sub("", re.sub("``([^`]*)``", r"`\1`", node.value.value))


def names(path: Path) -> set[str]:
    """Return the names in the code of a module, and its own."""
    code = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {path.stem} | {token.string for token in tokens if token.type == tokenize.NAME}


@pytest.mark.parametrize("word", ["nobody", "Somebody", "stands", "refused", "carried out", "e-mail", "a fault"])
def test_forbidden_words_are_found(word: str) -> None:
    assert found(f"A text with {word}.")


def test_messages() -> None:
    texts = list(messages())
    assert len(texts) > 600
    assert {text: found(text) for text in texts if found(text)} == {}


def test_the_command_line() -> None:
    texts = [text for text in helps() if text]
    assert len(texts) > 40
    assert {text: found(text) for text in texts if found(text)} == {}


def test_the_description_of_the_apis() -> None:
    texts = list(descriptions(make_document(ADDRESSES, ABOUT)))
    assert len(texts) > 100
    assert {text: found(text) for text in texts if found(text)} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_documentation(page: Path) -> None:
    assert found(_CODE.sub("", page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", ["    # for everybody", '"""A fault of ours."""'])
def test_prose_is_found(text: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"def made():\n    pass\n{text}\n" if "#" in text else f"def made():\n    {text}\n")
    assert [found(line) for _, line in prose(module) if found(line)]


def test_comments_and_docstrings() -> None:
    assert len(MODULES) > 200
    wrong = [
        (path.relative_to(SOURCE).as_posix(), line, word)
        for path in MODULES
        for line, text in prose(path)
        for word in found(text)
    ]
    assert wrong == []


def test_names() -> None:
    used = {name: path.relative_to(SOURCE).as_posix() for path in MODULES for name in names(path)}
    assert len(used) > 2_000
    wrong = {
        name: where
        for name, where in used.items()
        if set(re.findall("[a-z]+", re.sub("([A-Z])", r"_\1", name).lower())) & UNGUESSABLE
    }
    assert {name: where for name, where in wrong.items() if name not in ALLOWED_NAMES} == {}
    assert set(wrong) == set(ALLOWED_NAMES)


def test_every_exception_is_needed() -> None:
    texts = [*messages(), *helps()]
    assert [allowed for allowed in ALLOWED if not any(allowed in text for text in texts)] == []
