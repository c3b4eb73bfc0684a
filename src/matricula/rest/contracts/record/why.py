"""Why someone is in a course run or a program, or why not (record-api: Why)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta

from matricula.foundation.text import trim
from matricula.history.why.course import explain_in_course
from matricula.history.why.program import explain_in_program
from matricula.history.why.reads import asker_of
from matricula.history.why.rules import Case
from matricula.history.why.values import Answer, Conflict, ConflictKind, Link, Refused, Through, Waiting, WaitingFor
from matricula.history.why.words import conflict_text, sentence_of
from matricula.journal.shown import show_state
from matricula.journal.statuses import OperationKind, Source, Subject
from matricula.rest.contracts.record.guard import SEES_COURSE, SEES_PROGRAM
from matricula.rest.contracts.record.requested import find_visible_course, find_visible_program
from matricula.rest.contracts.record.schemas import Person
from matricula.rest.contracts.record.shown import url_of
from matricula.rest.endpoint import AnyCall, AnyEndpoint, Call, Endpoint, answer_json, in_query, seconds
from matricula.rest.errors import invalid_field

_ERRORS = (400, 401, 403, 404, 405, 429)
Identifier = Annotated[str, Meta(min_length=1, max_length=255)]


class WhyCourseQuery(msgspec.Struct):
    """Whom to ask about."""

    person: Annotated[
        Identifier,
        Meta(description="Username, email address, or the student key in a program that you may read."),
    ]


class WhyProgramQuery(msgspec.Struct):
    """Whom to ask about."""

    student_key: Annotated[Identifier, Meta(description="As the university writes it, in any case.")]


class WhyChange(msgspec.Struct):
    """A change of the chain, with the operation that made it."""

    change_id: int
    at: datetime
    subject: Subject
    student_key: str | None
    course: str | None
    program: str | None
    transition: str
    before: dict[str, Any]
    after: dict[str, Any]
    operation_id: uuid.UUID
    operation_url: str
    kind: OperationKind | None
    source: Source
    actor: str | None
    reason: str | None
    file: str | None


class WhyThrough(msgspec.Struct):
    """A student's row in a program that has the course run."""

    program: str
    student_key: str
    status: str
    course_status: str | None


class WhyWaiting(msgspec.Struct):
    """What has not taken effect yet: an invitation, a student without an account, a row of a plan."""

    kind: WaitingFor
    since: datetime
    email: str | None
    mode: str | None
    auto_enroll: bool | None
    actor: str | None
    reason: str | None
    program: str | None
    student_key: str | None
    status: str | None
    plan_id: uuid.UUID | None


class WhyRefused(msgspec.Struct):
    """A row that was rejected, or the plan that it was in."""

    operation_id: uuid.UUID
    operation_url: str
    at: datetime
    actor: str | None
    source: Source
    file: str | None
    row: int | None
    key: str
    word: str
    reason: str
    program: str | None
    plan_id: uuid.UUID | None


class WhyConflict(msgspec.Struct):
    """How the identifier can be mistaken; ``other``: for what, where you may know it."""

    kind: ConflictKind
    other: str | None
    text: str


class Why(msgspec.Struct):
    """One sentence, and everything behind it; also about someone of whom nothing is known."""

    person: Person
    case: Annotated[Case, Meta(description="The sentence in one word.")]
    state: Annotated[
        dict[str, Any],
        Meta(description="As the other APIs show it. Empty if nothing is known of the person, or the row is gone."),
    ]
    sentence: Annotated[str, Meta(description="In your language.")]
    chain: Annotated[list[WhyChange], Meta(description="The changes that led here, the newest first; at most 100.")]
    through: list[WhyThrough]
    waiting: list[WhyWaiting]
    refused: Annotated[list[WhyRefused], Meta(description="The newest first; as long as the rows of jobs are kept.")]
    conflicts: list[WhyConflict]


def get_why_of_course(call: Call[WhyCourseQuery, None]) -> HttpResponse:
    """200 Why, for everyone, also for identifiers that no one has."""
    course = find_visible_course(call, call.path["course_key"])
    given = _given("person", call.query.person)
    asker = asker_of(call.account_id)
    return answer_json(_shown(call, explain_in_course(course, given, asker)))


def get_why_of_program(call: Call[WhyProgramQuery, None]) -> HttpResponse:
    """200 Why, for every key."""
    program = find_visible_program(call, call.path["program_key"])
    given = _given("student_key", call.query.student_key)
    asker = asker_of(call.account_id)
    return answer_json(_shown(call, explain_in_program(program, given, asker)))


