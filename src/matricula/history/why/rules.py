"""Which case a person is: a table, first rule first. Values in, case out: no database, no Django."""

from enum import Enum, StrEnum
from typing import NamedTuple

from matricula.enrollments.statuses import ACTIVE, LEFT_PROGRAM
from matricula.journal.statuses import COMMAND, CONSOLE, SCHEDULE, SIGN_UP, UPLOAD, OperationKind, Source


class Account(Enum):
    """What is behind an identifier."""

    NONE = "none"
    INACTIVE = "not active"
    ACTIVE = "active"
    TWO = "two"


class Seat(Enum):
    """The course enrollment."""

    NONE = "none"
    ACTIVE = "active"
    ENDED = "ended"


class Invited(Enum):
    """The invitation: under an address that waits for an account, or bound to one."""

    NO = "no"
    WAITING = "waiting"
    BOUND = "bound"


class Student(Enum):
    """The row in a program that has the course run."""

    NONE = "none"
    # active in the course run, with an account that the reader may not know
    ACTIVE = "active"
    # the same, without an account
    WAITING = "waiting"
    INACTIVE = "inactive"
    # in the program alone
    ELSEWHERE = "in the program"


class Change(Enum):
    """What the journal says about how it came to this."""

    UNKNOWN = "unknown"
    KNOWN = "known"
    # enrolled before, and in another mode since
    MODE = "mode"
    # by a program that the reader may read
    PROGRAM = "program"


class CourseFacts(NamedTuple):
    """What the case in a course run follows from."""

    account: Account = Account.NONE
    seat: Seat = Seat.NONE
    invited: Invited = Invited.NO
    auto_enroll: bool = False
    change: Change = Change.UNKNOWN
    # there was an invitation, and it was withdrawn
    withdrawn: bool = False
    # a plan that names the person isn't applied
    planned: bool = False
    rejected: bool = False
    student: Student = Student.NONE
    # an account or an invitation has almost this identifier
    has_twin: bool = False
    # the twin is without the invisible characters
    is_invisible: bool = False
    is_address: bool = False


class ProgramFacts(NamedTuple):
    """What the case in a program follows from; ``status`` None: there is no row."""

    status: str | None = None
    linked: bool = False
    change: Change = Change.UNKNOWN
    # there was a row
    removed: bool = False
    planned: bool = False
    rejected: bool = False
    has_twin: bool = False
    is_invisible: bool = False


class Case(StrEnum):
    """Each has its sentence (``words.py``)."""

    TWO_ACCOUNTS = "two_accounts"
    ENROLLED = "enrolled"
    ENROLLED_IN_ANOTHER_MODE = "enrolled_in_another_mode"
    ENROLLED_THROUGH_PROGRAM = "enrolled_through_program"
    ENROLLED_UNEXPLAINED = "enrolled_unexplained"
    INVITED_TO_BE_ENROLLED = "invited_to_be_enrolled"
    INVITED_WITHOUT_ACCOUNT = "invited_without_account"
    INVITED_TO_BE_ENROLLED_ONCE_ACTIVE = "invited_to_be_enrolled_once_active"
    INVITED_NOT_ACTIVE = "invited_not_active"
    INVITED_MAY_ENROLL = "invited_may_enroll"
    PLANNED = "planned"
    ENDED = "ended"
    ENDED_THROUGH_PROGRAM = "ended_through_program"
    ENDED_UNEXPLAINED = "ended_unexplained"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    STUDENT_ACTIVE = "student_active"
    STUDENT_WAITS = "student_waits"
    STUDENT_INACTIVE = "student_inactive"
    STUDENT_ELSEWHERE = "student_elsewhere"
    TWIN = "twin"
    TWIN_WITHOUT_INVISIBLE = "twin_without_invisible_characters"
    NEVER_NOT_ACTIVE = "never_not_active"
    NEVER = "never"
    UNKNOWN_ADDRESS = "unknown_address"
    UNKNOWN_USERNAME = "unknown_username"
    STUDENT = "student"
    STUDENT_UNLINKED = "student_unlinked"
    STUDENT_UNEXPLAINED = "student_unexplained"
    LEFT_PROGRAM = "left_program"
    REMOVED_FROM_PROGRAM = "removed_from_program"
    PLANNED_FOR_PROGRAM = "planned_for_program"
    REJECTED_IN_PROGRAM = "rejected_in_program"
    UNKNOWN_KEY_WITH_TWIN = "unknown_key_with_twin"
    UNKNOWN_KEY = "unknown_key"


_ENROLLED = {
    Change.KNOWN: Case.ENROLLED,
    Change.MODE: Case.ENROLLED_IN_ANOTHER_MODE,
    Change.PROGRAM: Case.ENROLLED_THROUGH_PROGRAM,
    Change.UNKNOWN: Case.ENROLLED_UNEXPLAINED,
}
_ENDED = {
    Change.KNOWN: Case.ENDED,
    Change.MODE: Case.ENDED,
    Change.PROGRAM: Case.ENDED_THROUGH_PROGRAM,
    Change.UNKNOWN: Case.ENDED_UNEXPLAINED,
}
_STUDENTS = {
    Student.ACTIVE: Case.STUDENT_ACTIVE,
    Student.WAITING: Case.STUDENT_WAITS,
    Student.INACTIVE: Case.STUDENT_INACTIVE,
    Student.ELSEWHERE: Case.STUDENT_ELSEWHERE,
}


