"""The download of grades (registrar-api: Jobs)."""

from collections import Counter
from collections.abc import Generator, Iterator
from functools import partial
from itertools import islice

import msgspec

from matricula.foundation.database import Tally
from matricula.grades.reads import StudentGrade, list_student_grades
from matricula.jobs.reads import JobStatus
from matricula.tabular.exports import Export, counted
from matricula.tabular.writing import table_lines

_ROWS = 1_000
_json = msgspec.json.Encoder()


def download_grades(job: JobStatus) -> Export:
    """The grades of the students of the job's program in its course run; at its end the word for them all."""
    if job.program_id is None or job.course_id is None:
        raise ValueError("a download of grades is about a course run of a program")
    return Export(partial(_blocks, job.program_id, job.course_id, job.options["format"]))


def _blocks(program_id: int, course_id: int, form: str, tally: Tally) -> Generator[bytes, None, str | None]:
    seen: Counter[bool] = Counter()
    grades = counted(_judged(list_student_grades(program_id, course_id), seen), tally)
    yield from _json_array(grades) if form == "json" else table_lines(StudentGrade._fields, grades)
    return result_text(seen[True], seen[False])


def result_text(good: int, errors: int) -> str:
    """``200`` all fine, ``207`` some errors, ``422`` only errors, ``204`` none at all."""
    if not errors:
        return "200" if good else "204"
    return "207" if good else "422"


def _judged(grades: Iterator[StudentGrade], seen: Counter[bool]) -> Iterator[StudentGrade]:
    for grade in grades:
        seen[grade.error is None] += 1
        yield grade


def _json_array(grades: Iterator[StudentGrade]) -> Iterator[bytes]:
    start = b"["
    while batch := [_shown(grade) for grade in islice(grades, _ROWS)]:
        yield start + _json.encode(batch)[1:-1]
        start = b","
    yield b"[]" if start == b"[" else b"]"


def _shown(grade: StudentGrade) -> dict[str, object]:
    if grade.error is not None:
        return {"student_key": grade.student_key, "letter_grade": None, "error": grade.error}
    return {
        "student_key": grade.student_key,
        "letter_grade": grade.letter_grade,
        "percent": grade.percent,
        "passed": grade.passed,
    }
