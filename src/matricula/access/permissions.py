"""Which permissions the roles of an account carry on a program (registrar-api: Permissions). Plain Python."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from matricula.access.statuses import Role


class Permission(StrEnum):
    """What an account may do with a program."""

    READ_METADATA = "read_metadata"
    READ_ENROLLMENTS = "read_enrollments"
    WRITE_ENROLLMENTS = "write_enrollments"
    READ_REPORTS = "read_reports"


READ_METADATA, READ_ENROLLMENTS = Permission.READ_METADATA, Permission.READ_ENROLLMENTS
WRITE_ENROLLMENTS, READ_REPORTS = Permission.WRITE_ENROLLMENTS, Permission.READ_REPORTS
PERMISSIONS = tuple(Permission)

# role → the permissions that it carries; read_all_jobs is about jobs and carries none on a program
CARRIED_BY: Mapping[Role, frozenset[Permission]] = {
    Role.READ_METADATA: frozenset({READ_METADATA}),
    Role.READ_ENROLLMENTS: frozenset({READ_METADATA, READ_ENROLLMENTS}),
    Role.READ_WRITE_ENROLLMENTS: frozenset({READ_METADATA, READ_ENROLLMENTS, WRITE_ENROLLMENTS}),
    Role.READ_REPORTS: frozenset({READ_METADATA, READ_REPORTS}),
    Role.READ_ALL_JOBS: frozenset(),
}
ABOUT_ENROLLMENTS = frozenset({READ_ENROLLMENTS, WRITE_ENROLLMENTS})


def carried_permissions(
    roles: Iterable[Role], *, is_superuser: bool = False, manages_enrollments: bool = True
) -> frozenset[Permission]:
    """What roles that add up carry on a program; they carry nothing on enrollments that are not managed here."""
    held = frozenset(PERMISSIONS)
    if not is_superuser:
        held = frozenset[Permission]().union(*(CARRIED_BY[role] for role in roles))
    return held if manages_enrollments else held - ABOUT_ENROLLMENTS
