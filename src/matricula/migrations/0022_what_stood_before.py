"""Of what was never journaled before, the journal records how it stands now. It holds no lock that others wait for."""

import uuid

from django.db import migrations

OPERATION = uuid.UUID("00000000-0000-4000-8000-000000000018")
# One entry for each thing, with what it is before and after: nothing happened to it. A million accounts take
# about a minute.
RECORD = """
with state(subject, account_id, email, student_key, course_id, program_id, state) as (
    select 'account', id, null, null, null::bigint, null::bigint, jsonb_build_object('v', 2, 'username', username,
        'email', email, 'first_name', first_name, 'last_name', last_name, 'language', language,
        'is_active', is_active, 'is_staff', is_staff, 'is_superuser', is_superuser,
        'self_registered', self_registered, 'wanted_email', wanted_email, 'generation', generation)
    from matricula_account
    union all
    select 'student_key', account_id, null, student_key, null, null,
        jsonb_build_object('v', 2, 'organization_id', organization_id, 'account_id', account_id)
    from matricula_studentidentity
    union all
    select 'course_role', account_id, null, null, course_id, null, jsonb_build_object('v', 2, 'role', role)
    from matricula_courserole
    union all
    select 'role', r.account_id, null, null, null, null, jsonb_strip_nulls(jsonb_build_object('v', 2, 'role', r.role,
        'group_id', r.group_id, 'organization_id', r.organization_id, 'program_id', r.program_id, 'group', g.name))
    from matricula_rolegrant r left join matricula_group g on g.id = r.group_id
    union all
    select 'feature', f.account_id, null, null, null, null, jsonb_strip_nulls(jsonb_build_object('v', 2,
        'feature', f.feature, 'group_id', f.group_id, 'group', g.name))
    from matricula_featuregrant f left join matricula_group g on g.id = f.group_id
    union all
    select 'group', null, null, null, null, null, jsonb_build_object('v', 2, 'group_id', id, 'group', name)
    from matricula_group
    union all
    select 'membership', m.account_id, null, null, null, null,
        jsonb_build_object('v', 2, 'group_id', g.id, 'group', g.name)
    from matricula_membership m join matricula_group g on g.id = m.group_id
    union all
    select 'membership', null, p.email, null, null, null, jsonb_build_object('v', 2, 'group_id', g.id, 'group', g.name)
    from matricula_pendingmember p join matricula_group g on g.id = p.group_id
    union all
    select 'client', user_id, null, null, null, null, jsonb_build_object('v', 2, 'client_id', client_id,
        'scopes', scopes, 'name', name, 'account_id', user_id)
    from matricula_client
    union all
    select 'catalog', null, null, null, null, null, jsonb_build_object('v', 2, 'kind', 'organization',
        'organization_id', id, 'key', key, 'name', name)
    from matricula_organization
    union all
    select 'catalog', null, null, null, id, null, jsonb_build_object('v', 2, 'kind', 'course', 'key', key,
        'organization_id', organization_id, 'title', title, 'url', url, 'modes', modes,
        'enrollment_start', enrollment_start, 'enrollment_end', enrollment_end, 'capacity', capacity,
        'invitation_only', invitation_only)
    from matricula_course
    union all
    select 'catalog', null, null, null, null, id, jsonb_build_object('v', 2, 'kind', 'program', 'key', key,
        'organization_id', organization_id, 'title', title, 'type', type, 'url', url,
        'manages_enrollments', manages_enrollments)
    from matricula_program
    union all
    select 'catalog', null, null, null, course_id, program_id, jsonb_build_object('v', 2, 'kind', 'program_course',
        'external_key', external_key, 'position', position)
    from matricula_programcourse
    union all
    select 'grade', account_id, null, null, course_id, null, jsonb_build_object('v', 2, 'percent', percent,
        'letter_grade', letter_grade, 'passed', passed, 'error', error)
    from matricula_grade
    union all
    select case when e.id is null then 'pre_enrollment' else 'course_enrollment' end, i.account_id,
        case when i.account_id is null then i.email end, null, i.course_id, null,
        jsonb_build_object('v', 2, 'pre_enrollment', jsonb_build_object('mode', i.mode, 'auto_enroll', i.auto_enroll,
            'bound', i.account_id is not null))
        || case when e.id is null then '{}'
           else jsonb_build_object('enrollment', jsonb_build_object('mode', e.mode, 'is_active', e.is_active)) end
    from matricula_preenrollment i
    left join matricula_courseenrollment e on e.course_id = i.course_id and e.account_id = i.account_id
    union all
    select 'job', null, null, null, course_id, program_id, jsonb_build_object('v', 2, 'job_id', id, 'kind', kind,
        'state', state, 'done', done, 'total', total)
    from matricula_job where kind !~ '^(list|get|check)_'
), operation as (
    insert into matricula_operation (id, kind, source, ended)
    select %s, 'upgrade', 'command', clock_timestamp() where exists (select from state) on conflict do nothing
)
insert into matricula_journalentry (at, operation, subject, account_id, email, student_key, course_id, program_id,
    transition, before, after)
select clock_timestamp(), %s, subject, account_id, email, student_key, course_id, program_id, 'recorded', state, state
from state
"""


def _record(apps, schema_editor):
    # recorded once only, also where a version between the releases did it under another number
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select from matricula_operation where id = %s", [OPERATION])
        if cursor.rowcount:
            return
        cursor.execute(RECORD, [OPERATION, OPERATION])


class Migration(migrations.Migration):

    # reads every table
    statement_seconds = 0

    dependencies = [
        ('matricula', '0021_operations_of_before'),
    ]

    operations = [
        migrations.RunPython(_record, migrations.RunPython.noop),
    ]
