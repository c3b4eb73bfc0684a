"""The kinds of batches, one row each: what starts, applies, shows or cancels one looks here."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.batches import courses, grades, people, programs
from matricula.batches.merging import values as merge_values
from matricula.batches.merging import words as merge_words
from matricula.batches.merging import writes as merge_writes
from matricula.batches.stored import AnyKind, keep_course_students, keep_rows, keep_students
from matricula.batches.undo import bulk as undo_bulk
from matricula.batches.undo import values as undo_values
from matricula.batches.undo import words as undo_words
from matricula.batches.undo import writes as undo_writes
from matricula.batches.values import Kind, ResultFile
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import CHECK, WRITE_COURSE_RUN_ENROLLMENTS, WRITE_PROGRAM_ENROLLMENTS
from matricula.journal.statuses import COMMAND, OperationKind
from matricula.journal.writes import Operation
from matricula.tabular.office import OfficeFile
from matricula.tabular.reading import TableFile

# several identifiers in one request of the API
COURSE_ENROLLMENTS = Kind(
    job="course_enrollments",
    title=gettext_lazy("API enrollment task"),
    operation=OperationKind.TASK,
    about=courses.course_of,
    options=courses.CourseOptions,
    row=courses.CourseRow,
    outcome=courses.CourseOutcome,
    columns=courses.columns,
    parse=courses.parse,
    write=courses.write_each,
    bulk=courses.BULK_EACH,
    describe=courses.describe,
    words=courses.words,
    keep=keep_rows,
    unversioned=courses.unversioned_task,
)
# a list or a file in the console
ROSTER = Kind(
    job="change_roster",
    check="check_roster",
    title=gettext_lazy("Roster change"),
    check_title=gettext_lazy("Roster change (review)"),
    operation=OperationKind.ROSTER_CHANGE,
    about=courses.course_of,
    options=courses.CourseOptions,
    row=courses.CourseRow,
    outcome=courses.CourseOutcome,
    columns=courses.columns,
    parse=courses.parse,
    write=courses.change_roster,
    preview=courses.preview_roster,
    effect=courses.effect,
    names_accounts=True,
    rejected=courses.REJECTED,
    bulk=courses.BULK_ROSTER,
    describe=courses.describe,
    words=courses.words,
    keep=keep_rows,
    unversioned=courses.unversioned_roster,
)
IMPORTED_ENROLLMENTS = Kind(
    job="import_enrollments",
    title=gettext_lazy("Enrollment import"),
    operation=OperationKind.IMPORT,
    about=courses.course_of,
    options=courses.CourseOptions,
    row=courses.CourseRow,
    outcome=courses.CourseOutcome,
    columns=courses.columns,
    parse=courses.parse,
    write=courses.write_changes,
    rejected=courses.REJECTED,
    bulk=courses.BULK_CHANGES,
    describe=courses.describe,
    words=courses.words,
    keep=keep_rows,
)
STUDENTS = Kind(
    job=WRITE_PROGRAM_ENROLLMENTS,
    check="check_program_enrollments",
    title=gettext_lazy("Program enrollment upload"),
    check_title=gettext_lazy("Program enrollment upload (review)"),
    operation=OperationKind.UPLOAD,
    about=programs.program_of,
    row=programs.StudentRow,
    key="student_key",
    outcome=programs.StudentOutcome,
    columns=programs.student_columns,
    parse=programs.parse_students,
    write=programs.write_students,
    preview=programs.preview_students,
    effect=programs.effect,
    bulk=programs.BULK_STUDENTS,
    describe=programs.describe_student,
    words=programs.words,
    rejected=programs.REJECTED,
    permission=WRITE_ENROLLMENTS,
    keep=keep_students,
    result=ResultFile(programs.student_cells, programs.code, programs.of_plan),
    unversioned=programs.unversioned_students,
)
COURSE_STUDENTS = Kind(
    job=WRITE_COURSE_RUN_ENROLLMENTS,
    check="check_course_run_enrollments",
    title=gettext_lazy("Course enrollment upload"),
    check_title=gettext_lazy("Course enrollment upload (review)"),
    operation=OperationKind.UPLOAD,
    about=programs.program_of,
    options=programs.CourseStudentOptions,
    row=programs.CourseStudentRow,
    key="student_key",
    outcome=programs.StudentOutcome,
    columns=programs.course_student_columns,
    parse=programs.parse_course_students,
    write=programs.write_course_students,
    preview=programs.preview_course_students,
    effect=programs.effect,
    bulk=programs.BULK_COURSE_STUDENTS,
    describe=programs.describe_course_student,
    words=programs.words,
    rejected=programs.REJECTED,
    permission=WRITE_ENROLLMENTS,
    features=programs.course_roles,
    keep=keep_course_students,
    result=ResultFile(programs.course_student_cells, programs.code, programs.of_plan),
    unversioned=programs.unversioned_course_students,
)
USERS = Kind(
    job="import_users",
    title=gettext_lazy("Account import"),
    operation=OperationKind.IMPORT,
    columns=lambda _options: people.USER_COLUMNS,
    chunk=20_000,
    parse=people.parse_users,
    names=people.names_of_user,
    later=people.TAKEN,
    write=people.write_users,
)
STUDENT_KEYS = Kind(
    job="import_student_keys",
    title=gettext_lazy("Student key import"),
    operation=OperationKind.IMPORT,
    about=people.organization_of,
    options=people.StudentKeyOptions,
    columns=lambda _options: people.STUDENT_KEY_COLUMNS,
    parse=people.parse_student_keys,
    names=people.names_of_student_key,
    write=people.write_student_keys,
)
# what an operation changed, put back as it was
UNDO = Kind(
    job=statuses.UNDO,
    check="check_undo_operation",
    title=gettext_lazy("Undo"),
    check_title=gettext_lazy("Undo (review)"),
    operation=OperationKind.UNDO,
    about=undo_values.about,
    bulk=undo_bulk.BULK,
    options=undo_values.UndoOptions,
    row=undo_values.UndoRow,
    key="key",
    outcome=undo_values.UndoOutcome,
    columns=undo_words.undo_columns,
    parse=undo_words.parse_undo,
    write=undo_writes.write_undo,
    preview=undo_writes.preview_undo,
    effect=undo_writes.undo_effect,
    names_accounts=True,
    describe=undo_words.describe_undo,
    words=undo_words.words,
    rejected=undo_words.REJECTED,
    permission=WRITE_ENROLLMENTS,
    keep=keep_rows,
)
# two accounts of one person become one; always planned first
MERGE = Kind(
    job="merge_accounts",
    check="check_merge_accounts",
    title=gettext_lazy("Account merge"),
    check_title=gettext_lazy("Account merge (review)"),
    operation=OperationKind.PLAN,
    options=merge_values.MergeOptions,
    row=merge_values.MergeRow,
    key="key",
    outcome=merge_values.MergeOutcome,
    columns=merge_words.merge_columns,
    parse=merge_words.parse_merge,
    write=merge_writes.write_merge,
    preview=merge_writes.preview_merge,
    effect=merge_writes.merge_effect,
    names_accounts=True,
    describe=merge_words.describe_merge,
    words=merge_words.words,
    rejected=merge_words.REJECTED,
    keep=keep_rows,
)
GRADES = Kind(
    job="import_grades",
    title=gettext_lazy("Grade import"),
    operation=OperationKind.IMPORT,
    columns=lambda _options: grades.COLUMNS,
    parse=grades.parse,
    names=grades.names,
    write=grades.write,
)

KINDS: tuple[AnyKind, ...] = (
    COURSE_ENROLLMENTS,
    ROSTER,
    IMPORTED_ENROLLMENTS,
    STUDENTS,
    COURSE_STUDENTS,
    USERS,
    STUDENT_KEYS,
    UNDO,
    MERGE,
    GRADES,
)
_OF_JOBS: Mapping[str, AnyKind] = {job: kind for kind in KINDS for job in (kind.job, kind.check) if job}
TITLES: Mapping[str, Promise] = {
    job: title
    for kind in KINDS
    for job, title in ((kind.job, kind.title), (kind.check, kind.check_title))
    if job and title
}
# kinds of jobs: those that only look; those that a worker can do, and finish after a crash; those whose rows
# are the content of a file, and are kept no longer than files
CHECKS = tuple(job for job in _OF_JOBS if job.startswith(CHECK))
DONE_BY_WORKERS = tuple(job for job, kind in _OF_JOBS.items() if kind.keep)
OF_FILES = tuple(job for job, kind in _OF_JOBS.items() if kind.keep and kind.operation is not OperationKind.TASK)


def find_kind(job: JobStatus) -> AnyKind | None:
    """The kind of batch that a job is; None for a download."""
    return _OF_JOBS.get(job.kind)


def get_kind(job: JobStatus) -> AnyKind:
    """The kind of batch that a job is."""
    return _OF_JOBS[job.kind]


def kind_of_students(file: TableFile) -> AnyKind:
    """What a file of students is about, as its header says. Errors: ``TabularError``."""
    is_of_courses = programs.names_courses(file)
    (file.stream if isinstance(file, OfficeFile) else file).seek(0)
    return COURSE_STUDENTS if is_of_courses else STUDENTS


def operation_of(job: JobStatus) -> Operation:
    """The operation under which all that a job changes is journaled: it has the job's id."""
    kind = get_kind(job).operation
    if kind is OperationKind.UPLOAD and job.source == COMMAND:
        kind = OperationKind.IMPORT
    if job.kind in CHECKS or (job.options.get("plan") and kind is not OperationKind.UNDO):
        kind = OperationKind.PLAN
    undone = job.options.get("undo_of") if kind is OperationKind.UNDO else None
    return Operation(
        job.id,
        job.actor_id,
        job.source,
        job.options.get("reason"),
        kind,
        course_id=job.course_id,
        program_id=job.program_id,
        job_id=job.id,
        file=job.options.get("file"),
        reverts=UUID(undone) if undone else None,
    )
