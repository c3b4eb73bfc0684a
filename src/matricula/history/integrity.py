"""Everything derived, computed once more from scratch, and everything kept, rebuilt from the journal alone
(``check --deep``).

Each check is one statement, so that it sees one moment, also while others write.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from matricula.enrollments.course.counts import BLOCK_OF_SEAT


class Difference(NamedTuple):
    """What does not agree: how often, and where the first of them are, by ids."""

    what: str
    times: int
    places: list[str]


class _Rebuilt(NamedTuple):
    """A subject whose rows are rebuilt from its entries.

    ``entries``: the columns ``keys``, ``id``, ``recorded`` (the entry says how it stood, not what changed), ``was`` and
    ``told`` (the state before and after, null for nothing). ``stored``: ``keys`` and ``stored``, in the same form.
    """

    name: str
    keys: str
    entries: str
    stored: str


# A step from no seat to no seat says nothing of one. It may stand behind the first step of somebody who was faster:
# there is no row yet by which the two could wait for each other (docs/locking.md).
_SEATS = _Rebuilt(
    "course enrollments",
    "course_id, account_id",
    """
    select course_id, account_id, id, transition = 'recorded' as recorded,
        before -> 'enrollment' as was, after -> 'enrollment' as told
    from matricula_journalentry
    where subject = 'course_enrollment' and account_id is not null and (before ? 'enrollment' or after ? 'enrollment')
    """,
    """
    select course_id, account_id, jsonb_build_object('mode', mode, 'is_active', is_active) as stored
    from matricula_courseenrollment
    """,
)
_STUDENTS = _Rebuilt(
    "students of programs",
    "program_id, student",
    """
    select program_id, lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        case when before <> '{}' then jsonb_build_array(before -> 'status',
            case when before ? 'account_id' then before -> 'account_id' else to_jsonb(account_id) end) end as was,
        case when after <> '{}' then jsonb_build_array(after -> 'status',
            case when after ? 'account_id' then after -> 'account_id' else to_jsonb(account_id) end) end as told
    from matricula_journalentry where subject = 'program_enrollment'
    """,
    """
    select program_id, student_key_folded as student, jsonb_build_array(status, account_id) as stored
    from matricula_programenrollment
    """,
)
_STUDENTS_IN_COURSES = _Rebuilt(
    "students of programs in course runs",
    "program_id, course_id, student",
    """
    select program_id, course_id, lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        nullif(before - 'v', '{}') as was, nullif(after - 'v', '{}') as told
    from matricula_journalentry where subject = 'program_course_enrollment'
    """,
    """
    select e.program_id, c.course_id, c.student_key_folded as student,
        jsonb_build_object('status', c.status, 'course_staff', c.course_staff) as stored
    from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
    """,
)
_GRADES = _Rebuilt(
    "grades",
    "course_id, account_id",
    """
    select course_id, account_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v', '{}') as was, nullif(after - 'v', '{}') as told
    from matricula_journalentry where subject = 'grade'
    """,
    """
    select course_id, account_id, jsonb_build_object('percent', percent, 'letter_grade', letter_grade,
        'passed', passed, 'error', error) as stored
    from matricula_grade
    """,
)
# of version 1 are only some changes of accounts, and what access had been given before the journal was complete
_ACCOUNTS = _Rebuilt(
    "accounts",
    "account_id",
    """
    select account_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v', '{}') as was, nullif(after - 'v', '{}') as told
    from matricula_journalentry where subject = 'account' and (before ? 'v' or after ? 'v')
    """,
    """
    select id as account_id, jsonb_build_object('username', username, 'email', email, 'first_name', first_name,
        'last_name', last_name, 'language', language, 'is_active', is_active, 'is_staff', is_staff,
        'is_superuser', is_superuser, 'self_registered', self_registered, 'wanted_email', wanted_email,
        'generation', generation) as stored
    from matricula_account
    """,
)
_STUDENT_KEYS = _Rebuilt(
    "student keys",
    "organization_id, student",
    """
    select (before || after -> 'organization_id')::bigint as organization_id,
        lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        before -> 'account_id' as was, after -> 'account_id' as told
    from matricula_journalentry where subject = 'student_key'
    """,
    """
    select organization_id, student_key_folded as student, to_jsonb(account_id) as stored
    from matricula_studentidentity
    """,
)
_COURSE_ROLES = _Rebuilt(
    "roles in course runs",
    "course_id, account_id, role",
    """
    select course_id, account_id, before || after ->> 'role' as role, id, transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as told
    from matricula_journalentry where subject = 'course_role' and (before ? 'v' or after ? 'v')
    """,
    "select course_id, account_id, role, true as stored from matricula_courserole",
)
_GRANTS = _Rebuilt(
    "roles and features",
    "account_id, what",
    """
    select coalesce(account_id, 0) as account_id, (before || after) - 'v' - 'group' as what, id,
        transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as told
    from matricula_journalentry where subject in ('role', 'feature') and (before ? 'v' or after ? 'v')
    """,
    """
    select coalesce(account_id, 0) as account_id, jsonb_strip_nulls(jsonb_build_object('role', role,
        'group_id', group_id, 'organization_id', organization_id, 'program_id', program_id)) as what, true as stored
    from matricula_rolegrant
    union all
    select coalesce(account_id, 0), jsonb_strip_nulls(jsonb_build_object('feature', feature, 'group_id', group_id)),
        true
    from matricula_featuregrant
    """,
)
# an entry with account and address ends what waited for the address
_MEMBERSHIPS = _Rebuilt(
    "memberships",
    "group_id, account_id, address",
    """
    select (before || after -> 'group_id')::bigint as group_id, account_id, '' as address, id,
        transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as told
    from matricula_journalentry
    where subject = 'membership' and account_id is not null and (before ? 'v' or after ? 'v')
    union all
    select (before || after -> 'group_id')::bigint, 0, lower(email collate "C"), id, transition = 'recorded',
        account_id is not null or nullif(before <> '{}', false),
        nullif(account_id is null and after <> '{}', false)
    from matricula_journalentry
    where subject = 'membership' and email is not null and (before ? 'v' or after ? 'v')
    """,
    """
    select group_id, account_id, '' as address, true as stored from matricula_membership
    union all select group_id, 0, email_key, true from matricula_pendingmember
    """,
)
_GROUPS = _Rebuilt(
    "groups",
    "group_id",
    """
    select (before || after -> 'group_id')::bigint as group_id, id, transition = 'recorded' as recorded,
        before -> 'group' as was, after -> 'group' as told
    from matricula_journalentry where subject = 'group' and (before ? 'v' or after ? 'v')
    """,
    "select id as group_id, to_jsonb(name) as stored from matricula_group",
)
_CLIENTS = _Rebuilt(
    "API clients",
    "client_id",
    """
    select before || after ->> 'client_id' as client_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'tokens', '{}') as was, nullif(after - 'v' - 'tokens', '{}') as told
    from matricula_journalentry where subject = 'client' and (before ? 'v' or after ? 'v')
    """,
    """
    select client_id, jsonb_build_object('client_id', client_id, 'name', name, 'scopes', scopes,
        'account_id', user_id) as stored
    from matricula_client
    """,
)
_ORGANIZATIONS = _Rebuilt(
    "organizations",
    "organization_id",
    """
    select (after -> 'organization_id')::bigint as organization_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'kind', '{}') as was, after - 'v' - 'kind' as told
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'organization'
    """,
    """
    select id as organization_id, jsonb_build_object('organization_id', id, 'key', key, 'name', name) as stored
    from matricula_organization
    """,
)
# times are compared as such, in whatever form they are written
_COURSES = _Rebuilt(
    "course runs",
    "course_id",
    """
    select course_id, id, transition = 'recorded' as recorded,
        case when before <> '{}' then before - 'v' - 'kind' || jsonb_build_object(
            'enrollment_start', (before ->> 'enrollment_start')::timestamptz,
            'enrollment_end', (before ->> 'enrollment_end')::timestamptz) end as was,
        after - 'v' - 'kind' || jsonb_build_object(
            'enrollment_start', (after ->> 'enrollment_start')::timestamptz,
            'enrollment_end', (after ->> 'enrollment_end')::timestamptz) as told
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'course'
    """,
    """
    select id as course_id, jsonb_build_object('key', key, 'organization_id', organization_id, 'title', title,
        'url', url, 'modes', modes, 'enrollment_start', enrollment_start, 'enrollment_end', enrollment_end,
        'capacity', capacity, 'invitation_only', invitation_only) as stored
    from matricula_course
    """,
)
_PROGRAMS = _Rebuilt(
    "programs",
    "program_id",
    """
    select program_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'kind', '{}') as was, after - 'v' - 'kind' as told
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'program'
    """,
    """
    select id as program_id, jsonb_build_object('key', key, 'organization_id', organization_id, 'title', title,
        'type', type, 'url', url, 'manages_enrollments', manages_enrollments) as stored
    from matricula_program
    """,
)
_PROGRAM_COURSES = _Rebuilt(
    "course runs in programs",
    "program_id, course_id",
    """
    select program_id, course_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'kind', '{}') as was, after - 'v' - 'kind' as told
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'program_course'
    """,
    """
    select program_id, course_id, jsonb_build_object('external_key', external_key, 'position', position) as stored
    from matricula_programcourse
    """,
)
_REBUILT = (
    _SEATS,
    _STUDENTS,
    _STUDENTS_IN_COURSES,
    _GRADES,
    _ACCOUNTS,
    _STUDENT_KEYS,
    _COURSE_ROLES,
    _GRANTS,
    _MEMBERSHIPS,
    _GROUPS,
    _CLIENTS,
    _ORGANIZATIONS,
    _COURSES,
    _PROGRAMS,
    _PROGRAM_COURSES,
)
_COUNTS = f"""
select 'course ' || course_id || ', block "' || block || '"' from (
    select course_id, block, is_active, mode, count(*) as seats from (
        select e.course_id, e.is_active, e.mode, {BLOCK_OF_SEAT} as block from matricula_courseenrollment e
    ) seats group by 1, 2, 3, 4
    union all
    select course_id, block, is_active, mode, -sum(seats) from matricula_rostercount group by 1, 2, 3, 4
) both_ways group by course_id, block, is_active, mode having sum(seats) <> 0
"""  # noqa: S608  the pieces are ours
# with rows in several programs of which some are active, the newest word counts: nothing can be said
_ROWS_AND_SEATS = """
select 'course ' || c.course_id || ', account ' || e.account_id
from matricula_programcourseenrollment c
join matricula_programenrollment e on e.id = c.program_enrollment_id and e.account_id is not null
left join matricula_courseenrollment s on s.course_id = c.course_id and s.account_id = e.account_id
group by c.course_id, e.account_id
having bool_and(c.status = 'active') and not bool_or(coalesce(s.is_active, false))
    or bool_and(c.status = 'inactive') and bool_or(coalesce(s.is_active, false))
