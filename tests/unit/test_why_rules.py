"""Which case a person is, and that each case has its words (record-api: Why)."""

import re
from importlib import import_module
from itertools import product

import pytest
from django.utils import translation

from matricula.batches.rejections import WORDS
from matricula.console.why.advice import _text as advice_for
from matricula.enrollments.statuses import PROGRAM_STATUSES
from matricula.foundation.text import INVISIBLE_CLASS
from matricula.history.why.identifiers import plain, spellings
from matricula.history.why.rules import (
    Account,
    Case,
    Change,
    CourseFacts,
    Deed,
    Invited,
    ProgramFacts,
    Seat,
    Student,
    decide_course_case,
    decide_deed,
    decide_program_case,
    student_of,
)
from matricula.history.why.words import DEEDS, SENTENCES
from matricula.journal.statuses import OperationKind, Source

BOTH = (False, True)
KEYS = import_module("matricula.migrations.0036_keys_of_rejected_rows")


def course_facts() -> list[CourseFacts]:
    flags = [BOTH] * 4
    return [
        CourseFacts(account, seat, invited, auto, change, withdrawn, planned, rejected, student, twin, hidden, address)
        for account, seat, invited, change, student in product(Account, Seat, Invited, Change, Student)
        for auto, withdrawn, planned, rejected in product(*flags)
        for twin, hidden, address in product(BOTH, BOTH, BOTH)
    ]


def program_facts() -> list[ProgramFacts]:
    return [ProgramFacts(*one) for one in product([None, *PROGRAM_STATUSES], BOTH, Change, *[BOTH] * 5)]


@pytest.mark.parametrize(
    ("facts", "case"),
    [
        (CourseFacts(Account.TWO, Seat.ACTIVE), Case.TWO_ACCOUNTS),
        (CourseFacts(Account.ACTIVE, Seat.ACTIVE, Invited.BOUND, change=Change.KNOWN, rejected=True), Case.ENROLLED),
        (CourseFacts(Account.ACTIVE, Seat.ACTIVE, change=Change.PROGRAM), Case.ENROLLED_THROUGH_PROGRAM),
        (CourseFacts(Account.ACTIVE, Seat.ACTIVE, change=Change.MODE), Case.ENROLLED_IN_ANOTHER_MODE),
        (CourseFacts(Account.ACTIVE, Seat.ACTIVE), Case.ENROLLED_UNEXPLAINED),
        # an invitation after an enrollment that ended is what counts now
        (CourseFacts(Account.INACTIVE, Seat.ENDED, Invited.WAITING), Case.INVITED_NOT_ACTIVE),
        (CourseFacts(Account.NONE, invited=Invited.WAITING, auto_enroll=True), Case.INVITED_TO_BE_ENROLLED),
        (CourseFacts(Account.ACTIVE, Seat.ENDED, change=Change.KNOWN, planned=True), Case.PLANNED),
        (CourseFacts(Account.ACTIVE, Seat.ENDED, change=Change.KNOWN, rejected=True), Case.ENDED),
        (CourseFacts(withdrawn=True, rejected=True), Case.WITHDRAWN),
        (CourseFacts(student=Student.WAITING, rejected=True), Case.STUDENT_WAITS),
        (CourseFacts(Account.ACTIVE, rejected=True, student=Student.ELSEWHERE), Case.REJECTED),
        (CourseFacts(Account.ACTIVE, has_twin=True), Case.NEVER),
        (CourseFacts(has_twin=True, is_address=True), Case.TWIN),
        (CourseFacts(has_twin=True, is_invisible=True), Case.TWIN_WITHOUT_INVISIBLE),
        (CourseFacts(is_address=True), Case.UNKNOWN_ADDRESS),
        (CourseFacts(), Case.UNKNOWN_USERNAME),
    ],
)
def test_cases_in_a_course_run(facts: CourseFacts, case: Case) -> None:
    assert decide_course_case(facts) is case


