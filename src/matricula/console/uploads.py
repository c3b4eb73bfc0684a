"""Uploading a file of students: understood and looked at first, as a check, whose page shows what would happen."""

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.batches.kinds import COURSE_STUDENTS, kind_of_students
from matricula.batches.planning import make_plan
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import rows_of_file
from matricula.batches.values import Options
from matricula.catalog.reads import list_program_runs
from matricula.console import inputs
from matricula.console.disclosing import form_of
from matricula.console.files import MAX_FILE, size_problem, table_problem
from matricula.console.pages import of_program, takes_file
from matricula.console.samples import answer_course_students, answer_students
from matricula.enrollments.statuses import COURSE_STATUSES, PROGRAM_STATUSES
from matricula.journal.statuses import CONSOLE
from matricula.tabular.office import office_file
from matricula.tabular.problems import TabularError

STUDENTS, COURSES = "students", "courses"


@require_http_methods(["GET", "POST"])
@of_program(WRITE_ENROLLMENTS)
@takes_file
def upload(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The form for a file; sent, it leads to the check, or says what is wrong with the file and where. A sample of one,
    where the address asks for it.
    """
    problem = ""
    form = form_of(request)
    if form and request.method == "GET":
        if inputs.word(request.GET, "sample") != COURSES:
            return answer_students(access.program.key, form)
        runs = list_program_runs(access.program.id)
        return answer_course_students(access.program.key, runs, form, staff=FEATURE_COURSE_ROLES in access.features)
    if request.method == "POST":
        started = _start(request, caller, access)
        if not isinstance(started, str):
            return started
        problem = started
    context = {
        "program": access.program,
        "runs": list_program_runs(access.program.id),
        "problem": problem,
        "statuses": PROGRAM_STATUSES,
        "course_statuses": COURSE_STATUSES,
        "course_roles": FEATURE_COURSE_ROLES in access.features,
        "limit": MAX_FILE // 2**20,
        "samples": [f"{request.path}?{urlencode({'sample': one})}" for one in (STUDENTS, COURSES)],
    }
    return render(request, "matricula/upload.html", context, status=400 if problem else 200)


def _start(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse | str:
    """The page of the check, or why there is none."""
    file = inputs.file(request)
    if file is None:
        return _("Choose a file, or drop one.")
    if problem := size_problem(file):
        return problem
    try:
        with office_file(cast(Any, file)) as table:
            kind, options = kind_of_students(table), Options(file=file.name)
            if kind is COURSE_STUDENTS:
                options = CourseStudentOptions(file=file.name, course_staff=FEATURE_COURSE_ROLES in access.features)
            given = rows_of_file(kind, access.program, table, options)
            check = make_plan(kind, access.program, given, actor_id=caller.account_id, source=CONSOLE)
    except TabularError as error:
        return table_problem(error)
    return redirect("plan", plan_id=check)
