"""Changing several students at once, those whose boxes are ticked or all who fit the filter: always as a plan."""

from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.batches.kinds import COURSE_STUDENTS, STUDENTS
from matricula.batches.planning import EmptyPlan, make_plan
from matricula.batches.programs import CourseStudentOptions, CourseStudentRow, StudentRow
from matricula.batches.runs import given_rows
from matricula.batches.selecting import make_plan_of_selected
from matricula.batches.stored import AnyKind
from matricula.batches.values import Options
from matricula.catalog.reads import ProgramRun, list_program_runs
from matricula.console import inputs
from matricula.console.filters import OF, students_of
from matricula.console.pages import of_program
from matricula.enrollments.program.students import list_student_keys, select_students
from matricula.enrollments.statuses import COURSE_STATUSES, PROGRAM_STATUSES
from matricula.journal.statuses import CONSOLE


class _Change(NamedTuple):
    """A status in the program; in the course run ``run`` where there is one."""

    status: str
    run: ProgramRun | None

    @property
    def kind(self) -> AnyKind:
        return COURSE_STUDENTS if self.run else STUDENTS

    def options(self, selected: dict[str, str] | None = None) -> Options:
        return CourseStudentOptions(selected=selected) if self.run else Options(selected=selected)

    def row(self, student_key: str = "", number: int | None = None) -> StudentRow | CourseStudentRow:
        if self.run is None:
            return StudentRow(student_key, self.status, number=number)
        return CourseStudentRow(self.run.key, student_key, self.status, course_id=self.run.course_id, number=number)


@require_POST
@of_program(WRITE_ENROLLMENTS)
def change(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The plan of what would become of the students; nothing is written before it is applied."""
    runs = list_program_runs(access.program.id)
    given, wanted = students_of(request.POST, runs, OF)
    change = _change(request, runs)
    problem = _("Choose a status.") if change is None else ""
    if change is not None:
        try:
            if inputs.is_given(request.POST, "all"):
                plan_id = make_plan_of_selected(
                    change.kind,
                    access.program,
                    partial(select_students, access.program, wanted, names=caller.sees_names),
                    change.row(),
                    change.options(given),
                    actor_id=caller.account_id,
                    source=CONSOLE,
                )
            else:
                keys = list_student_keys(access.program.id, inputs.ids(request.POST, "who"))
                rows = [change.row(key, number) for number, key in enumerate(keys, 1)]
                if not rows:
                    raise EmptyPlan
                asked = given_rows(rows, change.options())
                plan_id = make_plan(change.kind, access.program, asked, actor_id=caller.account_id, source=CONSOLE)
            return redirect("plan", plan_id=plan_id)
        except EmptyPlan:
            problem = _("Select at least one student.")
    messages.error(request, problem)
    address = reverse("program", args=[access.program.key])
    return redirect(f"{address}?{urlencode(given)}" if given else address)


def _change(request: HttpRequest, runs: list[ProgramRun]) -> _Change | None:
    """What the button asks for that was pressed; None: for nothing that there is."""
    if inputs.word(request.POST, "what") != "course":
        status = inputs.choice(request.POST, "new_status", PROGRAM_STATUSES)
        return _Change(status, None) if status else None
    status = inputs.choice(request.POST, "course_status", COURSE_STATUSES)
    run = next((run for run in runs if run.key == inputs.word(request.POST, "new_course")), None)
    return _Change(status, run) if status and run else None
