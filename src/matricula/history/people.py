"""Finding people across course runs and programs, among those whom the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matricula.access.reads import Caller
from matricula.access.statuses import COURSE_MANAGER_ROLES
from matricula.catalog.course_keys import run_title
from matricula.foundation.database import pattern_of


@dataclass(frozen=True, slots=True)
class Membership:
    """A course run or a program where someone was found; ``student_id``: the row in the program."""

    key: str
    title: str
    student_id: int | None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Someone, and where the reader may see them: course runs, and programs with the key there."""

    account_id: int | None
    username: str
    email: str
    full_name: str
    student_key: str | None
    courses: list[Membership]
    programs: list[Membership]


# candidates first: names are found by the trigrams' index, keys by their beginning
_CANDIDATES = 500
_FOUND = """
with named as materialized (
    select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%' limit %(candidates)s
),
keyed as materialized (
    select id, account_id from matricula_programenrollment
    where student_key_folded like lower(%(search)s collate "C") || '%%' and program_id = any(%(programs)s)
    limit %(candidates)s
),
students as (
    select s.id, case when %(names)s then s.account_id end as account_id, s.student_key, p.key, p.title
    from (
        select id from keyed
        union select s.id from named n join matricula_programenrollment s on s.account_id = n.id where %(names)s
    ) found
    join matricula_programenrollment s using (id)
    join matricula_program p on p.id = s.program_id
    where s.program_id = any(%(programs)s)
),
seats as (
    select e.account_id, c.key, c.title
    from (select id from named union select account_id from keyed where account_id is not null and %(names)s) n
    join matricula_courseenrollment e on e.account_id = n.id
    join matricula_course c on c.id = e.course_id
    where %(all)s or e.course_id in (
        select r.course_id from matricula_courserole r where r.account_id = %(account)s and r.role = any(%(roles)s)
    )
)
select f.account_id, coalesce(a.username, ''), coalesce(a.email, ''),
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), f.kind, f.key, f.title, f.student_id,
    f.student_key
from (
    select account_id, 'course' as kind, key, title, null::bigint as student_id, null::text as student_key from seats
    union all
    select account_id, 'program', key, title, id, student_key from students
    union all
    select id, '', '', '', null, null from named where %(all)s
) f
left join matricula_account a on a.id = f.account_id
order by a.username_key nulls last, f.student_key, f.key
"""


def find_people_of(caller: Caller, program_ids: Sequence[int], search: str, *, limit: int) -> list[FoundPerson]:
    """People with ``search`` in name or email, or at the start of a student key, where the caller may see them: in the
    programs ``program_ids``, whose enrollments the caller may read, and in course runs that the caller manages.

    A student key and the account behind it are one person only for those who may know that.
    """
    parameters: dict[str, Any] = {
        "search": pattern_of(search),
        "candidates": _CANDIDATES,
        "programs": list(program_ids),
        "names": caller.sees_names,
        "all": caller.is_global_staff,
        "account": caller.account_id,
        "roles": list(COURSE_MANAGER_ROLES),
    }
    people: dict[object, FoundPerson] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, parameters)
        for account_id, username, email, full_name, kind, key, title, student_id, student_key in cursor.fetchall():
            one = account_id or ("student", student_id)
            if one not in people and len(people) == limit:
                continue
            person = people.setdefault(one, FoundPerson(account_id, username, email, full_name, student_key, [], []))
            if kind:
                is_course = kind == "course"
                membership = Membership(key, run_title(title, key) if is_course else title, student_id)
                (person.courses if is_course else person.programs).append(membership)
    return list(people.values())
