"""The caller, the program, the permissions and the features: one look-up, in one statement."""

from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.access.permissions import PERMISSIONS, carried_permissions
from matricula.access.reads import (
    ProgramAccess,
    find_program_caller_by_account,
    find_program_caller_by_token,
    holds_in_organization,
    list_programs_of,
)
from matricula.access.statuses import FEATURES, ROLES
from matricula.models import Account, FeatureGrant, Group, Membership, Organization, Program, RoleGrant
from tests.conftest import make_account, make_token
from tests.university import ABROAD, OWN, SECOND, UNMANAGED, University, grant

PLACES = ("program", "organization", "everywhere")


def access(account: Account, key: str | None = OWN) -> ProgramAccess | None:
    found = find_program_caller_by_account(account.pk, key)
    assert found is not None
    return found[1]


def permissions(account: Account, key: str = OWN) -> frozenset[str]:
    found = access(account, key)
    assert found is not None
    return found.permissions


@pytest.mark.parametrize(("role", "on", "group"), list(product(ROLES, PLACES, (0, 1))))
def test_where_a_role_counts(role: str, on: str, group: bool, university: University) -> None:
    account = university.holder(role, on=on, group=bool(group))
    full, nothing = carried_permissions([role]), frozenset[str]()
    assert permissions(account) == full
    assert permissions(account, SECOND) == (nothing if on == "program" else full)
    assert permissions(account, ABROAD) == (full if on == "everywhere" else nothing)
    kept = carried_permissions([role], manages_enrollments=False)
    assert permissions(account, UNMANAGED) == (nothing if on == "program" else kept)


def test_roles_of_all_groups_add_up(university: University) -> None:
    account = university.holder("read_enrollments")
    grant("read_reports", account, on="organization", program=university.own, group=True)
    grant("read_write_enrollments", account, on="program", program=university.second, group=True)
    assert permissions(account) == {"read_metadata", "read_enrollments", "read_reports"}
    assert permissions(account, SECOND) == set(PERMISSIONS)


def test_other_peoples_roles_and_groups_do_not_count(university: University) -> None:
    university.holder("read_write_enrollments", group=True)
    university.holder("read_write_enrollments")
    assert permissions(university.world.learner) == frozenset()
    assert permissions(university.world.admin) == frozenset()  # is_staff alone gives nothing here


def test_a_superuser_holds_everything_that_is_managed_here(university: University) -> None:
    assert permissions(university.root, ABROAD) == set(PERMISSIONS)
    assert permissions(university.root, UNMANAGED) == {"read_metadata", "read_reports"}


@pytest.mark.parametrize("group", [False, True])
@pytest.mark.parametrize("feature", FEATURES)
def test_features(feature: str, group: bool, university: University) -> None:
    account = make_account("featured")
    if group:
        held = Group.objects.create(name="g")
        Membership.objects.create(group=held, account=account)
        FeatureGrant.objects.create(feature=feature, group=held)
    else:
        FeatureGrant.objects.create(feature=feature, account=account)
    found, other = access(account), access(university.world.learner)
    assert found
    assert other
    assert (found.features, other.features) == ({feature}, frozenset())


def test_who_reads_all_jobs(university: University) -> None:
    def reads_all_jobs(account: Account) -> bool:
        found = find_program_caller_by_account(account.pk, None)
        assert found is not None
        return found[0].reads_all_jobs

    assert reads_all_jobs(university.holder("read_all_jobs"))
    assert reads_all_jobs(university.holder("read_all_jobs", group=True))
    assert reads_all_jobs(university.root)
    assert not reads_all_jobs(university.holder("read_write_enrollments", on="everywhere"))


def test_unknown_programs_tokens_and_accounts(university: University) -> None:
    world = university.world
    for key in ("no-such", OWN.upper(), "", None):
        assert access(university.root, key) is None
    assert find_program_caller_by_account(world.inactive.pk, OWN) is None
    assert find_program_caller_by_token("no-such-token", OWN) is None
    assert find_program_caller_by_token(make_token(world.learner, seconds=-1), OWN) is None
    found = find_program_caller_by_token(make_token(world.learner, "read"), OWN)
    assert found
    assert (found[0].account_id, found[0].scopes) == (world.learner.pk, {"read"})


def test_one_statement_whatever_the_roles(university: University) -> None:
    account = university.holder("read_metadata")
    for role, on in product(ROLES[:-1], PLACES):
        grant(role, account, on=on, program=university.own, group=True)
    token = make_token(account)
    with CaptureQueriesContext(connection) as queries:
        find_program_caller_by_token(token, OWN)
    assert len(queries) == 1
    caller = find_program_caller_by_token(token, None)
    assert caller
    with CaptureQueriesContext(connection) as queries:
        assert len(list_programs_of(caller[0], "read_metadata")) == 4
    assert len(queries) == 1


def test_lists_of_programs(university: University) -> None:
    def keys(account: Account, permission: str, organization: Organization | None = None) -> list[str]:
        found = find_program_caller_by_account(account.pk, None)
        assert found
        rows = list_programs_of(found[0], permission, organization and organization.pk)
        keys_of_rows = [row.program.key for row in rows]
        assert [row.permissions for row in rows] == [permissions(account, key) for key in keys_of_rows]
        return keys_of_rows

    north = Organization.objects.get(key="north")
    reader, writer = university.holder("read_metadata", on="organization"), university.writer()
    RoleGrant.objects.create(role="read_reports", account=writer, program=Program.objects.get(key=ABROAD))
    assert keys(reader, "read_metadata") == [OWN, SECOND, UNMANAGED]
    assert keys(reader, "read_reports") == []
    assert keys(writer, "read_metadata") == [OWN, ABROAD]
    assert keys(writer, "read_metadata", north) == [OWN]
    assert keys(writer, "write_enrollments") == [OWN]
    assert keys(university.root, "read_metadata") == [OWN, SECOND, UNMANAGED, ABROAD]
    assert keys(university.root, "read_enrollments") == [OWN, SECOND, ABROAD]
    assert keys(university.world.learner, "read_metadata") == []


def test_who_holds_something_in_an_organization(university: University) -> None:
    def holds(account: Account, key: str) -> bool:
        found = find_program_caller_by_account(account.pk, None)
        assert found
        return holds_in_organization(found[0], Organization.objects.get(key=key).pk)

    assert holds(university.holder("read_metadata", on="organization", group=True), "north")
    assert not holds(university.holder("read_reports", on="organization"), "south")
    assert holds(university.holder("read_reports", on="everywhere"), "empty")
    assert not holds(university.holder("read_all_jobs"), "north")
    assert holds(university.root, "empty")