@pytest.mark.parametrize(
    ("facts", "case"),
    [
        (ProgramFacts("enrolled", linked=True, change=Change.KNOWN, rejected=True), Case.STUDENT),
        (ProgramFacts("suspended", change=Change.KNOWN), Case.STUDENT_UNLINKED),
        (ProgramFacts("canceled", change=Change.KNOWN), Case.LEFT_PROGRAM),
        (ProgramFacts("ended", linked=True), Case.STUDENT_UNEXPLAINED),
        (ProgramFacts(removed=True, planned=True), Case.PLANNED_FOR_PROGRAM),
        (ProgramFacts(removed=True, rejected=True), Case.REMOVED_FROM_PROGRAM),
        (ProgramFacts(rejected=True, has_twin=True), Case.REJECTED_IN_PROGRAM),
        (ProgramFacts(has_twin=True), Case.UNKNOWN_KEY_WITH_TWIN),
        (ProgramFacts(), Case.UNKNOWN_KEY),
    ],
)
def test_cases_in_a_program(facts: ProgramFacts, case: Case) -> None:
    assert decide_program_case(facts) is case


def test_the_sentence_never_contradicts_the_facts() -> None:
    """Of all combinations: who is enrolled is said to be, who isn't is not; every case is someone's."""
    found, all_facts = set(), course_facts()
    assert len(all_facts) > 10_000
    for facts in all_facts:
        case = decide_course_case(facts)
        found.add(case)
        if facts.account is not Account.TWO:
            assert case.startswith("enrolled") == (facts.seat is Seat.ACTIVE), facts
            is_invited = facts.invited is not Invited.NO and facts.seat is not Seat.ACTIVE
            assert case.startswith("invited") == is_invited, facts
            assert not case.startswith("never") or facts.account is not Account.NONE, facts
    assert len(program_facts()) > 100
    for one in program_facts():
        case = decide_program_case(one)
        found.add(case)
        is_there = case in {Case.STUDENT, Case.STUDENT_UNLINKED, Case.STUDENT_UNEXPLAINED, Case.LEFT_PROGRAM}
        assert is_there == (one.status is not None), one
    assert found == set(Case)


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_case_has_a_sentence_and_something_to_do(language: str) -> None:
    words = {"who", "mode", "status", "day", "deed", "program", "plan", "why", "other", "character"}
    with translation.override(language):
        assert {*SENTENCES} == {*Case}
        assert len(SENTENCES) > 30
        for case, sentence in SENTENCES.items():
            assert {*re.findall(r"%\((\w+)\)s", str(sentence))} <= words, case
            assert str(sentence) % dict.fromkeys(words, "x") and advice_for(case)
        # one sentence: what is in it ends it
        assert not [case for case, sentence in SENTENCES.items() if re.search(r"[.!?] ", str(sentence))]
    assert {*DEEDS} == {*Deed}


def test_each_operation_is_said_in_some_way() -> None:
    found = {decide_deed(*one, has_file=file) for one in product([None, *OperationKind], Source) for file in BOTH}
    assert found == {*Deed}


@pytest.mark.parametrize(
    ("status", "linked", "student"),
    [
        (None, True, Student.ELSEWHERE),
        ("active", False, Student.WAITING),
        ("active", True, Student.ACTIVE),
        ("inactive", False, Student.INACTIVE),
    ],
)
def test_students_in_a_course_run(status: str | None, linked: bool, student: Student) -> None:
    assert student_of(status, linked=linked) is student


@pytest.mark.parametrize(
    ("identifier", "others"),
    [
        ("sam", []),
        ("Sam@X.org", []),
        ("sa\u200bm", ["sam"]),
        ("\u00c9va@x.org", ["\u00e9va@x.org"]),
        ("\uff53am", ["sam", "\uff33am"]),
        ("\u00e9\u00e8\u00ea\u00eb\u00e0\u00e2", ["\u00c9\u00c8\u00ca\u00cb\u00c0\u00c2"]),
    ],
)
def test_other_spellings(identifier: str, others: list[str]) -> None:
    found = spellings(f" {identifier}\u200b")
    assert found[0] == identifier.translate({65 + n: 97 + n for n in range(26)})
    assert sorted(found[1:]) == sorted(others)
    assert plain(identifier) in found


def test_the_index_of_rejected_rows_knows_all_words_and_invisible_characters() -> None:
    """What is added to either needs a migration that makes the index again."""
    assert {*KEYS.WORDS} == WORDS
    everything = "".join(map(chr, range(0x110000)))

    def characters(written: str) -> set[str]:
        text = re.sub(r"\\u(\w{4})|\\U(\w{8})", lambda m: chr(int(m[1] or m[2], 16)), written)
        return {*re.findall(f"[{text}]", everything)}

    assert characters(KEYS.INVISIBLE) == characters(INVISIBLE_CLASS)
