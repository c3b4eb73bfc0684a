"""Texts that people read use the terms of the field, and none of the words that make them read like a translation."""

import re
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
}
_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
# texts in which a word is right, with the reason
ALLOWED = {
    "Forgot your password?": "the label that people look for on a login page",
    "If you forgot your password": "people forget; data expires",
}
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


def test_every_exception_is_needed() -> None:
    texts = [*messages(), *helps()]
    assert [allowed for allowed in ALLOWED if not any(allowed in text for text in texts)] == []
