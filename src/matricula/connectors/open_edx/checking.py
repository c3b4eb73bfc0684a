"""Whether a connection can work: credentials, permissions, and each course run with its modes in the LMS."""

from typing import NamedTuple

from matricula.catalog.reads import get_courses
from matricula.connections.reads import list_connected_courses
from matricula.connectors.open_edx.calls import PacedClient
from matricula.connectors.open_edx.client import read_page
from matricula.connectors.open_edx.rules import Answer, Problem, find_problem
from matricula.connectors.open_edx.statuses import Do
from matricula.foundation.database import fetch_all

_MODES = """
select course_id, array_agg(distinct mode order by mode) from matricula_lmsrow
where connection_id = %s and wanted = 'enrolled' group by course_id
"""


class Finding(NamedTuple):
    """What was found about a course run; ``problem`` None: all is well."""

    course: str
    modes: tuple[str, ...]
    problem: str | None


def check_connection(client: PacedClient) -> list[Finding]:
    """Check credentials and permissions, then each course run. Errors: ``ConnectionFailed``, ``Stopped``."""
    # the secret is to be tried, too
    client.client.drop_token()
    ids = list_connected_courses(client.connection.id)
    courses, used = get_courses(ids), _used_modes(client.connection.id)
    findings = []
    for course_id, key in ids.items():
        answer = client.ask(lambda lms, key=key: lms.get_course(key), _problem)  # type: ignore[misc]
        modes = _modes(answer)
        wanted = dict.fromkeys((*courses[course_id].modes, *used.get(course_id, ())))
        missing = [mode for mode in wanted if modes is not None and mode not in modes]
        problem = "the LMS doesn't know this course run" if modes is None else None
        if missing:
            problem = f"the LMS doesn't offer {', '.join(missing)}"
        findings.append(Finding(key, tuple(modes or ()), problem))
    known = next((finding.course for finding in findings if finding.modes), None)
    if known is not None:
        _check_permissions(client, known)
    return findings


def _used_modes(connection_id: int) -> dict[int, list[str]]:
    """Return course run → the modes in which people are to be enrolled; students of programs have one of their own."""
    return {course_id: modes for course_id, modes in fetch_all(_MODES, [connection_id])}


def _check_permissions(client: PacedClient, key: str) -> None:
    """Read the first page of each list: that is for global staff."""
    addresses = [client.client.enrollments_address(key)]
    if client.connection.grades:
        addresses.append(client.client.grades_address(key))
    for address in addresses:
        answer = client.ask(lambda lms, address=address: lms.ask("GET", address), _problem)  # type: ignore[misc]
        read_page(answer)


def _problem(answer: Answer) -> Problem | None:
    # a course run that isn't there is answered like a person who isn't
    return find_problem(Do.LOOK_UP if answer.status == 404 else None, answer)


def _modes(answer: Answer) -> list[str] | None:
    body = answer.body if answer.status == 200 and isinstance(answer.body, dict) else {}
    modes = body.get("course_modes")
    return [m["slug"] for m in modes if isinstance(m, dict) and "slug" in m] if isinstance(modes, list) else None
