"""What people, course runs and programs are found by: words in lower case, without accents.

``unaccent`` is not immutable, because its rules are a file of the server; the functions say that they are, as indexes
need. After an upgrade of PostgreSQL in place, ``reindex index account_names`` (docs/operations.md).
"""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

# %1$s: the schema of the extension. Indexes are also built and checked under a search path of system tables alone.
# Words of a name are whole and in their parts (Smith-Jones, Smith, Jones); of an address the parts of its domain are
# none. Where names aren't written with A to Z, the family's and the given one are also one word, as in Chinese.
# No word has more than 2,046 bytes.
FUNCTIONS = """
do $body$
declare
    home text;
begin
    select quote_ident(n.nspname) into strict home
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'unaccent';
    execute format($make$
        create or replace function matricula_folded(text) returns text
            language plpgsql immutable strict parallel safe as $folded$
        begin
            return case when octet_length($1) = length($1) then lower($1)
                else lower(%1$s.unaccent('%1$s.unaccent'::regdictionary, lower($1))) end;
        end $folded$
    $make$, home);
    execute format($make$
        create or replace function matricula_names(username text, email text, first_name text, last_name text)
            returns tsvector language plpgsql immutable strict parallel safe as $names$
        declare
            words text := lower(left($1, 255) || ' ' || split_part(left($2, 255), '@', 1) || ' '
                || left($3, 200) || ' ' || left($4, 200));
        begin
            if octet_length(words) <> length(words) then
                words := words || ' ' || lower(left($4, 200) || left($3, 200));
                words := lower(%1$s.unaccent('%1$s.unaccent'::regdictionary, words));
            end if;
            return array_to_tsvector(array_remove(string_to_array(
                translate(words || ' ' || lower(left($2, 255)), e'\\n\\t', '  ') || ' '
                || translate(words, e'.-_+\\'\\n\\t', '       '), ' '), ''));
        end $names$
    $make$, home);
end $body$
"""
# A query of all words, each the beginning of one; the empty query for no word.
QUERY = """
create or replace function matricula_query(text) returns tsquery language plpgsql immutable strict parallel safe as $$
declare
    query text;
begin
    select string_agg('''' || replace(replace(w, '\\', '\\\\'), '''', '''''') || ''':*', ' & ') into query
    from (
        select w from unnest(string_to_array(translate(left(matricula_folded($1), 400), ',;', '  '), ' ')) w
        where w <> '' limit 8
    ) words;
    return coalesce(query, '')::tsquery;
end $$
"""
# matricula_folded is found by anyone who asks
PATH = """
do $$ begin
    execute format('alter function matricula_query(text) set search_path = %I, pg_temp', current_schema());
end $$
"""
REMOVED = (
    "drop function matricula_query(text), matricula_names(text, text, text, text), matricula_folded(text)"
)


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0060_what_needs_someone'),
    ]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL([FUNCTIONS, QUERY, PATH], [REMOVED]),
    ]
