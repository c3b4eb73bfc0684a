"""Closed vocabularies are enums, owned by one module each."""

import re
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

import matricula
from matricula.access.permissions import Permission
from matricula.access.statuses import CourseRole, Feature, Role, Scope
from matricula.catalog.statuses import Saved
from matricula.enrollments.statuses import Action, CourseStatus, ProgramStatus, Refusal, Transition
from matricula.jobs.statuses import JobKind, JobState
from matricula.notices.statuses import MailKind

_SOURCE = Path(matricula.__file__).parent
_VOCABULARIES: tuple[type[StrEnum], ...] = (
    Action, CourseRole, CourseStatus, Feature, JobKind, JobState, MailKind, Permission, ProgramStatus, Refusal, Role,
    Saved, Scope, Transition,
)  # fmt: skip
# what a library gives without a type, or less than it has; never a word
_CAST = {"Any", "BinaryIO", "HttpResponse", "HttpResponseBase", "int", "str"}


def _lines() -> list[tuple[str, str]]:
    return [
        (path.relative_to(_SOURCE).as_posix(), line)
        for path in _SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        for line in path.read_text("utf-8").splitlines()
    ]


def test_no_word_is_cast() -> None:
    found = [match[1] for _, line in _lines() for match in re.finditer(r"(?<!\w)cast\((\w+)", line)]
    assert found
    assert set(found) <= _CAST


def test_words_are_listed_on_the_spot_only_where_one_query_takes_them() -> None:
    assert {path for path, line in _lines() if "Literal[" in line} == {
        "batches/stored.py",
        "rest/contracts/dashboard/schemas.py",
        "rest/contracts/enrollment_v2/schemas.py",
        "rest/contracts/record/schemas.py",
    }


@pytest.mark.parametrize("vocabulary", _VOCABULARIES)
def test_words_are_written_as_they_are(vocabulary: type[StrEnum]) -> None:
    assert len(vocabulary) > 0
    for word in vocabulary:
        assert f"{word}" == word.value == msgspec.json.decode(msgspec.json.encode(word))
        assert hash(word) == hash(word.value)