def _given(name: str, text: str) -> str:
    if not trim(text):
        raise invalid_field(name, "This can't be blank.")
    return text


def _shown(call: AnyCall, answer: Answer) -> Why:
    return Why(
        person=Person(answer.who.username, answer.who.email, answer.who.student_key),
        case=answer.case,
        state=dict(answer.state),
        sentence=sentence_of(answer),
        chain=[_change(call, link) for link in answer.chain],
        through=[_through(one) for one in answer.through],
        waiting=[_waiting(one) for one in answer.waiting],
        refused=[_refused(call, one) for one in answer.refused],
        conflicts=[_conflict(one) for one in answer.conflicts],
    )


def _change(call: AnyCall, link: Link) -> WhyChange:
    return WhyChange(
        change_id=link.id,
        at=seconds(link.at),
        subject=link.subject,
        student_key=link.student_key,
        course=link.course,
        program=link.program,
        transition=link.transition,
        before=show_state(link.before),
        after=show_state(link.after),
        operation_id=link.act.operation_id,
        operation_url=url_of(call, "operations", link.act.operation_id),
        kind=link.act.kind,
        source=link.act.source,
        actor=link.act.actor,
        reason=link.reason,
        file=link.act.file,
    )


def _through(one: Through) -> WhyThrough:
    return WhyThrough(one.program, one.student_key, one.status, one.course_status)


def _waiting(one: Waiting) -> WhyWaiting:
    return WhyWaiting(
        kind=one.kind,
        since=seconds(one.since),
        email=one.email,
        mode=one.mode,
        auto_enroll=one.auto_enroll,
        actor=one.actor,
        reason=one.reason,
        program=one.program,
        student_key=one.student_key,
        status=one.status,
        plan_id=one.plan_id,
    )


def _refused(call: AnyCall, one: Refused) -> WhyRefused:
    return WhyRefused(
        operation_id=one.operation_id,
        operation_url=url_of(call, "operations", one.operation_id),
        at=seconds(one.at),
        actor=one.actor,
        source=one.source,
        file=one.file,
        row=one.row,
        key=one.key,
        word=one.word,
        reason=one.reason,
        program=one.program,
        plan_id=one.plan_id,
    )


def _conflict(one: Conflict) -> WhyConflict:
    return WhyConflict(one.kind, one.other, conflict_text(one))


_OPERATION = "8d1f7a52-51d4-4c6e-b5d0-6f3e0a2b7c11"
_CHANGE: Mapping[str, Any] = {
    "change_id": 4711,
    "at": "2027-01-15T08:45:00Z",
    "subject": "course_enrollment",
    "student_key": None,
    "course": "course-v1:North+CS101+2027_T1",
    "program": None,
    "transition": "from unenrolled to enrolled",
    "before": {},
    "after": {"mode": "verified", "is_active": True},
    "operation_id": _OPERATION,
    "operation_url": f"https://matricula.example.org/api/record/v1/operations/{_OPERATION}",
    "kind": "plan",
    "source": "console",
    "actor": "helen",
    "reason": "start of term",
    "file": "spring.csv",
}
_EXAMPLE: Mapping[str, Any] = {
    "person": {"username": "kim", "email": "kim@example.org", "student_key": None},
    "case": "enrolled",
    "state": {"enrolled": True, "allowed": False, "mode": "verified"},
    "sentence": "kim has been enrolled as verified since Jan. 15, 2027: helen applied a plan made from spring.csv "
    "(reason: “start of term”).",
    "chain": [_CHANGE],
    "through": [],
    "waiting": [],
    "refused": [],
    "conflicts": [],
}
_OF_STUDENT = {
    "person": {"username": None, "email": None, "student_key": "S-0815"},
    "case": "unknown_key",
    "state": {},
    "sentence": "No student with the key “S-0815” was ever in this program.",
    "chain": [],
}
OF_COURSE: AnyEndpoint = Endpoint(
    get_why_of_course,
    in_query(WhyCourseQuery),
    "Ask why a person is in a course run, or why not",
    SEES_COURSE,
    {200: Why},
    errors=_ERRORS,
    answer_examples={200: _EXAMPLE},
)
OF_PROGRAM: AnyEndpoint = Endpoint(
    get_why_of_program,
    in_query(WhyProgramQuery),
    "Ask why a student is in a program, or why not",
    SEES_PROGRAM,
    {200: Why},
    errors=_ERRORS,
    answer_examples={200: {**_EXAMPLE, **_OF_STUDENT}},
)
