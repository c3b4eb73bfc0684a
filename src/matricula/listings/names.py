"""What the file of a job is called where people download it; in the storage it has only an id."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from django.utils import timezone

from matricula.catalog.reads import keys_of
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus
from matricula.listings.exports import LISTED
from matricula.tabular.forms import file_stem

_CONTENTS: Mapping[str, str] = {
    statuses.LIST_PROGRAM_ENROLLMENTS: "students",
    statuses.LIST_COURSE_RUN_ENROLLMENTS: "enrollments",
    statuses.LIST_ALL_COURSE_RUN_ENROLLMENTS: "course-enrollments",
    statuses.GET_COURSE_RUN_GRADES: "grades",
}


def stem_of_job(job: JobStatus, content: str) -> str:
    """A name such as ``north-mcs-rejected-2026-11-26``, without its end: of the program and the course run, or of the
    kind of job; the day on which it was begun.
    """
    courses, programs = keys_of([job.course_id], [job.program_id])
    about = [*programs.values(), *courses.values()] or [job.kind]
    return file_stem(*about, content, timezone.localdate(job.created))


def name_of_result(job: JobStatus) -> str:
    """What the file of a job is called, such as ``north-mcs-students-2026-11-26.csv``.

    The API's own downloads keep the name that they have in the storage.
    """
    content = job.options[LISTED]["type"] if job.kind == statuses.EXPORT_LIST else _CONTENTS.get(job.kind, "result")
    return stem_of_job(job, content) + PurePosixPath(job.result or "").suffix
