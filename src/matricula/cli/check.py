"""``matricula check``."""

import warnings
from collections.abc import Iterator

import typer


def check_migrations() -> int:
    """0 if every change of the tables has its migration."""
    import django
    from django.core.management import call_command

    django.setup()
    # it would like to ask the database, and needs none
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    try:
        call_command("makemigrations", check_changes=True, dry_run=True)
    except SystemExit:
        return 1
    return 0


def check_service(*, deep: bool = False) -> int:
    """Says what needs attention; 0 if nothing does. ``deep``: computes all that is derived once more."""
    lines = list(_faults(deep))
    for line in lines:
        typer.echo(line)
    typer.echo("All is well." if not lines else f"{len(lines)} things need attention.")
    return 1 if lines else 0


def _faults(deep: bool) -> Iterator[str]:
    from django.core.checks import ERROR, run_checks

    from matricula.cli.ownership import DECLARED, count_missing_migrations
    from matricula.foundation.postgresql.roles import list_role_faults, may_read
    from matricula.jobs.reads import count_failed
    from matricula.notices.reads import count_given_up

    yield from (str(problem) for problem in run_checks(databases=["default"]) if problem.level >= ERROR)
    yield from list_role_faults(DECLARED)
    if not may_read("django_migrations"):
        return
    if missing := count_missing_migrations():
        yield f"{missing} migrations are missing: run `matricula migrate`."
        return
    if failed := count_failed():
        yield f"{failed} jobs have failed; the admin lists them with the reason."
    if due := _count_due():
        yield f"{due} jobs, files and students who wait should have been deleted days ago: does a worker run?"
    if given_up := count_given_up():
        yield f"{given_up} mails could not be sent; the admin lists them with the last error."
    if deep:
        yield from _differences()


def _differences() -> Iterator[str]:
    from matricula.enrollments.checks import list_differences

    for what, count, places in list_differences():
        yield f"{count} {what}: {'; '.join(places)}{'; …' if count > len(places) else ''}."


def _count_due() -> int:
    from django.conf import settings

    from matricula.enrollments.retention import count_due_waiting_students
    from matricula.jobs.retention import count_due

    keep = settings.ENVIRONMENT
    return count_due(keep.keep_files_days, keep.keep_jobs_days) + count_due_waiting_students(keep.keep_waiting_days)
