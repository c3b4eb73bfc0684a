"""``matricula jobs``: what runs, and how to end it."""

import uuid
from typing import Annotated

import typer

from matricula.cli.group import group
from matricula.cli.service import Data, database, fail

app = group("List and cancel jobs.")


@app.command("list")
def list_them(
    data: Data = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only waiting and running jobs.")] = False,
) -> None:
    """The latest hundred jobs: id, state, what they do, how far, since when, for which program, why they failed."""
    with database(data):
        from matricula.catalog.reads import program_keys
        from matricula.jobs.reads import list_jobs
        from matricula.jobs.statuses import UNFINISHED

        jobs = list_jobs(states=UNFINISHED if unfinished else None)
        keys = program_keys({job.program_id for job in jobs if job.program_id is not None})
        for job in jobs:
            cells = [str(job.id), f"{job.state:9}", job.kind, f"{job.done}/{job.total}"]
            cells += [f"{job.created:%Y-%m-%d %H:%M} UTC", keys.get(job.program_id or 0, ""), job.error or ""]
            typer.echo("  ".join(filter(None, cells)))


@app.command("cancel")
def cancel(job_id: Annotated[uuid.UUID, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """End a job: rows that it has written stay, the rest is left out."""
    with database(data):
        from matricula.jobs.canceling import cancel_job
        from matricula.jobs.reads import find_job
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        if find_job(job_id) is None:
            raise fail(f"there is no job {job_id}. See `matricula jobs list`.", 1)
        # anyone who may run commands here is the operator
        if not cancel_job(job_id, new_operation(None, COMMAND), may=lambda _job: True):
            raise fail("this job has already ended.", 1)
        job = find_job(job_id)
        typer.echo(f"Canceled after {job.done if job else 0} rows.")
