"""What people do in the demo: each act goes the road of every change, and keeps when it is said to have happened."""

import io
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.statuses import CourseRole
from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.kinds import COURSE_ENROLLMENTS, COURSE_STUDENTS, STUDENTS
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.rights import may_cancel
from matricula.batches.runs import run_here, start_batch, start_batch_of_file
from matricula.batches.values import Options
from matricula.catalog.reads import CourseRun, ProgramFacts, find_courses, get_program, organization_ids, program_ids
from matricula.cli.demo.people import Person
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentRequest, write_course_enrollments
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.enrollments.statuses import ACTIVE, ENROLL, UNENROLL
from matricula.grades.writes import GradeRequest, StudentGradeRequest, save_grades, write_student_grades
from matricula.identity.accounts import save_accounts
from matricula.identity.linking import link_student_keys
from matricula.institution.items import Institution
from matricula.institution.writes import load_institution
from matricula.jobs.canceling import cancel_job
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import get_job
from matricula.journal.statuses import API, COMMAND, CONSOLE, SIGN_UP, UPLOAD, OperationKind, Source
from matricula.journal.writes import Operation, new_operation
from matricula.learners.reads import account_ids_by_username
from matricula.learners.writes import AccountRequest
from matricula.worker.tasks import carry_out


class Acts:
    """The acts, with the moments of those that were done since ``take_moments`` was called last."""

    def __init__(self) -> None:
        self._operations: dict[uuid.UUID, datetime] = {}
        self._joined: dict[int, datetime] = {}
        # what the institution file has brought, by its keys
        self._accounts: dict[str, int] = {}
        self._organizations: dict[str, int] = {}
        self._courses: dict[str, CourseRun] = {}
        self._programs: dict[str, ProgramFacts] = {}

    def take_moments(self) -> tuple[dict[uuid.UUID, datetime], dict[int, datetime]]:
        """When operations and jobs, and accounts, came to be; each is yielded once."""
        taken = self._operations, self._joined
        self._operations, self._joined = {}, {}
        return taken

    def found(self, at: datetime, institution: Institution) -> None:
        """Loads the institution file of the demo."""
        load_institution(self._operation(at, None, COMMAND), institution)
        self._accounts = account_ids_by_username([user.username for user in institution.users])
        self._organizations = organization_ids([organization.key for organization in institution.organizations])
        self._courses = find_courses(keys=[course.key for course in institution.courses])
        programs = program_ids([program.key for program in institution.programs])
        self._programs = {key: get_program(program_id) for key, program_id in programs.items()}
        self._joined.update(dict.fromkeys(self._accounts.values(), at))

    def join(self, at: datetime, people: Sequence[Person], *, by: str | None) -> None:
        """People get accounts: by an import, or (``by`` None) by signing up, which enrolls them where invited."""
        requests = [AccountRequest(p.username, p.email, p.first_name, p.last_name, language=p.language) for p in people]
        outcomes = save_accounts(self._operation(at, by, COMMAND if by else SIGN_UP), requests)
        ids = {p.username: o.account_id for p, o in zip(people, outcomes, strict=True) if o.account_id}
        self._accounts.update(ids)
        self._joined.update(dict.fromkeys(ids.values(), at))

    def link(self, at: datetime, organization: str, people: Sequence[Person], *, by: str) -> None:
        """The organization's student keys get their accounts."""
        links = [(p.student_key, self._accounts[p.username]) for p in people]
        link_student_keys(self._operation(at, by, COMMAND), self._organizations[organization], links)

    def admit(self, at: datetime, program: str, students: Mapping[str, str], *, by: str, source: Source = API) -> None:
        """Students (key → status) come into a program, or get another status in it."""
        write_program_enrollments(
            self._operation(at, by, source),
            self._programs[program],
            Verb.CREATE_OR_UPDATE,
            [ProgramRequest(key, status) for key, status in students.items()],
        )

    def study(
        self,
        at: datetime,
        program: str,
        course: str,
        keys: Collection[str],
        *,
        by: str,
        status: str = ACTIVE,
        staff: bool | None = None,
        source: Source = API,
    ) -> None:
        """Students of a program get a status in one of its course runs."""
        course_id = self._courses[course].id
        write_program_course_enrollments(
            self._operation(at, by, source),
            self._programs[program],
            Verb.CREATE_OR_UPDATE,
            [ProgramCourseRequest(course_id, key, status, staff) for key in keys],
        )

    def enroll(
        self,
        at: datetime,
        course: str,
        identifiers: Sequence[str],
        *,
        by: str,
        mode: str | None = None,
        auto: bool = False,
        reason: str | None = None,
        source: Source = API,
    ) -> None:
        """People are enrolled in a course run, or invited to it; no one gets a mail."""
        self._write(at, course, identifiers, Requested(ENROLL, mode, auto), by, reason, source)

    def unenroll(
        self, at: datetime, course: str, identifiers: Sequence[str], *, by: str, reason: str, source: Source = API
    ) -> None:
        """People leave a course run, with a reason."""
        self._write(at, course, identifiers, Requested(UNENROLL), by, reason, source)

    def _write(
        self,
        at: datetime,
        course: str,
        identifiers: Sequence[str],
        requested: Requested,
        by: str,
        reason: str | None,
        source: Source,
    ) -> None:
        requests = [EnrollmentRequest(identifier, requested, reason=reason) for identifier in identifiers]
        write_course_enrollments(self._operation(at, by, source), self._courses[course], requests)

    def give_role(self, at: datetime, role: CourseRole, course: str, people: Sequence[Person]) -> None:
        """People get a role in a course run."""
        course_id = self._courses[course].id
        roles = [CourseRoleRequest(role, self._accounts[p.username], course_id) for p in people]
        write_grants(self._operation(at, None, COMMAND), roles, granted=True)

    def grade(self, at: datetime, course: str, grades: Mapping[str, tuple[float, str, bool] | str]) -> None:
        """Usernames get a grade (percent, letter, passed), or the error why there is none."""
        course_id = self._courses[course].id
        save_grades(
            self._operation(at, None, API),
            [
                GradeRequest(course_id, self._accounts[name], error=grade)
                if isinstance(grade, str)
                else GradeRequest(course_id, self._accounts[name], *grade)
                for name, grade in grades.items()
            ],
        )

    def grade_students(
        self, at: datetime, program: str, course: str, grades: Mapping[str, tuple[float, str, bool]]
    ) -> None:
        """Student keys of a program get a grade."""
        requests = [StudentGradeRequest(key, *grade) for key, grade in grades.items()]
        operation = self._operation(at, None, API)
        write_student_grades(operation, self._programs[program], self._courses[course].id, requests)

    def upload(self, at: datetime, program: str, rows: Sequence[str], *, by: str, canceled: bool = False) -> None:
        """A file of students is uploaded and applied, or canceled before it is."""
        text = "\n".join(("student_key,status", *rows)).encode()
        facts, actor_id = self._programs[program], self._accounts[by]
        job_id = start_batch_of_file(STUDENTS, facts, io.BytesIO(text), Options(), actor_id=actor_id, source=UPLOAD)
        self._operations[job_id] = at
        if canceled:
            cancel_job(job_id, self._operation(at, by, CONSOLE), may=partial(may_cancel, actor_id))
        else:
            run_here(job_id)

    def upload_courses(self, at: datetime, program: str, rows: Sequence[str], *, by: str) -> None:
        """A file of students in the program's course runs is uploaded and applied."""
        text = "\n".join(("course_id,student_key,status", *rows)).encode()
        facts, actor_id = self._programs[program], self._accounts[by]
        job_id = start_batch_of_file(
            COURSE_STUDENTS, facts, io.BytesIO(text), CourseStudentOptions(), actor_id=actor_id, source=UPLOAD
        )
        self._operations[job_id] = at
        run_here(job_id)

    def download(
        self,
        at: datetime,
        kind: str,
        program: str,
        course: str | None = None,
        *,
        by: str,
        form: str = "csv",
        options: Mapping[str, bool] | None = None,
    ) -> None:
        """A file about a program is written."""
        job_id = start_download(
            kind,
            actor_id=self._accounts[by],
            source=API,
            program_id=self._programs[program].id,
            course_id=self._courses[course].id if course else None,
            form=form,
            options=options,
        )
        self._operations[job_id] = at
        carry_out(get_job(job_id))

    def enroll_many(self, at: datetime, course: str, identifiers: Sequence[str], *, by: str, mode: str) -> None:
        """Many people are enrolled at once, as a task."""
        job_id = start_batch(
            COURSE_ENROLLMENTS,
            self._courses[course],
            map(CourseRow, identifiers),
            CourseOptions(mode=mode, auto_enroll=True),
            actor_id=self._accounts[by],
            source=API,
        )
        self._operations[job_id] = at
        carry_out(get_job(job_id))

    def _operation(self, at: datetime, by: str | None, source: Source) -> Operation:
        operation = new_operation(self._accounts[by] if by else None, source, kind=OperationKind.DEMO)
        self._operations[operation.id] = at
        return operation
