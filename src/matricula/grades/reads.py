"""The grades of a program's students in a course run, as they are downloaded (registrar-api: Jobs)."""

from collections.abc import Iterator
from typing import NamedTuple

from matricula.foundation.database import stream_rows


class StudentGrade(NamedTuple):
    """One student's grade: percent, passed and perhaps a letter, or the error why there is none."""

    student_key: str
    letter_grade: str | None
    percent: float | None
    passed: bool | None
    error: str | None


_OF_PROGRAM = """
select e.student_key, g.letter_grade, g.percent, g.passed, g.error
from matricula_programenrollment e
join matricula_courseenrollment s on s.course_id = %s and s.account_id = e.account_id
join matricula_grade g on g.course_id = s.course_id and g.account_id = s.account_id
where e.program_id = %s
order by e.student_key_folded
"""


def list_student_grades(program_id: int, course_id: int) -> Iterator[StudentGrade]:
    """The grades of the program's linked students with an active or past enrollment in the run, by student key.

    Streamed: memory does not grow with the rows.
    """
    for row in stream_rows(_OF_PROGRAM, [course_id, program_id]):
        yield StudentGrade(*row)
