"""Filling an empty database with the demo: its institution, its people, and what happened there in half a year."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import connection

from matricula.batches.kinds import OF_FILES
from matricula.catalog.reads import find_program, list_program_keys
from matricula.cli.demo import north, sur
from matricula.cli.demo.acts import Acts
from matricula.cli.demo.backdating import backdate_the_demo
from matricula.cli.demo.people import invent_people
from matricula.cli.demo.plan import FIRST_DAY, Plan
from matricula.enrollments.program.retention import delete_waiting_students
from matricula.foundation.transactions import one_transaction
from matricula.institution.reading import read_institution_file
from matricula.jobs.retention import delete_expired_files, delete_expired_jobs
from matricula.learners.reads import accounts_exist
from matricula.reports.writes import write_program_reports

DEMO = Path(__file__).parents[2] / "institution" / "demo.yaml"
_SEED = 2027
# days ago on whose evening reports were written
_REPORTED = (150, 120, 90, 60, 30, 14, 7, 3, 2, 1)


class DatabaseInUse(Exception):
    """There are accounts already: a made-up past must not be added to them."""


def load_demo(now: datetime) -> None:
    """Loads the demo and writes its history as if it had happened in the half year before ``now``; queues no mail.

    Only for ``matricula up``, in an empty database: the journal is moved into the past. All of it, or nothing but
    files of reports. Everything but times and ids is the same at every call. Errors: ``DatabaseInUse``.
    """
    with one_transaction():
        with connection.cursor() as cursor:
            # no one gets an account meanwhile, from another first start neither
            cursor.execute("lock table matricula_account in share row exclusive mode")
        if accounts_exist():
            raise DatabaseInUse
        # the same people and the same days, whenever it is called
        random = Random(_SEED)  # noqa: S311  no secrets
        acts, plan, people = Acts(), Plan(now, random), invent_people(random)
        plan.on(FIRST_DAY, acts.found, read_institution_file(DEMO))
        north.plan_events(plan, acts, people)
        sur.plan_events(plan, acts, people)
        for days_ago in _REPORTED:
            for event in plan.until(days_ago):
                event.happen()
            backdate_the_demo(*acts.take_moments())
            _write_reports(now - timedelta(days=days_ago))
        _delete_expired()


def _write_reports(day: datetime) -> None:
    for key in list_program_keys():
        if program := find_program(key):
            write_program_reports(program, day.astimezone(UTC).date())


def _delete_expired() -> None:
    """What the worker does every night, and would have done by now."""
    keep = settings.ENVIRONMENT
    delete_expired_files(keep.keep_files_days, OF_FILES)
    delete_expired_jobs(keep.keep_jobs_days)
    delete_waiting_students(keep.keep_waiting_days)
