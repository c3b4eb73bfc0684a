"""``matricula jobs``: what runs, and how to end it."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.service import database, fail

app = typer.Typer(no_args_is_help=True, help="List and cancel jobs.")

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]


@app.command("list")
def list_them(
    data: Data = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only jobs that wait or run.")] = False,
) -> None:
    """The latest hundred jobs: id, state, what they do, how far they are, when they were started."""
    with database(data):
        from matricula.jobs.reads import list_jobs

        for job in list_jobs(unfinished_only=unfinished):
            typer.echo(f"{job.id}  {job.state:9}  {job.kind}  {job.done}/{job.total}  {job.created:%Y-%m-%d %H:%M} UTC")


@app.command("cancel")
def cancel(job_id: Annotated[uuid.UUID, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """End a job: rows that it has written stay, the rest is left out."""
    with database(data):
        from matricula.jobs.reads import find_job
        from matricula.jobs.writes import cancel_job

        if find_job(job_id) is None:
            raise fail(f"there is no job {job_id}; see `matricula jobs list`.", 1)
        if not cancel_job(job_id):
            raise fail("this job has ended already.", 1)
        job = find_job(job_id)
        typer.echo(f"Canceled; {job.done if job else 0} rows were done.")
