"""What is stored about one person in a course run or a program: a few statements, each by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.access.reads import find_program_caller_by_account, readable_programs
from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.history.why.values import EVERYTHING, Act, Asker, Link, Through
from matricula.journal.states import read_state
from matricula.journal.statuses import OperationKind, Source, Subject

_STATEMENTS = read_statements(__file__)
_LONGEST_CHAIN = 100
_SUBJECTS = (Subject.COURSE_ENROLLMENT, Subject.PRE_ENROLLMENT, Subject.PROGRAM_COURSE_ENROLLMENT)


def asker_of(account_id: int) -> Asker:
    """What someone may see; whether they may ask about the course run or the program is for the door to say."""
    found = find_program_caller_by_account(account_id, None)
    if found is None:
        return Asker((), sees_names=False, sees_everyone=False)
    caller = found[0]
    if caller.is_superuser:
        return EVERYTHING
    return Asker(readable_programs(caller), sees_names=caller.sees_names, sees_everyone=caller.is_global_staff)


@dataclass(frozen=True, slots=True)
class StoredSeat:
    """A course enrollment."""

    mode: str
    is_active: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """An invitation; ``email_key``: the folded address under which it waits."""

    email: str
    email_key: str
    mode: str | None
    auto_enroll: bool
    bound: bool
    created: datetime
    actor: str | None
    reason: str | None


def find_seat(course_id: int, account_id: int | None) -> StoredSeat | None:
    """The course enrollment of an account, also one that has ended."""
    found = fetch_all(_STATEMENTS["seat"](), {"course": course_id, "account": account_id})
    return StoredSeat(*found[0]) if found else None


def list_invitations(course_id: int, account_id: int | None, emails: Sequence[str]) -> list[StoredInvitation]:
    """The invitations bound to an account, or waiting under one of the folded addresses."""
    parameters = {"course": course_id, "account": account_id, "emails": list(emails)}
    return [StoredInvitation(*row) for row in fetch_all(_STATEMENTS["invitations"](), parameters)]


def list_students(course_id: int, asker: Asker, *, account_id: int | None, key: str | None) -> list[Through]:
    """The rows, in programs that the asker may read and that have the course run, of an account and of a folded key."""
    parameters = {"course": course_id, "account": account_id, "key": key, **_readable(asker)}
    return [_through(row) for row in fetch_all(_STATEMENTS["students"](), parameters)]


def list_students_of(program_id: int, keys: Sequence[str]) -> list[Through]:
    """The rows of folded keys in a program."""
    found = fetch_all(_STATEMENTS["students_of"](), {"program": program_id, "keys": list(keys)})
    return [_through(row) for row in found]


def _through(row: Sequence[Any]) -> Through:
    student_id, program_id, program, title, key, status, account_id, course_status, since = row
    return Through(student_id, program_id, program, title, key, status, account_id, course_status, since)


def list_programs_with(course_id: int, asker: Asker) -> list[int]:
    """The programs that the asker may read and that have the course run."""
    return [
        program_id for (program_id,) in fetch_all(_STATEMENTS["programs"](), {"course": course_id, **_readable(asker)})
    ]


def find_linked(program_id: int, organization_id: int, key: str) -> tuple[int, str | None] | None:
    """The account linked to a folded key, and the other key under which that account is in the program, if it is."""
    parameters = {"program": program_id, "organization": organization_id, "key": key}
    found = fetch_all(_STATEMENTS["linked"](), parameters)
    return (found[0][0], found[0][1]) if found else None


def list_course_chain(
    course_id: int, asker: Asker, *, account_ids: Sequence[int], emails: Sequence[str], students: Sequence[Through]
) -> list[Link]:
    """What happened to someone in a course run, the latest first; ``emails``: folded."""
    parameters = {
        "course": course_id,
        "accounts": list(account_ids),
        "anyone": not account_ids,
        "emails": list(emails),
        "subjects": [subject.value for subject in _SUBJECTS],
        "keys": [fold(student.student_key) for student in students],
        "keyed": [student.program_id for student in students],
        "limit": _LONGEST_CHAIN,
        **_readable(asker),
    }
    return [_link(row, asker) for row in fetch_all(_STATEMENTS["course_chain"](), parameters)]


def list_program_chain(program_id: int, organization_id: int, key: str, asker: Asker) -> list[Link]:
    """What happened to a folded key in a program, the latest first."""
    parameters = {"program": program_id, "organization": organization_id, "key": key, "limit": _LONGEST_CHAIN}
    return [_link(row, asker) for row in fetch_all(_STATEMENTS["program_chain"](), parameters)]


def _readable(asker: Asker) -> dict[str, Any]:
    return {"every": asker.programs is None, "programs": list(asker.programs or ())}


def _link(row: Sequence[Any], asker: Asker) -> Link:
    (
        id_, at, subject, account_id, email, student_key, program_id, program, title, course, transition, before, after,
        reason, operation_id, kind, source, actor, actor_name, file, about_program,
    ) = row  # fmt: skip
    subject = Subject(subject)
    # the file of a program that the asker may not read is the program's
    sees = asker.reads(about_program)
    act = Act(
        operation_id,
        at,
        OperationKind(kind) if kind else None,
        Source(source),
        actor,
        actor_name,
        reason if sees else None,
        file if sees else None,
        about_program if sees else None,
    )
    return Link(
        id_, at, subject, account_id, email, student_key, program_id, program, title, course, transition,
        read_state(subject, before), read_state(subject, after), reason, act,
    )  # fmt: skip