def decide_course_case(facts: CourseFacts) -> Case:
    """Return the case of one person in one course run."""
    if facts.account is Account.TWO:
        return Case.TWO_ACCOUNTS
    if facts.seat is Seat.ACTIVE:
        return _ENROLLED[facts.change]
    if facts.invited is not Invited.NO:
        return _decide_invited(facts)
    if facts.planned:
        return Case.PLANNED
    if facts.seat is Seat.ENDED:
        return _ENDED[facts.change]
    if facts.withdrawn:
        return Case.WITHDRAWN
    return _decide_absent(facts)


def _decide_invited(facts: CourseFacts) -> Case:
    if facts.account is Account.NONE:
        return Case.INVITED_TO_BE_ENROLLED if facts.auto_enroll else Case.INVITED_WITHOUT_ACCOUNT
    if facts.account is Account.INACTIVE:
        return Case.INVITED_TO_BE_ENROLLED_ONCE_ACTIVE if facts.auto_enroll else Case.INVITED_NOT_ACTIVE
    return Case.INVITED_MAY_ENROLL


def _decide_absent(facts: CourseFacts) -> Case:
    """Of someone who was never there."""
    if facts.student in {Student.ACTIVE, Student.WAITING}:
        return _STUDENTS[facts.student]
    if facts.rejected:
        return Case.REJECTED
    if facts.student is not Student.NONE:
        return _STUDENTS[facts.student]
    if facts.account is Account.ACTIVE:
        return Case.NEVER
    if facts.account is Account.INACTIVE:
        return Case.NEVER_NOT_ACTIVE
    if facts.has_twin:
        return Case.TWIN_WITHOUT_INVISIBLE if facts.is_invisible else Case.TWIN
    return Case.UNKNOWN_ADDRESS if facts.is_address else Case.UNKNOWN_USERNAME


def decide_program_case(facts: ProgramFacts) -> Case:
    """Return the case of one student key in one program."""
    if facts.status is not None:
        if facts.change is Change.UNKNOWN:
            return Case.STUDENT_UNEXPLAINED
        if facts.status in LEFT_PROGRAM:
            return Case.LEFT_PROGRAM
        return Case.STUDENT if facts.linked else Case.STUDENT_UNLINKED
    if facts.planned:
        return Case.PLANNED_FOR_PROGRAM
    if facts.removed:
        return Case.REMOVED_FROM_PROGRAM
    if facts.rejected:
        return Case.REJECTED_IN_PROGRAM
    if facts.has_twin:
        return Case.TWIN_WITHOUT_INVISIBLE if facts.is_invisible else Case.UNKNOWN_KEY_WITH_TWIN
    return Case.UNKNOWN_KEY


def student_of(course_status: str | None, *, linked: bool) -> Student:
    """Return what a student's row in a program means for the course run; ``course_status`` None: there is none."""
    if course_status is None:
        return Student.ELSEWHERE
    if course_status == ACTIVE:
        return Student.ACTIVE if linked else Student.WAITING
    return Student.INACTIVE


class Deed(StrEnum):
    """How something was done, for a sentence to say it; each with and without who did it."""

    FILE = "file"
    IMPORT = "import"
    PLAN_OF_FILE = "plan_of_file"
    PLAN = "plan"
    ROSTER = "roster"
    TASK = "task"
    UPLOAD = "upload"
    UNDO = "undo"
    LOAD = "load"
    SIGN_UP = "sign_up"
    SCHEDULE = "schedule"
    CONSOLE = "console"
    COMMAND = "command"
    API = "api"


_DEEDS = {
    OperationKind.TASK: Deed.TASK,
    OperationKind.UPLOAD: Deed.UPLOAD,
    OperationKind.IMPORT: Deed.COMMAND,
    OperationKind.ROSTER_CHANGE: Deed.ROSTER,
    OperationKind.PLAN: Deed.PLAN,
    OperationKind.UNDO: Deed.UNDO,
    OperationKind.LOAD: Deed.LOAD,
    OperationKind.SIGN_UP: Deed.SIGN_UP,
    OperationKind.NIGHTLY: Deed.SCHEDULE,
}
_OF_FILES = {
    Deed.UPLOAD: Deed.FILE,
    Deed.ROSTER: Deed.FILE,
    Deed.PLAN: Deed.PLAN_OF_FILE,
    Deed.COMMAND: Deed.IMPORT,
}
_SOURCES = {
    CONSOLE: Deed.CONSOLE,
    COMMAND: Deed.COMMAND,
    SIGN_UP: Deed.SIGN_UP,
    SCHEDULE: Deed.SCHEDULE,
    UPLOAD: Deed.UPLOAD,
}


def decide_deed(kind: OperationKind | None, source: Source, *, has_file: bool) -> Deed:
    """Return how an operation is said; ``kind`` None: of before operations had one."""
    deed = (kind and _DEEDS.get(kind)) or _SOURCES.get(source, Deed.API)
    return _OF_FILES.get(deed, deed) if has_file else deed
