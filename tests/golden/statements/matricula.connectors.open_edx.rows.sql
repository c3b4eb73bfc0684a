-- _CLAIM()
with claimed as (
    update matricula_lmsrow r set is_claimed = true
    where r.id in (
        select id from matricula_lmsrow
        where connection_id = %(connection)s and state = 'waiting' and not is_claimed and next_try <= %(now)s
        order by next_try, id limit %(limit)s for update skip locked
    )
    returning r.*
)
select r.id, r.course_id, r.account_id, r.version, r.tries, r.operation::text, r.wanted, r.mode, r.invite_email,
    r.invite_auto, r.email, r.confirmed_mode, r.confirmed_active, r.sent_email, r.sent_auto, r.is_unsure, n.username
from claimed r
left join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
order by r.next_try, r.id;

-- _READ()
select r.id, r.course_id, r.account_id, r.version, r.tries, r.operation::text, r.wanted, r.mode, r.invite_email,
    r.invite_auto, r.email, r.confirmed_mode, r.confirmed_active, r.sent_email, r.sent_auto, r.is_unsure, n.username
from matricula_lmsrow r
left join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
where r.id = %s;

