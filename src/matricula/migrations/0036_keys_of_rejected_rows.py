"""Whom the rejected rows of a job name: what the index of the next migration is made of."""

from django.db import migrations

# The words of outcomes that say that a row was not written (``batches.rejections.WORDS``), and the invisible characters
# (``foundation.text.INVISIBLE_CLASS``).
WORDS = (
    "bad_address", "conflict", "course-not-found", "duplicated", "error", "illegal-operation", "internal-error",
    "invalid-status", "invisible", "not-in-program", "stale", "too_long", "two_accounts", "unknown_username",
)  # fmt: skip
INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    r"\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    r"\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
)
# Of one chunk, whom its rejected rows name: folded, without invisible characters. Null where no row was rejected, as in
# most chunks: that is seen without looking at the rows. By its cost, the index goes before reading even a few chunks.
FUNCTION = f"""
create or replace function matricula_rejected_keys(keys text[], outcomes jsonb, codes integer[], rejected jsonb)
returns text[] language sql immutable parallel safe cost 10000 as $body$
select case
    when rejected is null and not exists (
        select from jsonb_array_elements(outcomes) o where o ->> 0 = any(array{[*WORDS]!r})
    ) then null
    else array(
        select distinct lower((
            case when octet_length(k.key) = length(k.key) then k.key
            else regexp_replace(k.key, '[{INVISIBLE}]', '', 'g') end
        ) collate "C")
        from (
            select r.key from unnest(keys, codes) r(key, code)
            where r.code = any(array(
                select (o.place - 1)::integer from jsonb_array_elements(outcomes) with ordinality o(outcome, place)
                where o.outcome ->> 0 = any(array{[*WORDS]!r})
            ))
            union all
            select r ->> 'key' from jsonb_array_elements(rejected) r
        ) k
        where k.key <> ''
    )
end
$body$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0035_seals'),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "drop function matricula_rejected_keys"),
    ]
