"""What each table must be, if the journal is right: how its rows are rebuilt from their entries."""

from typing import NamedTuple


class Rebuilt(NamedTuple):
    """A subject whose rows are rebuilt from its entries.

    ``entries``: the columns ``keys``, ``id``, ``recorded`` (the entry says how it was, not what changed), ``was`` and
    ``became`` (the state before and after, null for nothing). ``stored``: ``keys`` and ``stored``, in the same form.
    """

    name: str
    keys: str
    entries: str
    stored: str


# A step from no seat to no seat says nothing of one. It may be behind the first step of someone who was faster:
# there is no row yet by which the two could wait for each other (docs/locking.md).
_SEATS = Rebuilt(
    "course enrollments",
    "course_id, account_id",
    """
    select course_id, account_id, id, transition = 'recorded' as recorded,
        before -> 'enrollment' as was, after -> 'enrollment' as became
    from matricula_journalentry
    where subject = 'course_enrollment' and account_id is not null and (before ? 'enrollment' or after ? 'enrollment')
    """,
    """
    select course_id, account_id, jsonb_build_object('mode', mode, 'is_active', is_active) as stored
    from matricula_courseenrollment
    """,
)
_STUDENTS = Rebuilt(
    "students of programs",
    "program_id, student",
    """
    select program_id, lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        case when before <> '{}' then jsonb_build_array(before -> 'status',
            case when before ? 'account_id' then before -> 'account_id' else to_jsonb(account_id) end) end as was,
        case when after <> '{}' then jsonb_build_array(after -> 'status',
            case when after ? 'account_id' then after -> 'account_id' else to_jsonb(account_id) end) end as became
    from matricula_journalentry where subject = 'program_enrollment'
    """,
    """
    select program_id, student_key_folded as student, jsonb_build_array(status, account_id) as stored
    from matricula_programenrollment
    """,
)
_STUDENTS_IN_COURSES = Rebuilt(
    "students of programs in course runs",
    "program_id, course_id, student",
    """
    select program_id, course_id, lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        nullif(before - 'v', '{}') as was, nullif(after - 'v', '{}') as became
    from matricula_journalentry where subject = 'program_course_enrollment'
    """,
    """
    select e.program_id, c.course_id, c.student_key_folded as student,
        jsonb_build_object('status', c.status, 'course_staff', c.course_staff) as stored
    from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
    """,
)
_GRADES = Rebuilt(
    "grades",
    "course_id, account_id",
    """
    select course_id, account_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v', '{}') as was, nullif(after - 'v', '{}') as became
    from matricula_journalentry where subject = 'grade'
    """,
    """
    select course_id, account_id, jsonb_build_object('percent', percent, 'letter_grade', letter_grade,
        'passed', passed, 'error', error) as stored
    from matricula_grade
    """,
)
# of version 1 are only some changes of accounts, and what access had been given before the journal was complete
_ACCOUNTS = Rebuilt(
    "accounts",
    "account_id",
    """
    select account_id, id, transition = 'recorded' as recorded,
        case when before <> '{}' then '{"wants_plan_mail": true}' || before - 'v' - 'logins' end as was,
        case when after <> '{}' then '{"wants_plan_mail": true}' || after - 'v' - 'logins' end as became
    from matricula_journalentry where subject = 'account' and (before ? 'v' or after ? 'v')
    """,
    """
    select id as account_id, jsonb_build_object('username', username, 'email', email, 'first_name', first_name,
        'last_name', last_name, 'language', language, 'is_active', is_active, 'is_staff', is_staff,
        'is_superuser', is_superuser, 'self_registered', self_registered, 'wanted_email', wanted_email,
        'generation', generation, 'wants_plan_mail', wants_plan_mail)
        || case when merged_into_id is null then '{}' else jsonb_build_object('merged_into', merged_into_id) end
        as stored
    from matricula_account
    """,
)
# only entries that link or unlink a login name them
_LOGINS = Rebuilt(
    "logins at identity providers",
    "account_id",
    """
    select account_id, id, transition = 'recorded' as recorded,
        nullif(before -> 'logins', '{}') as was, nullif(after -> 'logins', '{}') as became
    from matricula_journalentry where subject = 'account' and after ? 'logins'
    """,
    """
    select account_id, jsonb_object_agg(provider, subject) as stored from matricula_externallogin group by account_id
    """,
)
_STUDENT_KEYS = Rebuilt(
    "student keys",
    "organization_id, student",
    """
    select (before || after -> 'organization_id')::bigint as organization_id,
        lower(student_key collate "C") as student, id, transition = 'recorded' as recorded,
        before -> 'account_id' as was, after -> 'account_id' as became
    from matricula_journalentry where subject = 'student_key'
    """,
    """
    select organization_id, student_key_folded as student, to_jsonb(account_id) as stored
    from matricula_studentidentity
    """,
)
_COURSE_ROLES = Rebuilt(
    "roles in course runs",
    "course_id, account_id, role",
    """
    select course_id, account_id, before || after ->> 'role' as role, id, transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as became
    from matricula_journalentry where subject = 'course_role' and (before ? 'v' or after ? 'v')
    """,
    "select course_id, account_id, role, true as stored from matricula_courserole",
)
_GRANTS = Rebuilt(
    "roles and features",
    "account_id, what",
    """
    select coalesce(account_id, 0) as account_id, (before || after) - 'v' - 'group' as what, id,
        transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as became
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
_MEMBERSHIPS = Rebuilt(
    "memberships",
    "group_id, account_id, address",
    """
    select (before || after -> 'group_id')::bigint as group_id, account_id, '' as address, id,
        transition = 'recorded' as recorded,
        nullif(before <> '{}', false) as was, nullif(after <> '{}', false) as became
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
_GROUPS = Rebuilt(
    "groups",
    "group_id",
    """
    select (before || after -> 'group_id')::bigint as group_id, id, transition = 'recorded' as recorded,
        before -> 'group' as was, after -> 'group' as became
    from matricula_journalentry where subject = 'group' and (before ? 'v' or after ? 'v')
    """,
    "select id as group_id, to_jsonb(name) as stored from matricula_group",
)
_CLIENTS = Rebuilt(
    "API clients",
    "client_id",
    """
    select before || after ->> 'client_id' as client_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'tokens', '{}') as was, nullif(after - 'v' - 'tokens', '{}') as became
    from matricula_journalentry where subject = 'client' and (before ? 'v' or after ? 'v')
    """,
    """
    select client_id, jsonb_build_object('client_id', client_id, 'name', name, 'scopes', scopes,
        'account_id', user_id)
        || case when redirect_uris = '' then '{}' else
            jsonb_build_object('redirects', to_jsonb(string_to_array(redirect_uris, ' '))) end
        || case when client_type = 'public' then '{"public": true}' else '{}'::jsonb end as stored
    from matricula_client
    """,
)
# entries of before there were limits of plans say nothing of them: none
_ORGANIZATIONS = Rebuilt(
    "organizations",
    "organization_id",
    """
    select (after -> 'organization_id')::bigint as organization_id, id, transition = 'recorded' as recorded,
        case when before <> '{}' then '{"limits": null}' || before - 'v' - 'kind' end as was,
        '{"limits": null}' || after - 'v' - 'kind' as became
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'organization'
    """,
    """
    select id as organization_id, jsonb_build_object('organization_id', id, 'key', key, 'name', name,
        'limits', limits) as stored
    from matricula_organization
    """,
)
# times are compared as such, in whatever form they are written
_COURSES = Rebuilt(
    "course runs",
    "course_id",
    """
    select course_id, id, transition = 'recorded' as recorded,
        case when before <> '{}' then '{"limits": null}' || before - 'v' - 'kind' || jsonb_build_object(
            'enrollment_start', (before ->> 'enrollment_start')::timestamptz,
            'enrollment_end', (before ->> 'enrollment_end')::timestamptz) end as was,
        '{"limits": null}' || after - 'v' - 'kind' || jsonb_build_object(
            'enrollment_start', (after ->> 'enrollment_start')::timestamptz,
            'enrollment_end', (after ->> 'enrollment_end')::timestamptz) as became
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'course'
    """,
    """
    select id as course_id, jsonb_build_object('key', key, 'organization_id', organization_id, 'title', title,
        'url', url, 'modes', modes, 'enrollment_start', enrollment_start, 'enrollment_end', enrollment_end,
        'capacity', capacity, 'invitation_only', invitation_only, 'limits', limits) as stored
    from matricula_course
    """,
)
_PROGRAMS = Rebuilt(
    "programs",
    "program_id",
    """
    select program_id, id, transition = 'recorded' as recorded,
        case when before <> '{}' then '{"limits": null, "hold_uploads": false}' || before - 'v' - 'kind' end as was,
        '{"limits": null, "hold_uploads": false}' || after - 'v' - 'kind' as became
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'program'
    """,
    """
    select id as program_id, jsonb_build_object('key', key, 'organization_id', organization_id, 'title', title,
        'type', type, 'url', url, 'manages_enrollments', manages_enrollments, 'limits', limits,
        'hold_uploads', hold_uploads) as stored
    from matricula_program
    """,
)
_PROGRAM_COURSES = Rebuilt(
    "course runs in programs",
    "program_id, course_id",
    """
    select program_id, course_id, id, transition = 'recorded' as recorded,
        nullif(before - 'v' - 'kind', '{}') as was, after - 'v' - 'kind' as became
    from matricula_journalentry where subject = 'catalog' and after ->> 'kind' = 'program_course'
    """,
    """
    select program_id, course_id, jsonb_build_object('external_key', external_key, 'position', position) as stored
    from matricula_programcourse
    """,
)
REBUILT = (
    _SEATS,
    _STUDENTS,
    _STUDENTS_IN_COURSES,
    _GRADES,
    _ACCOUNTS,
    _LOGINS,
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
