"""The rules for students, case by case, and what is true of every request (registrar-api: Writing a few students)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.enrollments import statuses
from matricula.enrollments.program.rules import (
    ALL_MOVES,
    Step,
    Verb,
    allowed_moves,
    decide_course_enrollment,
    decide_program_enrollment,
    decide_seat,
    result_code,
)
from matricula.enrollments.store.values import Seat, Standing

POST, PATCH, UPLOAD = Verb.CREATE, Verb.UPDATE, Verb.CREATE_OR_UPDATE
PROGRAM = ("enrolled", "pending", "suspended", "canceled", "ended")
COURSE = ("active", "inactive")
SET = "set"  # the wanted status is the answer, and is written

# rule → verb → word
PROGRAM_TABLE = {
    "key repeated": {POST: "duplicated", PATCH: "duplicated", UPLOAD: "duplicated"},
    "unknown status word": {POST: "invalid-status", PATCH: "invalid-status", UPLOAD: "invalid-status"},
    "row exists": {POST: "conflict", PATCH: SET, UPLOAD: SET},
    "row missing": {POST: SET, PATCH: "not-found", UPLOAD: SET},
}
COURSE_TABLE = {
    "key repeated": {POST: "duplicated", PATCH: "duplicated", UPLOAD: "duplicated"},
    "unknown status word": {POST: "invalid-status", PATCH: "invalid-status", UPLOAD: "invalid-status"},
    "not in program": {POST: "not-in-program", PATCH: "not-in-program", UPLOAD: "not-in-program"},
    "active elsewhere": {POST: "conflict", PATCH: "conflict", UPLOAD: "conflict"},
    "row exists": {POST: "conflict", PATCH: SET, UPLOAD: SET},
    "row missing": {POST: SET, PATCH: "not-found", UPLOAD: SET},
}


def expected(word: str, wanted: str) -> Step:
    return Step(wanted, writes=True) if word == SET else Step(word)


def test_the_words_are_the_contracts() -> None:
    assert (statuses.PROGRAM_STATUSES, statuses.COURSE_STATUSES) == (PROGRAM, COURSE)


@pytest.mark.parametrize(
    ("verb", "held", "wanted", "repeated"),
    list(product(Verb, (None, *PROGRAM), (*PROGRAM, "Enrolled", "active", ""), (False, True))),
)
def test_program_enrollments(verb: Verb, held: str | None, wanted: str, repeated: bool) -> None:
    rule = (
        "key repeated" if repeated
        else "unknown status word" if wanted not in PROGRAM
        else "row exists" if held
        else "row missing"
    )  # fmt: skip
    step = decide_program_enrollment(verb, held, wanted, repeated=repeated)
    assert step == expected(PROGRAM_TABLE[rule][verb], wanted)


@pytest.mark.parametrize(
    ("verb", "held", "wanted", "repeated", "in_program", "elsewhere"),
    list(product(Verb, (None, *COURSE), (*COURSE, "enrolled"), (False, True), (False, True), (False, True))),
)
def test_course_enrollments(
    verb: Verb, held: str | None, wanted: str, repeated: bool, in_program: bool, elsewhere: bool
) -> None:
    rule = (
        "key repeated" if repeated
        else "unknown status word" if wanted not in COURSE
        else "not in program" if not in_program
        else "active elsewhere" if wanted == "active" and elsewhere
        else "row exists" if held
        else "row missing"
    )  # fmt: skip
    step = decide_course_enrollment(
        verb, held, wanted, repeated=repeated, in_program=in_program, active_elsewhere=elsewhere
    )
    assert step == expected(COURSE_TABLE[rule][verb], wanted)


@pytest.mark.parametrize(("before", "after"), list(product(PROGRAM, PROGRAM)))
def test_every_move_is_allowed_until_a_deployment_forbids_it(before: str, after: str) -> None:
    assert after in ALL_MOVES[before]
    moves = allowed_moves(frozenset({(before, after)}))
    # what is already so is no move
    word = after if before == after else "illegal-operation"
    for verb in (PATCH, UPLOAD):
        assert decide_program_enrollment(verb, before, after, moves=moves).word == word
    assert decide_program_enrollment(POST, None, after, moves=moves).word == after
    assert decide_program_enrollment(PATCH, before, "ended" if after != "ended" else "pending", moves=moves).writes


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 422),
        (["active"], 200),
        (["active", "inactive"], 200),
        (["active", "conflict"], 207),
        (["conflict"], 422),
        (["duplicated", "invalid-status", "internal-error"], 422),
        (["enrolled"], 422),
    ],
)
def test_the_code_comes_from_the_words(words: list[str], code: int) -> None:
    assert result_code(words, COURSE) == code


# mode held (None: no enrollment) → mode afterwards
MODES = {None: "masters", "audit": "masters", "honor": "masters", "masters": "masters", "verified": "verified"}


@pytest.mark.parametrize(("held", "was_active", "status"), list(product(MODES, (True, False), COURSE)))
def test_what_a_status_does_to_the_course_itself(held: str | None, was_active: bool, status: str) -> None:
    standing = Standing(seat=Seat(held, is_active=was_active) if held else None)
    decision = decide_seat(standing, status)
    # who is taken out keeps the mode, to come back with it
    mode = MODES[held] if status == "active" or held is None else held
    assert decision.standing.seat == Seat(mode, is_active=status == "active")
    assert decision.transition.endswith(" to enrolled" if status == "active" else " to unenrolled")
    assert decide_seat(decision.standing, status).standing == decision.standing


verbs, held_statuses = st.sampled_from(Verb), st.none() | st.sampled_from(PROGRAM)
words = st.sampled_from(PROGRAM) | st.text(max_size=9)


@given(verbs, held_statuses, words, st.booleans())
def test_each_request_has_exactly_one_outcome(verb: Verb, held: str | None, wanted: str, repeated: bool) -> None:
    step = decide_program_enrollment(verb, held, wanted, repeated=repeated)
    errors = {"duplicated", "invalid-status", "conflict", "not-found", "illegal-operation"}
    assert step.writes == (step.word == wanted and wanted in PROGRAM and not repeated)
    assert step.writes != (step.word in errors)


@given(held_statuses, st.sampled_from(PROGRAM))
def test_twice_is_as_once(held: str | None, wanted: str) -> None:
    for verb, second in ((PATCH, wanted), (UPLOAD, wanted), (POST, "conflict")):
        first = decide_program_enrollment(verb, held, wanted)
        if first.writes:
            assert decide_program_enrollment(verb, wanted, wanted).word == second
