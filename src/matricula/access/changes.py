"""Single changes to who may do what, each with its audit row."""

from collections.abc import Sequence

from django.db import transaction

from matricula.access.models import CourseRole
from matricula.access.writes import CourseRoleRequest, grant_course_roles, withdraw_course_roles
from matricula.journal.writes import Entry, Operation, add_entries

COURSE_ROLE = "course_role"


def write_course_roles(operation: Operation, roles: Sequence[CourseRoleRequest], *, granted: bool) -> int:
    """Gives or takes roles in course runs; how many changed. An audit row for each that did."""
    with transaction.atomic():
        held = set(
            CourseRole.objects.select_for_update()
            .filter(account_id__in=[r.account_id for r in roles], course_id__in=[r.course_id for r in roles])
            .order_by("id")
            .values_list("role", "account_id", "course_id")
        )
        changed = [r for r in dict.fromkeys(roles) if (r in held) != granted]
        (grant_course_roles if granted else withdraw_course_roles)(changed)
        add_entries(operation, [_entry(operation, r, granted) for r in changed])
    return len(changed)


def _entry(operation: Operation, role: CourseRoleRequest, granted: bool) -> Entry:
    return Entry(
        subject=COURSE_ROLE,
        account_id=role.account_id,
        email=None,
        course_id=role.course_id,
        transition=f"{'granted' if granted else 'withdrawn'} {role.role}",
        before={} if granted else {"role": role.role},
        after={"role": role.role} if granted else {},
        reason=operation.reason,
        actor_id=operation.actor_id,
    )