"""
_OPERATIONS = """
select 'journal row ' || e.id from matricula_journalentry e
where not exists (select 1 from matricula_operation o where o.id = e.operation)
"""
# An invitation that waits is known by its address, a bound one by its account; an entry with both moves it. Rows of
# version 1 did not name the address of an account.
_INVITATION_ENTRIES = """
    select id, transition = 'recorded' as recorded, course_id, account_id, lower(email collate "C") as address,
        before -> 'pre_enrollment' as was, after -> 'pre_enrollment' as told
    from matricula_journalentry
    where subject in ('course_enrollment', 'pre_enrollment') and (before ? 'v' or after ? 'v')
        and (before ? 'pre_enrollment' or after ? 'pre_enrollment')
"""
_INVITATION_STEPS = f"""
select 'journal row ' || id from (
    select id, recorded, was, account_id, address,
        lag(case when (told -> 'bound')::boolean then told end) over (
            partition by course_id, account_id order by id) as left_to_account,
        lag(case when not (told -> 'bound')::boolean then told end) over (
            partition by course_id, address order by id) as left_to_address
    from ({_INVITATION_ENTRIES}) entries
) steps
where not recorded
    and (account_id is null or was is distinct from left_to_account)
    and (address is null or was is distinct from left_to_address)
"""  # noqa: S608  the pieces are ours
_INVITATIONS = f"""
select 'course ' || course_id || coalesce(', account ' || nullif(account_id, 0), ', an address') from (
    select distinct on (course_id, account_id, address) course_id, account_id, address, told from (
        select id, course_id, account_id, '' as address,
            case when (told -> 'bound')::boolean then told - 'bound' end as told
        from ({_INVITATION_ENTRIES}) entries where account_id is not null
        union all
        select id, course_id, 0, address, case when not (told -> 'bound')::boolean then told - 'bound' end
        from ({_INVITATION_ENTRIES}) entries where address is not null
    ) touched order by course_id, account_id, address, id desc
) journal
full join (
    select course_id, coalesce(account_id, 0) as account_id, case when account_id is null then email_key else '' end
        as address, jsonb_build_object('mode', mode, 'auto_enroll', auto_enroll) as stored
    from matricula_preenrollment
) invitations using (course_id, account_id, address)
where told is distinct from stored
"""  # noqa: S608  the pieces are ours
# that a worker has begun is no change; jobs are deleted one day, their entries stay
_JOBS = """
select 'job ' || j.id from matricula_job j
left join lateral (
    select after ->> 'state' as told from matricula_journalentry
    where subject = 'job' and after ->> 'job_id' = j.id::text order by id desc limit 1
) e on true
where (told is not null or j.kind !~ '^(list|get|check)_')
    and told is distinct from j.state and not (told in ('pending', 'running') and j.state in ('pending', 'running'))
