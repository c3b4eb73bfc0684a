"""Finding connections, and the course runs on them."""

from dataclasses import dataclass

from matricula.connections.models import LmsConnection, LmsCoverage
from matricula.connections.statuses import Owner
from matricula.foundation.database import fetch_all


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to an LMS; ``pause_between_calls`` in seconds."""

    id: int
    name: str
    url: str
    client_id: str
    client_secret_env: str
    api_key_env: str | None
    push: bool
    grades: bool
    owner: Owner
    pause_between_calls: float


_COURSES = """
select c.id, c.key from matricula_lmscoverage v
join matricula_course c on c.id = v.course_id or c.organization_id = v.organization_id
where v.connection_id = %s order by c.key
"""
_CONFLICTS = """
select c.key, a.name, b.name from matricula_lmscoverage by_course
join matricula_course c on c.id = by_course.course_id
join matricula_lmscoverage by_organization on by_organization.organization_id = c.organization_id
join matricula_lmsconnection a on a.id = by_course.connection_id
join matricula_lmsconnection b on b.id = by_organization.connection_id
where a.id <> b.id order by c.key
"""


def list_connections() -> list[Connection]:
    """Return all connections, by name."""
    return [_connection(row) for row in LmsConnection.objects.order_by("name")]


def find_connection(name: str) -> Connection | None:
    """Return the connection with this name, or None."""
    row = LmsConnection.objects.filter(name=name).first()
    return _connection(row) if row else None


def find_connection_by_id(connection_id: int) -> Connection | None:
    """Return the connection with this id, or None."""
    row = LmsConnection.objects.filter(pk=connection_id).first()
    return _connection(row) if row else None


def list_connected_courses(connection_id: int) -> dict[int, str]:
    """Return id → key of the course runs on an LMS, by key."""
    return dict(fetch_all(_COURSES, [connection_id]))


def list_holders() -> dict[tuple[str, int], str]:
    """Return (organization or course, id) → the name of the connection that names it."""
    rows = LmsCoverage.objects.values_list("organization_id", "course_id", "connection__name")
    return {
        ("course", course) if course else ("organization", organization): name for organization, course, name in rows
    }


def list_conflicts() -> list[tuple[str, str, str]]:
    """Return (course run, connection, connection) for each course run that two connections name, in whatever way."""
    return [(key, one, other) for key, one, other in fetch_all(_CONFLICTS, [])]


def _connection(row: LmsConnection) -> Connection:
    return Connection(
        row.pk,
        row.name,
        row.url,
        row.client_id,
        row.client_secret_env,
        row.api_key_env,
        row.push,
        row.grades,
        Owner(row.owner),
        row.pause_between_calls,
    )
