"""Who may do what in the database: a real embedded server whose tables `matricula migrate` made."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from matricula.cli.ownership import MOVED
from matricula.embedded.cluster import NAME, _installed
from matricula.embedded.postgres import ServerUrls, embedded_postgres
from matricula.embedded.roles import APPLICATION, OWNER
from tests.folders import prepare_folder

FAST = {"fsync": "off", "shared_buffers": "16MB"}
ROOT = Path(__file__).parents[2]
ENTRY = """
with o as (
    insert into matricula_operation (id, kind, source) values (gen_random_uuid(), 'request', 'command') returning id
)
insert into matricula_journalentry (operation, subject, account_id, course_id, transition, before, after, at)
select id, 'course_enrollment', 1, 1, 'x', '{}', '{}', now() from o returning id
"""
FORBIDDEN = """
alter table matricula_journalentry disable trigger journal_is_append_only
drop trigger journal_is_append_only on matricula_journalentry
create trigger mine before insert on matricula_journalentry for each row execute function tsvector_update_trigger()
create or replace function matricula_journal_is_append_only() returns trigger language plpgsql as 'begin end'
alter function matricula_journal_is_append_only() rename to other
create rule mine as on insert to matricula_journalentry do instead nothing
set session_replication_role = replica
update matricula_journalentry set reason = ''
update matricula_operation set reason = ''
delete from matricula_operation
delete from matricula_journalentry
truncate matricula_journalentry
truncate matricula_account cascade
drop table matricula_journalentry
update matricula_journalentry_first set reason = ''
truncate matricula_journalentry_first
drop table matricula_journalentry_first
insert into matricula_journalentry_default (operation, at) values (gen_random_uuid(), now())
alter table matricula_journalentry detach partition matricula_journalentry_first
create table mine partition of matricula_journalentry for values from ('2100-01-01') to ('2101-01-01')
select matricula_make_journal_part('mine', 'for values from (''2100-01-01'') to (''2101-01-01'')')
create or replace function matricula_make_journal_parts() returns int language sql as 'select 1'
alter function matricula_make_journal_parts() set search_path = pg_temp
drop schema public cascade
drop database matricula
alter table matricula_journalentry owner to matricula_app
alter table matricula_account add column mine text
do 'begin lock table matricula_journalentry in access exclusive mode; end'
select setval('matricula_journalentry_id_seq', 1)
select * from matricula_journalentry for update
insert into django_migrations (app, name, applied) values ('matricula', '9999', now())
create table public.mine ()
create table mine ()
create view public.mine as select 1
create function public.mine() returns int language sql as 'select 1'
create index mine on matricula_account (id)
create schema mine
create database mine
create extension dblink
create role mine
create role mine superuser
alter role matricula_app superuser
alter role matricula_app createrole
alter role matricula_owner password 'mine'
alter role matricula password 'mine'
grant matricula_owner to matricula_app
grant pg_execute_server_program to matricula_app
set role matricula_owner
set role matricula
set session authorization matricula
alter system set shared_buffers = '1MB'
alter database matricula owner to matricula_app
alter default privileges for role matricula_owner grant all on tables to matricula_app
copy (select 1) to program 'true'
copy django_session from program 'true'
copy (select 1) to '/tmp/mine'
copy django_session from '/etc/passwd'
select pg_read_file('/etc/passwd')
select pg_ls_dir('/')
select lo_import('/etc/passwd')
select rolpassword from pg_authid
select pg_reload_conf()
""".strip().splitlines()


NOT_THE_OWNERS = """
with parts as (
    select relname::text as name, relowner as owner, oid from pg_class where relnamespace = 'public'::regnamespace
    union all select proname, proowner, oid from pg_proc where pronamespace = 'public'::regnamespace
    union all select typname, typowner, oid from pg_type where typnamespace = 'public'::regnamespace
    union all select datname, datdba, oid from pg_database where datname = 'matricula'
)
select name from parts where owner <> 'matricula_owner'::regrole
and not exists (select from pg_depend d where d.objid = parts.oid and d.refclassid = 'pg_extension'::regclass)
and name <> '_gtrgm'
"""


def matricula(*words: str, folder: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which knows only the database that is named."""
    environment = {k: v for k, v in os.environ.items() if "DATABASE_URL" not in k} | settings
    if folder is not None:
        environment["MATRICULA_DATA"] = str(folder)
    command = [sys.executable, "-m", "matricula", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def migrate(folder: Path, **settings: str) -> None:
    done = matricula("migrate", folder=folder, **settings)
    assert done.returncode == 0, done.stderr


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def urls(home: Path) -> Iterator[ServerUrls]:
    prepare_folder(home)
    with embedded_postgres(home, FAST) as urls:
        yield urls


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_may_not(urls: ServerUrls, statement: str) -> None:
    with psycopg.connect(urls.application, autocommit=True) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_the_application_cannot_grant_itself_more(urls: ServerUrls) -> None:
    with psycopg.connect(urls.application, autocommit=True) as connection:
        # PostgreSQL answers this with a warning
        connection.execute("grant update, truncate, trigger on matricula_journalentry to matricula_app")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("update matricula_journalentry set reason = ''")


def test_the_application_reads_the_journal_and_adds_to_it(urls: ServerUrls) -> None:
    [entry] = ask(urls.application, ENTRY)
    assert ask(urls.application, "select max(id) from matricula_journalentry") == [entry]


# parts of the journal are read through the whole
UNREADABLE = """
select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
    and not relispartition and not has_table_privilege('matricula_app', oid, 'select')
"""


def test_the_application_reads_every_table_and_finds_names(urls: ServerUrls) -> None:
    """Also those of the newest migrations, and by functions of extensions."""
    assert ask(urls.superuser, UNREADABLE) == []
    assert ask(urls.application, "select matricula_folded('Ibarra GÓMEZ')") == [("ibarra gomez",)]
    found = "select matricula_names('jo', '', 'José', 'Ibarra Gómez') @@ matricula_query('gomez jose')"
    assert ask(urls.application, found) == [(True,)]


def test_the_application_has_temporary_tables(urls: ServerUrls) -> None:
    assert ask(urls.application, "create temporary table mine as select 1 as one; analyze mine; table mine") == []


def test_the_roles_are_what_they_have_to_be(urls: ServerUrls, home: Path) -> None:
    roles = ask(
        urls.superuser,
        "select rolname, rolcanlogin, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls,"
        " (select count(*) from pg_auth_members where member = r.oid)"
        " from pg_roles r where rolname like 'matricula%' order by 1",
    )
    assert roles == [(NAME, True, True, 0), (APPLICATION, True, False, 0), (OWNER, True, False, 0)]
    assert ask(urls.superuser, NOT_THE_OWNERS) == []
    # what a role owns, or what is granted to it, is listed here; the application has grants only
    kinds = "select distinct deptype from pg_shdepend where refobjid = 'matricula_app'::regrole"
    assert ask(urls.superuser, kinds) == [("a",)]
    for file in ("password", "owner_password", "app_password"):
        assert (home / "postgres" / file).stat().st_mode & 0o777 == 0o600
    assert len({(home / "postgres" / file).read_text() for file in ("password", "owner_password", "app_password")}) == 3


@pytest.mark.parametrize("role", [OWNER, NAME])
def test_the_applications_password_opens_no_other_role(urls: ServerUrls, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(urls.application.replace(f"//{APPLICATION}:", f"//{role}:"), "select 1")


def test_commands_run_as_the_application(urls: ServerUrls, home: Path) -> None:
    checked = matricula("check", "--deep", folder=home)
    assert (checked.returncode, checked.stdout) == (0, "No problems found.\n"), checked.stderr


# --- Folders of the version before, and dumps ---


def test_a_data_folder_with_one_role_gets_the_roles(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    place = tmp_path / "postgres"
    with embedded_postgres(tmp_path, FAST) as urls:
        # as the version before made it: the superuser owns everything, and there is no other role
        ask(urls.superuser, f"reassign owned by {OWNER} to {NAME}; drop owned by {OWNER}, {APPLICATION}")
        ask(urls.superuser, f"drop role {OWNER}; drop role {APPLICATION}")
        (place / "owner_password").unlink()
        (place / "app_password").unlink()
        ask(urls.superuser, "revoke all on all tables in schema public from public")
        [(entry,)] = ask(urls.superuser, ENTRY)
        owners = "select distinct pg_get_userbyid(relowner) from pg_class where relnamespace = 'public'::regnamespace"
        assert ask(urls.superuser, owners) == [(NAME,)]
        unready = matricula("check", folder=tmp_path)
        assert unready.returncode == 1 and "Run `matricula migrate`, which grants this." in unready.stdout
        exported = matricula("export", "journal", folder=tmp_path)
        assert exported.returncode == 2 and "permission denied" in exported.stderr
        assert "Traceback" not in exported.stderr
    migrate(tmp_path)
    with embedded_postgres(tmp_path, FAST) as urls:
        assert ask(urls.superuser, NOT_THE_OWNERS) == []
        assert ask(urls.application, "select id from matricula_journalentry") == [(entry,)]
        with pytest.raises(InsufficientPrivilege):
            ask(urls.application, "delete from matricula_journalentry")
        checked = matricula("check", "--deep", folder=tmp_path)
        assert checked.stdout.endswith("No problems found.\n"), checked.stdout + checked.stderr


def test_lost_password_files_are_replaced(tmp_path: Path) -> None:
    for lost in (None, "owner_password", "app_password"):
        if lost:
            (tmp_path / "postgres" / lost).unlink()
        with embedded_postgres(tmp_path, FAST) as urls:
            assert ask(urls.application, "select current_user") == [(APPLICATION,)]
            assert ask(urls.owner, "select current_user") == [(OWNER,)]


def test_a_dump_is_restored_with_its_rights(home: Path, urls: ServerUrls, tmp_path: Path) -> None:
    [entry] = ask(urls.application, ENTRY)
    programs, dump = _installed() / "bin", str(tmp_path / "backup.dump")
    subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, urls.superuser], check=True)
    folder = tmp_path / "new"
    with embedded_postgres(folder, FAST) as new:
        subprocess.run([programs / "pg_restore", "--exit-on-error", "-d", new.superuser, dump], check=True)
        # its transactions have numbers that this server has yet to reach
        checked = matricula("check", folder=folder)
        assert (checked.returncode, checked.stdout) == (1, f"{MOVED}\n1 thing needs attention.\n"), checked.stderr
        migrate(folder)
        assert ask(new.application, "select matricula_journal_is_elsewhere()") == [(False,)]
        assert ask(new.application, "select max(id) from matricula_journalentry") == [entry]
        with pytest.raises(InsufficientPrivilege):
            ask(new.application, "delete from matricula_journalentry")


# --- A PostgreSQL of the operator's own ---


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[ServerUrls]:
    """A server on which nothing but ``deploy/roles.sql`` was run."""
    recipe = re.sub(r"^--.*$", "", (ROOT / "deploy" / "roles.sql").read_text(), flags=re.MULTILINE)
    recipe = re.sub(r":'(\w+)_password'", r"'secret-of-\1'", recipe)
    with embedded_postgres(tmp_path / "foreign", FAST) as urls:
        server = urls.superuser.rpartition("@")[2].rpartition("/")[0]
        with psycopg.connect(urls.superuser.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
            for statement in ["drop database matricula", "drop role matricula_owner, matricula_app"]:
                connection.execute(statement)
            for statement in filter(str.strip, recipe.split(";")):
                connection.execute(statement.encode())
        yield ServerUrls(
            application=f"postgresql://matricula_app:secret-of-app@{server}/matricula",
            owner=f"postgresql://matricula_owner:secret-of-owner@{server}/matricula",
            superuser=urls.superuser,
        )


def test_the_recipe_for_a_postgresql_of_ones_own(foreign: ServerUrls, tmp_path: Path) -> None:
    as_application = {"DATABASE_URL": foreign.application, "folder": tmp_path}
    institution = tmp_path / "institution.yaml"
    institution.write_text("organizations:\n  - {key: north, name: North}\n")
    early = matricula("load", str(institution), **as_application)
    assert early.returncode == 1
    assert "Run `matricula migrate` with MATRICULA_OWNER_DATABASE_URL." in " ".join(early.stderr.split())

    migrate(tmp_path, DATABASE_URL=foreign.application, MATRICULA_OWNER_DATABASE_URL=foreign.owner)
    assert ask(foreign.superuser, NOT_THE_OWNERS) == []
    loaded = matricula("load", str(institution), **as_application)
    assert loaded.returncode == 0, loaded.stderr
    checked = matricula("check", **as_application)
    assert (checked.returncode, checked.stdout) == (0, "No problems found.\n"), checked.stderr
    with pytest.raises(InsufficientPrivilege):
        ask(foreign.application, "truncate matricula_journalentry")

    # one role for everything goes on working, and is reported
    migrate(tmp_path, DATABASE_URL=foreign.owner)
    reported = matricula("check", DATABASE_URL=foreign.owner, folder=tmp_path)
    assert reported.returncode == 1
    assert re.search(r"The database role matricula_owner owns \d+ tables\.", reported.stdout)

    # tables that another role made
    ask(foreign.superuser, "create table other ()")
    refused = matricula("migrate", MATRICULA_OWNER_DATABASE_URL=foreign.owner, **as_application)
    assert refused.returncode == 1
    assert "1 tables belong to matricula." in " ".join(refused.stderr.split())
