"""``matricula import``: rows of a file as one job, with a progress bar and a summary."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, TextIO

import typer

from matricula.cli.group import group
from matricula.cli.planned import account_of, finish_made, progress_bar, show_made
from matricula.cli.service import Data, database, fail, note

if TYPE_CHECKING:
    from matricula.batches.stored import AnyKind
    from matricula.batches.values import Options, Rejected
    from matricula.catalog.reads import ProgramFacts

app = group("Import rows from a CSV file or a spreadsheet.")

File = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="A CSV file (UTF-8 or UTF-16), or the first sheet of an .xlsx or .ods."
    ),
]
Program = Annotated[str, typer.Option(help="The program key.")]
By = Annotated[
    str | None, typer.Option("--by", help="The username to show as actor in the audit log.", show_default=False)
]

AsPlan = Annotated[bool, typer.Option("--plan", help="Make a plan of what would change, instead of writing it.")]
Everyone = Annotated[
    bool, typer.Option("--all", help="With --plan: the file names everyone; plan to remove all others.")
]
Name = Annotated[str | None, typer.Option("--name", help="With --plan: its name.", show_default="the file's name")]
AsJson = Annotated[bool, typer.Option("--json", help="With --plan: print it as JSON.")]


@app.command("enrollments")
def enrollments(
    file: File,
    course: Annotated[str, typer.Option(help="The course key.")],
    data: Data = None,
    by: By = None,
    plan: AsPlan = False,
    everyone: Everyone = False,
    name: Name = None,
    as_json: AsJson = False,
) -> None:
    """Enroll or unenroll: columns identifier (or email), and optionally mode, auto_enroll, reason, action."""
    with database(data):
        from matricula.batches.kinds import IMPORTED_ENROLLMENTS, ROSTER
        from matricula.catalog.reads import find_course

        run = find_course(course)
        if run is None:
            raise fail(f"there is no course run {course}. Load it with an institution file first.", 1)
        planning = _asked(plan, everyone=everyone, name=name, as_json=as_json)
        if planning:
            _plan(ROSTER, run, file, by, planning)
        else:
            _import(IMPORTED_ENROLLMENTS, run, file, by)


@app.command("users")
def users(file: File, data: Data = None, by: By = None) -> None:
    """Create or update accounts: username, email; optional first_name, last_name, is_active, language, password."""
    with database(data):
        from matricula.batches.kinds import USERS

        _import(USERS, None, file, by)


@app.command("program-enrollments")
def program_enrollments(
    file: File,
    program: Program,
    data: Data = None,
    by: By = None,
    plan: AsPlan = False,
    everyone: Everyone = False,
    name: Name = None,
    as_json: AsJson = False,
) -> None:
    """Create or update program enrollments: columns student_key, status."""
    with database(data):
        from matricula.batches.kinds import STUDENTS

        planning = _asked(plan, everyone=everyone, name=name, as_json=as_json)
        if planning:
            _plan(STUDENTS, _program(program), file, by, planning)
        else:
            _import(STUDENTS, _program(program), file, by)


@app.command("course-enrollments")
def course_enrollments(
    file: File,
    program: Program,
    data: Data = None,
    by: By = None,
    plan: AsPlan = False,
    everyone: Everyone = False,
    name: Name = None,
    as_json: AsJson = False,
) -> None:
    """Create or update enrollments in a program's course runs: course_id, student_key, status; course_staff."""
    with database(data):
        from matricula.batches.kinds import COURSE_STUDENTS
        from matricula.batches.programs import CourseStudentOptions

        planning, options = (
            _asked(plan, everyone=everyone, name=name, as_json=as_json),
            CourseStudentOptions(course_staff=True),
        )
        if planning:
            _plan(COURSE_STUDENTS, _program(program), file, by, planning, options)
        else:
            _import(COURSE_STUDENTS, _program(program), file, by, options)


@app.command("student-keys")
def student_keys(
    file: File,
    organization: Annotated[str, typer.Option(help="The organization key.")],
    data: Data = None,
    by: By = None,
) -> None:
    """Link student keys to accounts: student_key, and username or email; a row that leaves both empty unlinks."""
    with database(data):
        from matricula.batches.kinds import STUDENT_KEYS
        from matricula.batches.people import StudentKeyOptions
        from matricula.catalog.reads import organization_ids

        found = organization_ids([organization])
        if not found:
            raise fail(f"there is no organization {organization}. Load it with an institution file first.", 1)
        owner = found[organization]
        _import(STUDENT_KEYS, owner, file, by, StudentKeyOptions(organization_id=owner))


@app.command("grades")
def grades(file: File, data: Data = None, by: By = None) -> None:
    """Create or replace grades: course, username, and percent with passed (optional letter_grade), or error."""
    with database(data):
        from matricula.batches.kinds import GRADES

        _import(GRADES, None, file, by)


