-- What is known of the cells of some thousand rows of a file. How statements are written here:
-- matricula/foundation/statements.py.

-- piece: known_keys
known_keys as (
    select i.student_key, i.student_key_folded as folded from matricula_studentidentity i
    where i.organization_id = %(organization)s
    union
    select e.student_key, e.student_key_folded from matricula_programenrollment e
    join matricula_program p on p.id = e.program_id
    where p.organization_id = %(organization)s
)

-- How long the student keys of digits are that begin with a zero.
-- statement: widths
with
    --> known_keys
select distinct length(k.folded) from known_keys k
where k.folded >= '0' collate "C" and k.folded < '1' collate "C" and k.folded ~ '^[0-9]+$'
order by 1

-- Which of these keys are known as they are, and what those are with zeros before them that are known so.
-- statement: fitting
with
    --> known_keys
, asked as materialized (select k.key from unnest(%(keys)s::text[]) k(key)),
padded as materialized (
    select a.key, a.key collate "C" as folded from asked a
    union all
    select a.key, lpad(a.key, w.width, '0') collate "C" from asked a, unnest(%(widths)s::int[]) w(width)
    where w.width > length(a.key)
)
select p.key, k.student_key from padded p
cross join lateral (select * from known_keys where folded = p.folded offset 0) k

-- Which rows name one account by its username and its address.
-- statement: same_person
select w.number from unnest(%(numbers)s::bigint[], %(usernames)s::text[], %(addresses)s::text[])
    w(number, username, address)
cross join lateral (
    select from matricula_account a
    where a.username_key = w.username collate "C" and a.email_key = w.address collate "C" offset 0
) a

-- Of which account of the course run's organization each student key is; null: it waits for one.
-- statement: accounts_of_keys
select k.key, i.account_id
from unnest(%(keys)s::text[]) k(key)
join matricula_course c on c.id = %(course)s
left join matricula_studentidentity i
    on i.organization_id = c.organization_id and i.student_key_folded = k.key collate "C"
where i.account_id is not null or exists (
    select from matricula_programenrollment e join matricula_program p on p.id = e.program_id
    where e.student_key_folded = k.key collate "C" and p.organization_id = c.organization_id offset 0
)

-- Which rows name someone who is enrolled in the mode that they ask for, or else (false) is invited in it.
-- statement: in_mode
select w.number, bool_or(n.is_enrolled)
from unnest(%(numbers)s::bigint[], %(names)s::text[], %(modes)s::text[]) w(number, name, mode)
cross join lateral (
    select true as is_enrolled
    from (
        select a.id from matricula_account a where a.username_key = w.name collate "C"
        union
        select a.id from matricula_account a where a.email_key = w.name collate "C" and w.name like '%%@%%'
    ) a
    join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = a.id and e.is_active
    where e.mode = w.mode
    union all
    select false from matricula_preenrollment i
    where i.course_id = %(course)s and i.email_key = w.name collate "C" and i.mode = w.mode
) n
group by w.number
