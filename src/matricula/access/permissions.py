"""Which permissions the roles of an account carry on a program (registrar-api: Permissions). Plain Python."""

from collections.abc import Iterable, Mapping

READ_METADATA = "read_metadata"
READ_ENROLLMENTS = "read_enrollments"
WRITE_ENROLLMENTS = "write_enrollments"
READ_REPORTS = "read_reports"
PERMISSIONS = (READ_METADATA, READ_ENROLLMENTS, WRITE_ENROLLMENTS, READ_REPORTS)

# role → the permissions that it carries; read_all_jobs is about jobs and carries none on a program
CARRIED_BY: Mapping[str, frozenset[str]] = {
    "read_metadata": frozenset({READ_METADATA}),
    "read_enrollments": frozenset({READ_METADATA, READ_ENROLLMENTS}),
    "read_write_enrollments": frozenset({READ_METADATA, READ_ENROLLMENTS, WRITE_ENROLLMENTS}),
    "read_reports": frozenset({READ_METADATA, READ_REPORTS}),
    "read_all_jobs": frozenset(),
}
ABOUT_ENROLLMENTS = frozenset({READ_ENROLLMENTS, WRITE_ENROLLMENTS})


def carried_permissions(
    roles: Iterable[str], *, is_superuser: bool = False, manages_enrollments: bool = True
) -> frozenset[str]:
    """What roles that add up carry on a program; nobody has to do with enrollments that are not managed here."""
    held = frozenset(PERMISSIONS) if is_superuser else frozenset[str]().union(*(CARRIED_BY[role] for role in roles))
    return held if manages_enrollments else held - ABOUT_ENROLLMENTS
