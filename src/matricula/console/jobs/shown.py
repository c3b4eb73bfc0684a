"""Jobs with the names around them, how their rows ended, and how fast they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from matricula.batches.kinds import find_kind
from matricula.batches.values import ERROR
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console.listing import Things, things_of
from matricula.console.words import job_kind_words
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus
from matricula.learners.reads import get_learners


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job with the names around it."""

    job: JobStatus
    kind: str
    actor: str
    course: CourseRun | None
    program: ProgramFacts | None
    rate: int
    seconds_left: int | None

    @property
    def about(self) -> str:
        """The title of the course run or program."""
        return Things(self.course, self.program).title

    @property
    def is_unfinished(self) -> bool:
        """True while there is something to wait for."""
        return self.job.state in statuses.UNFINISHED

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * self.job.done // self.job.total if self.job.total else 0

    @property
    def refused(self) -> int:
        """How many rows were not applied."""
        return sum(self.job.counts.get(word, 0) for word in rejected_words(self.job))

    @property
    def keeps_rows(self) -> bool:
        """True if its rows can be looked at."""
        return keeps_rows_of(self.job)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows ended so."""

    n: int
    word: str
    words: str


def rejected_words(job: JobStatus) -> frozenset[str]:
    """The words of rows that were not applied."""
    kind = find_kind(job)
    return kind.rejected | {ERROR} if kind else frozenset()


def keeps_rows_of(job: JobStatus) -> bool:
    """True if the rows of the job can be looked at."""
    kind = find_kind(job)
    return kind is not None and kind.keep is not None


def counts_of(job: JobStatus) -> list[Count]:
    """How many rows ended how, in the order of the kind's words."""
    kind = find_kind(job)
    words: Mapping[str, str] = kind.words() if kind else {}
    order = [*words, *(word for word in job.counts if word not in words)]
    return [Count(job.counts[word], word, words.get(word, word)) for word in order if job.counts.get(word)]


def shown(jobs: Sequence[JobStatus]) -> list[ShownJob]:
    """The jobs with the names around them, three statements for any number."""
    actors = {person.id: person.username for person in get_learners({j.actor_id for j in jobs if j.actor_id})}
    return [
        ShownJob(job, job_kind_words(job.kind), actors.get(job.actor_id or 0, ""), *things, *_speed(job))
        for job, things in zip(jobs, things_of(jobs), strict=True)
    ]


def _speed(job: JobStatus) -> tuple[int, int | None]:
    """Rows a second, and seconds left."""
    seconds = (job.updated - job.created) / timedelta(seconds=1)
    if job.state not in statuses.UNFINISHED or not job.done or seconds <= 0:
        return 0, None
    rate = job.done / seconds
    return round(rate), round((job.total - job.done) / rate)
