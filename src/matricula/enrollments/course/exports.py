"""Enrollments, accounts and student keys as files, streamed (institution-and-commands: Commands)."""

from matricula.foundation.database import fetch_all
from matricula.tabular.exports import Export, export_table
from matricula.tabular.writing import sql_time

_ENROLLMENTS = """
select {cells}
from (
    select a.username_key, a.username as identifier, a.email, a.first_name, a.last_name, e.mode, e.is_active,
        case when e.is_active then 'enroll' else 'unenroll' end as action, {created} as created
    from matricula_courseenrollment e join matricula_account a on a.id = e.account_id where e.course_id = %s
) r order by username_key
"""
# a sign-up that no one confirmed is no one yet, and a file that names it would confirm it; an account that was merged
# away is another one's by now, and nothing can be saved under it
_USERS = """
select {cells} from matricula_account r
where r.merged_into_id is null and not (r.self_registered and r.activated is null and not r.is_active)
order by username_key
"""
_PROGRAM_ENROLLMENTS = """
select {cells}
from (
    select e.student_key, e.status, a.username, a.email, a.id is not null as account_exists, e.student_key_folded
    from matricula_programenrollment e left join matricula_account a on a.id = e.account_id where e.program_id = %s
) r order by student_key_folded
"""
_PROGRAM_COURSE_ENROLLMENTS = """
select {cells}
from (
    select coalesce(p.external_key, c.key) as course_id, e.student_key, s.status, s.course_staff,
        e.account_id is not null as account_exists, p.position, c.id, e.student_key_folded
    from matricula_programenrollment e
    join matricula_programcourseenrollment s on s.program_enrollment_id = e.id
    join matricula_course c on c.id = s.course_id
    left join matricula_programcourse p on p.program_id = e.program_id and p.course_id = c.id
    where e.program_id = %s
) r order by position, id, student_key_folded
"""
_STUDENTS_IN_COURSES = """
select count(*) from matricula_programenrollment e where e.program_id = %s
    and exists (select from matricula_programcourseenrollment s where s.program_enrollment_id = e.id)
"""
_STUDENT_KEYS = """
select {cells}
from (
    select i.student_key, a.username, a.email, i.student_key_folded
    from matricula_studentidentity i join matricula_account a on a.id = i.account_id where i.organization_id = %s
) r order by student_key_folded
"""


def export_enrollments(course_id: int, form: str) -> Export:
    """The roster of a course run, active and ended enrollments, by username; ``form`` is ``csv`` or ``jsonl``.

    The column ``action`` is there so that the file can be imported again and no one who left is enrolled by it.
    """
    columns = ("identifier", "email", "first_name", "last_name", "mode", "action", "created", "is_active")
    query = _ENROLLMENTS.replace("{created}", sql_time("e.created"))
    return export_table(query, form, [course_id], columns, booleans={"is_active"})


def export_users(form: str) -> Export:
    """Every account, by username, without its password; none that was merged away or waits to be confirmed."""
    columns = ("username", "email", "first_name", "last_name", "language", "is_active")
    return export_table(_USERS, form, [], columns, booleans={"is_active"})


def export_program_enrollments(program_id: int, form: str) -> Export:
    """The students of a program, by student key; with the accounts of those whose keys are linked."""
    columns = ("student_key", "status", "username", "email", "account_exists")
    return export_table(_PROGRAM_ENROLLMENTS, form, [program_id], columns, booleans={"account_exists"})


def export_program_course_enrollments(program_id: int, form: str) -> Export:
    """The course enrollments of a program's students, in the program's order of course runs, by student key."""
    columns, booleans = ("course_id", "student_key", "status"), ("course_staff", "account_exists")
    return export_table(
        _PROGRAM_COURSE_ENROLLMENTS,
        form,
        [program_id],
        (*columns, *booleans),
        booleans=booleans,
        count_people=lambda: int(fetch_all(_STUDENTS_IN_COURSES, [program_id])[0][0]),
    )


def export_student_keys(organization_id: int, form: str) -> Export:
    """Which account each student key of an organization is linked to, by student key."""
    return export_table(_STUDENT_KEYS, form, [organization_id], ("student_key", "username", "email"))
