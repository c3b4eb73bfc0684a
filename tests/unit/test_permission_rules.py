"""Which role carries which permission, as a table (registrar-api: Permissions)."""

from itertools import chain, combinations

import pytest

from matricula.access.permissions import ABOUT_ENROLLMENTS, PERMISSIONS, carried_permissions
from matricula.access.statuses import ROLES

META, READ, WRITE, REPORTS = PERMISSIONS
TABLE = {
    "read_metadata": {META},
    "read_enrollments": {META, READ},
    "read_write_enrollments": {META, READ, WRITE},
    "read_reports": {META, REPORTS},
    "read_all_jobs": set(),
}


def test_the_table_has_every_role() -> None:
    assert set(TABLE) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_each_role(role: str) -> None:
    assert carried_permissions([role]) == TABLE[role]


@pytest.mark.parametrize("roles", list(chain.from_iterable(combinations(ROLES, n) for n in range(len(ROLES) + 1))))
def test_roles_add_up(roles: tuple[str, ...]) -> None:
    wanted = set().union(*(TABLE[role] for role in roles))
    assert carried_permissions(roles) == wanted
    assert carried_permissions(roles, manages_enrollments=False) == wanted - {READ, WRITE}
    assert carried_permissions(roles, is_superuser=True) == set(PERMISSIONS)


def test_nobody_has_to_do_with_enrollments_that_are_kept_elsewhere() -> None:
    assert carried_permissions([], is_superuser=True, manages_enrollments=False) == {META, REPORTS}
    assert {READ, WRITE} == ABOUT_ENROLLMENTS
