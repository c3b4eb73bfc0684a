"""All grades as a file, streamed (institution-and-commands: Commands)."""

from matricula.foundation.database import fetch_all
from matricula.tabular.exports import Export, export_table

_GRADES = """
select {cells}
from (
    select c.key as course, a.username, g.percent, g.letter_grade, g.passed, g.error, a.username_key
    from matricula_grade g join matricula_course c on c.id = g.course_id join matricula_account a on a.id = g.account_id
    where %s::bigint is null or g.course_id = %s::bigint
) r order by course, username_key
"""
_LEARNERS = "select count(distinct account_id) from matricula_grade"


def export_grades(form: str, course_id: int | None = None) -> Export:
    """The grades of one course run, or all, by course run and username; ``form`` is ``csv`` or ``jsonl``.

    The file can be imported again.
    """
    columns = ("course", "username", "letter_grade", "error", "passed", "percent")
    about = [course_id, course_id]
    return export_table(
        _GRADES,
        form,
        about,
        columns,
        booleans={"passed"},
        others={"percent"},
        count_people=None if course_id else lambda: int(fetch_all(_LEARNERS, [])[0][0]),
    )