def _import(kind: "AnyKind", about: Any, file: Path, by: str | None, options: "Options | None" = None) -> None:
    from matricula.batches.imports import ImportDoor, ImportEnded, import_file
    from matricula.foundation.files import StorageFailed
    from matricula.jobs.writes import WriteUnfinished
    from matricula.journal.statuses import COMMAND
    from matricula.tabular.problems import TabularError

    actor_id = account_of(by)
    options = options or kind.options()
    with RejectedRows(file, kind.columns(options)) as rejected, progress_bar() as bar:
        task = bar.add_task(file.name, total=file.stat().st_size)
        door = ImportDoor(
            actor_id,
            COMMAND,
            lambda position: bar.update(task, completed=position),
            rejected.add,
            _show_understood,
        )
        try:
            counts = import_file(kind, about, file, door, options)
        except TabularError as error:
            raise fail(f"{file}: {error.message} Nothing was imported.", 1) from None
        except WriteUnfinished:
            raise fail(
                "another job is still writing enrollments of this program. Wait until it has ended.", 1
            ) from None
        except ImportEnded as ended:
            raise fail(f"{file}: {ended} Rows written before that were kept. Import the file again.", 1) from None
        except StorageFailed as failed:
            raise fail(f"the rows were written, but the file storage rejected the result file: {failed}", 1) from None
        bar.update(task, completed=file.stat().st_size)
    rows = sum(counts.values())
    typer.echo(
        f"{rows} {'row' if rows == 1 else 'rows'}: "
        + (", ".join(f"{n} {word}" for word, n in sorted(counts.items())) or "nothing to do")
    )
    if rejected.count:
        were, them = ("1 row was", "it") if rejected.count == 1 else (f"{rejected.count} rows were", "them")
        note(f"{were} rejected. Correct {them} in {rejected.path} and import that file.")
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Planning:
    """How a plan is to be made."""

    everyone: bool
    name: str | None
    as_json: bool


def _asked(plan: bool, *, everyone: bool, name: str | None, as_json: bool) -> _Planning | None:
    """How a plan is to be made; None: the rows are to be written. Ends the command for an option of plans alone."""
    if plan:
        return _Planning(everyone, name, as_json)
    if everyone or name is not None or as_json:
        raise fail("--all, --name and --json are for plans: add --plan.")
    return None


def _plan(
    kind: "AnyKind", about: Any, file: Path, by: str | None, asked: _Planning, options: "Options | None" = None
) -> None:
    from msgspec.structs import replace

    from matricula.batches.planning import EmptyPlan, make_plan
    from matricula.batches.plans.statuses import Scope
    from matricula.batches.runs import rows_of_file
    from matricula.batches.stored import options_of
    from matricula.jobs.reads import get_job
    from matricula.journal.statuses import COMMAND
    from matricula.tabular.office import office_file
    from matricula.tabular.problems import TabularError

    actor_id = account_of(by)
    options = replace(options or kind.options(), file=file.name)
    scope = Scope.ALL if asked.everyone else Scope.ROWS
    try:
        with file.open("rb") as stream, office_file(stream) as table:
            given = rows_of_file(kind, about, table, options)
            plan_id = make_plan(kind, about, given, scope=scope, name=asked.name, actor_id=actor_id, source=COMMAND)
    except TabularError as error:
        raise fail(f"{file}: {error.message} No plan was made.", 1) from None
    except EmptyPlan:
        raise fail(f"{file} has no rows, so that everyone would be removed. No plan was made.", 1) from None
    _show_understood(options_of(get_job(plan_id), kind))
    show_made(finish_made(plan_id), as_json=asked.as_json)


def _show_understood(options: "Options") -> None:
    """Says which columns were found under other names, and which sheet was read."""
    if options.sheet is not None:
        note(f"The sheet “{options.sheet}” was read.")
    for name, written in options.understood or ():
        note(f"The column “{written}” was read as {name}.")


def _program(key: str) -> "ProgramFacts":
    from matricula.catalog.reads import find_program

    found = find_program(key)
    if found is None:
        raise fail(f"there is no program {key}. Load it with an institution file first.", 1)
    if not found.manages_enrollments:
        raise fail(f"enrollments of the program {key} aren't managed here.", 1)
    return found


class RejectedRows:
    """``<name>.rejected.csv`` beside the file, with the reason in a last column; none where no row is rejected."""

    def __init__(self, file: Path, columns: tuple[str, ...]) -> None:
        self.path = file.with_name(f"{file.stem}.rejected.csv")
        self._columns = columns
        self._stream: TextIO | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def add(self, rejected: "Rejected") -> None:
        """Writes one row."""
        from matricula.tabular.writing import TableWriter

        if self._stream is None:
            self._stream = self.path.open("w", newline="", encoding="utf-8")
            self._writer = TableWriter(self._stream, [*self._columns, "rejected_because"])
        self.count += 1
        self._writer.write_row([*rejected.cells, rejected.reason])

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
