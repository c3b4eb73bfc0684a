"""What must hold of every batch of students, over the database (registrar-api: Writing a few students)."""

import itertools
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.catalog.reads import ProgramFacts, find_program
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    preview_program_course_enrollments,
    preview_program_enrollments,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.foundation.folding import fold
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, ProgramCourseEnrollment, ProgramEnrollment, StudentIdentity
from tests.conftest import World
from tests.university import OWN, University, make_university

SOME = settings(
    max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
# S-1 and S-2 have accounts, s-1 is another spelling
keys = st.sampled_from(["S-1", "s-1", "S-2", "S-3", "ä", "Ä"])
verbs = st.sampled_from(Verb)
programs = st.tuples(keys, st.sampled_from(["enrolled", "pending", "ended", "nonsense"]))
courses = st.tuples(keys, st.sampled_from(["active", "inactive", "nonsense"]))
State = tuple[list[Any], ...]


class _Undo(Exception):
    """Ends an example: the next starts from the same state."""


class Desk:
    """Writes batches, as a request or an upload does: keys that are repeated in a batch are marked.

    Each write is previewed first, and does what the preview said.
    """

    def __init__(self, university: University) -> None:
        found = find_program(OWN)
        assert found is not None
        self.program: ProgramFacts = found
        self.course_id = university.course.pk
        for key, account in (("S-1", university.world.learner), ("S-2", university.world.staff)):
            StudentIdentity.objects.create(organization=university.own.organization, student_key=key, account=account)

    def enroll(self, verb: Verb, batch: list[tuple[str, str]]) -> dict[str, str]:
        requests = [ProgramRequest(key, status, repeated(key, batch)) for key, status in batch]
        foreseen = [word for word, _ in preview_program_enrollments(self.program, verb, requests)]
        words = write_program_enrollments(new_operation(None, "api"), self.program, verb, requests)
        assert foreseen == words
        return {fold(key): word for (key, _), word in zip(batch, words, strict=True)}

    def study(self, verb: Verb, batch: list[tuple[str, str]]) -> dict[str, str]:
        requests = [
            ProgramCourseRequest(self.course_id, key, status, None, repeated(key, batch)) for key, status in batch
        ]
        foreseen = [found.word for found in preview_program_course_enrollments(self.program, verb, requests)]
        words = write_program_course_enrollments(new_operation(None, "api"), self.program, verb, requests)
        assert foreseen == words
        return {fold(key): word for (key, _), word in zip(batch, words, strict=True)}


def repeated(key: str, batch: list[tuple[str, str]]) -> bool:
    return [fold(other) for other, _ in batch].count(fold(key)) > 1


def state() -> State:
    seats = CourseEnrollment.objects.filter(account__username__in=["sam", "staff"])
    return (
        sorted(ProgramEnrollment.objects.values_list("student_key_folded", "status", "account_id")),
        sorted(ProgramCourseEnrollment.objects.values_list("program_enrollment__student_key_folded", "status")),
        sorted(seats.values_list("account_id", "mode", "is_active")),
    )


def tried(*steps: Any) -> tuple[list[Any], State]:
    """What the steps gave and left, and everything as it was before."""
    given_back: list[Any] = []
    left: list[State] = []
    try:
        with transaction.atomic():
            given_back += [step() for step in steps]
            left.append(state())
            raise _Undo
    except _Undo:
        return given_back, left[0]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(make_university(world))


BOTH = pytest.mark.parametrize("act", ["enroll", "study"])
batches = st.lists(programs, max_size=6)


def prepared(
    desk: Desk, act: str, batch: list[tuple[str, str]], before: list[tuple[str, str]]
) -> tuple[Any, list[Any]]:
    """The write, the batch in its words, and some students who are there already."""
    first = [lambda: desk.enroll(Verb.CREATE_OR_UPDATE, before)]
    if act == "enroll":
        return desk.enroll, [batch, first]
    as_course = {"enrolled": "active", "pending": "inactive", "ended": "active", "nonsense": "nonsense"}
    there = [(key, as_course[status]) for key, status in before[::2]]
    return desk.study, [
        [(key, as_course[status]) for key, status in batch],
        [*first, lambda: desk.study(Verb.CREATE_OR_UPDATE, there)],
    ]


@BOTH
@SOME
@given(verb=verbs, before=batches, batch=batches, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(
    act: str, verb: Verb, before: list[Any], batch: list[Any], shuffle: Any, desk: Desk
) -> None:
    write, (items, first) = prepared(desk, act, batch, before)
    other = list(items)
    shuffle.shuffle(other)
    (*_, words), left = tried(*first, lambda: write(verb, items))
    (*_, same_words), same = tried(*first, lambda: write(verb, other))
    assert (words, left) == (same_words, same)


@BOTH
@SOME
@given(verb=st.sampled_from([Verb.UPDATE, Verb.CREATE_OR_UPDATE]), before=batches, batch=batches)
def test_an_update_twice_is_an_update_once(
    act: str, verb: Verb, before: list[Any], batch: list[Any], desk: Desk
) -> None:
    write, (items, first) = prepared(desk, act, batch, before)
    (*_, words), left = tried(*first, lambda: write(verb, items))
    (*_, again), same = tried(*first, lambda: write(verb, items), lambda: write(verb, items))
    assert (words, left) == (again, same)


@BOTH
@SOME
@given(before=batches, batch=batches)
def test_what_is_created_twice_is_a_conflict(act: str, before: list[Any], batch: list[Any], desk: Desk) -> None:
    write, (items, first) = prepared(desk, act, batch, before)
    _, once = tried(*first, lambda: write(Verb.CREATE, items))
    (*_, words, again), left = tried(*first, lambda: write(Verb.CREATE, items), lambda: write(Verb.CREATE, items))
    made = {key for key, word in words.items() if word in {"enrolled", "pending", "ended", "active", "inactive"}}
    assert {key: again[key] for key in made} == dict.fromkeys(made, "conflict")
    assert {key: word for key, word in words.items() if key not in made} == {
        k: again[k] for k in words if k not in made
    }
    assert left == once


@BOTH
@SOME
@given(
    verb=verbs,
    before=batches,
    batch=st.lists(programs, max_size=6, unique_by=lambda i: fold(i[0])),
    cuts=st.sets(st.integers(1, 5)),
)
def test_a_batch_split_in_any_way_ends_in_the_same_state(
    act: str, verb: Verb, before: list[Any], batch: list[Any], cuts: set[int], desk: Desk
) -> None:
    write, (items, first) = prepared(desk, act, batch, before)
    ends = [0, *sorted(cuts), len(items)]
    parts = [items[start:end] for start, end in itertools.pairwise(ends)]
    (*_, words), left = tried(*first, lambda: write(verb, items))
    given_back, same = tried(*first, *((lambda part=part: write(verb, part)) for part in parts))
    merged: dict[str, str] = {}
    for words_of_part in given_back[len(first) :]:
        merged |= words_of_part
    assert (words, left) == (merged, same)