"""
_OPERATIONS = """
select 'journal row ' || e.id from matricula_journalentry e
where not exists (select 1 from matricula_operation o where o.id = e.operation)
"""
# what a row is known by, in an answer: ids only, no names of people
_SECRET = {"student", "address", "what"}


def _steps(subject: _Rebuilt) -> str:
    return f"""
select 'journal row ' || id from (
    select id, recorded, was, lag(told) over (partition by {subject.keys} order by id) as left_as
    from ({subject.entries}) entries
) steps where not recorded and was is distinct from left_as
"""  # noqa: S608  the pieces are ours


def _rebuilt(subject: _Rebuilt) -> str:
    shown = " || ', ' || ".join(
        f"'{key.removesuffix('_id')} ' || {key}" for key in subject.keys.split(", ") if key not in _SECRET
    )
    return f"""
select {shown} from (
    select distinct on ({subject.keys}) {subject.keys}, told from ({subject.entries}) entries
    order by {subject.keys}, id desc
) journal
full join ({subject.stored}) kept using ({subject.keys})
where told is distinct from stored
"""  # noqa: S608  the pieces are ours


_CHECKS = {
    "journal entries have no operation": _OPERATIONS,
    "counts of a roster differ from its seats": _COUNTS,
    **{f"journal entries of {s.name} do not begin where the one before ended": _steps(s) for s in _REBUILT},
    **{f"{s.name} differ from what the journal tells last": _rebuilt(s) for s in _REBUILT},
    "journal entries of invitations do not begin where the one before ended": _INVITATION_STEPS,
    "invitations differ from what the journal tells last": _INVITATIONS,
    "jobs differ from what the journal tells last": _JOBS,
    "rows of programs contradict the course enrollments behind them": _ROWS_AND_SEATS,
}
_SHOWN = 5


def list_differences() -> Iterator[Difference]:
    """What does not agree; nothing where all is well. Reads whole tables: minutes, where there are millions of rows."""
    with connection.cursor() as cursor:
        for what, query in _CHECKS.items():
            cursor.execute(
                f"with found(place) as ({query}) select count(*) over (), place from found limit {_SHOWN}"  # noqa: S608
            )
            if found := cursor.fetchall():
                yield Difference(what, found[0][0], [place for _, place in found])
