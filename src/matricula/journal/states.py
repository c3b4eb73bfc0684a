"""What each subject of the journal looks like before and after a change: typed, versioned, made and read here alone.

A state is stored as JSON, ``{}`` where there is nothing: not yet, or no longer. ``v`` is the version of its form; rows
of before have none and are of version 1, in which an account's state had only what changed, and a grade, a student key
or a piece of the catalog had no entry at all. A field that such a row does not have is ``UNSET``.

A state has all that is needed to put the subject back as it was. What the columns of an entry say already (account,
course run, program, student key) is not repeated.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from matricula.journal.statuses import Subject

VERSION = 2


class _State(Struct, frozen=True, gc=False, kw_only=True):
    v: int = VERSION


class SeatState(Struct, frozen=True, gc=False):
    """A course enrollment, active or ended."""

    mode: str
    is_active: bool


class InvitationState(Struct, frozen=True, gc=False):
    """A pre-enrollment: ``bound`` to the account of the entry, or waiting under its address."""

    mode: str | None
    auto_enroll: bool
    bound: bool


class CourseState(_State, frozen=True, gc=False, kw_only=True):
    """One person in one course run (subjects ``course_enrollment`` and ``pre_enrollment``)."""

    enrollment: SeatState | UnsetType = UNSET
    pre_enrollment: InvitationState | UnsetType = UNSET


class StudentState(_State, frozen=True, gc=False, kw_only=True):
    """A student's row in a program; ``account_id`` only where the linked account is what changed."""

    status: str
    account_id: int | UnsetType | None = UNSET


class StudentCourseState(_State, frozen=True, gc=False, kw_only=True):
    """A student's row in a course run of a program."""

    status: str
    course_staff: bool | UnsetType = UNSET


class GradeState(_State, frozen=True, gc=False, kw_only=True):
    """A learner's grade in a course run: percent and passed, or the error why there is none."""

    percent: float | None
    letter_grade: str | None
    passed: bool | None
    error: str | None


class AccountState(_State, frozen=True, gc=False, kw_only=True):
    """An account, without its password: ``generation`` counts what ended its sessions and tokens."""

    username: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    is_staff: bool | UnsetType = UNSET
    is_superuser: bool | UnsetType = UNSET
    self_registered: bool | UnsetType = UNSET
    wanted_email: str | UnsetType = UNSET
    generation: int | UnsetType = UNSET
    # not in entries of before there were plans
    wants_plan_mail: bool | UnsetType = UNSET
    # the account that this one was merged into; not there where it was not
    merged_into: int | UnsetType = UNSET
    # name of a provider → subject there; only in entries that link or unlink one
    logins: dict[str, str] | UnsetType = UNSET


class StudentKeyState(_State, frozen=True, gc=False, kw_only=True):
    """The account that a student key of an organization belongs to."""

    organization_id: int
    account_id: int


class CourseRoleState(_State, frozen=True, gc=False, kw_only=True):
    """A role of an account in a course run."""

    role: str


class GrantState(_State, frozen=True, gc=False, kw_only=True):
    """A role, a feature, or a membership (neither of the two); ``group`` is the name that the group had."""

    role: str | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    group_id: int | UnsetType = UNSET
    organization_id: int | UnsetType = UNSET
    # not in the column of the entry: what that one names is shown to all who may see the program's students
    program_id: int | UnsetType = UNSET
    group: str | UnsetType = UNSET


class GroupState(_State, frozen=True, gc=False, kw_only=True):
    """A group."""

    group_id: int
    group: str


class ClientState(_State, frozen=True, gc=False, kw_only=True):
    """An API client, without its secret; ``tokens``: how many access tokens there were, where those were ended.

    ``redirects``: where people are sent back to who allow it to act for them; ``public``: it has no secret.
    """

    client_id: str
    scopes: list[str]
    name: str | UnsetType = UNSET
    account_id: int | UnsetType = UNSET
    tokens: int | UnsetType = UNSET
    redirects: list[str] | UnsetType = UNSET
    public: bool | UnsetType = UNSET


class JobState(_State, frozen=True, gc=False, kw_only=True):
    """A job."""

    job_id: str
    kind: str
    state: str
    done: int
    total: int | None


class OrganizationState(_State, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="organization"):
    """An organization."""

    organization_id: int
    key: str
    name: str
    # these, and whether uploads are held, are not in entries of before there were plans
    limits: dict[str, int] | UnsetType | None = UNSET


class CourseRunState(_State, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="course"):
    """A course run, the one of the entry's column."""

    key: str
    organization_id: int
    title: str
    url: str | None
    modes: list[str]
    enrollment_start: datetime | None
    enrollment_end: datetime | None
    capacity: int | None
    invitation_only: bool
    limits: dict[str, int] | UnsetType | None = UNSET


class ProgramState(_State, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="program"):
    """A program, the one of the entry's column."""

    key: str
    organization_id: int
    title: str
    type: str | None
    url: str | None
    manages_enrollments: bool
    limits: dict[str, int] | UnsetType | None = UNSET
    hold_uploads: bool | UnsetType = UNSET


class ProgramCourseState(_State, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="program_course"):
    """A course run in a program, both of the entry's columns."""

    external_key: str | None
    position: int


CatalogState = OrganizationState | CourseRunState | ProgramState | ProgramCourseState
State = (
    CourseState
    | StudentState
    | StudentCourseState
    | GradeState
    | AccountState
    | StudentKeyState
    | CourseRoleState
    | GrantState
    | GroupState
    | ClientState
    | JobState
    | CatalogState
)

_FORMS: dict[Subject, object] = {
    Subject.COURSE_ENROLLMENT: CourseState,
    Subject.PRE_ENROLLMENT: CourseState,
    Subject.PROGRAM_ENROLLMENT: StudentState,
    Subject.PROGRAM_COURSE_ENROLLMENT: StudentCourseState,
    Subject.GRADE: GradeState,
    Subject.ACCOUNT: AccountState,
    Subject.STUDENT_KEY: StudentKeyState,
    Subject.COURSE_ROLE: CourseRoleState,
    Subject.ROLE: GrantState,
    Subject.FEATURE: GrantState,
    Subject.GROUP: GroupState,
    Subject.MEMBERSHIP: GrantState,
    Subject.CLIENT: ClientState,
    Subject.JOB: JobState,
    Subject.CATALOG: CatalogState,
}
_decoders: dict[Subject, msgspec.json.Decoder[State]] = {
    subject: msgspec.json.Decoder(form) for subject, form in _FORMS.items()
}
_encoder = msgspec.json.Encoder()
_NOTHING = "{}"


def encode_state(state: State | None) -> str:
    """Return a state as the journal keeps it; ``{}`` for None."""
    return _NOTHING if state is None else _encoder.encode(state).decode()


def read_state(subject: Subject, stored: str) -> State | None:
    """Return a stored state of a subject, of whatever version; None where there was nothing."""
    return None if stored == _NOTHING else _decoders[subject].decode(stored)


def state_of(subject: Subject, stored: dict[str, Any]) -> State | None:
    """As ``read_state``, of a stored state that was decoded already."""
    return msgspec.convert(stored, _FORMS[subject]) if stored else None
