"""An LMS for the demo: the test LMS of the source tree, with the demo's people, connected to all its course runs."""

import json
import os
import sys
from pathlib import Path

import matricula
from matricula.connections.reads import find_connection
from matricula.foundation.database import fetch_all
from matricula.institution.items import Institution, Lms
from matricula.institution.writes import load_institution
from matricula.journal.statuses import COMMAND, OperationKind
from matricula.journal.writes import new_operation

NAME, SECRET, KEY = "demo", "MATRICULA_DEMO_LMS_SECRET", "MATRICULA_DEMO_LMS_KEY"
_ROOT = Path(matricula.__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from tests.lms.__main__ import main; main()"
_PEOPLE = "select username, email from matricula_account where is_active order by id"
_COURSES = "select key, modes, title from matricula_course order by key"
_GRADES = """
select a.username, c.key, g.percent, g.letter_grade, g.passed from matricula_grade g
join matricula_account a on a.id = g.account_id
join matricula_course c on c.id = g.course_id
where g.error is null order by g.id
"""
_ORGANIZATIONS = "select key from matricula_organization order by key"


def is_available() -> bool:
    """Return whether the test LMS is there: it is part of the source tree, not of the package."""
    return (_ROOT / "tests" / "lms" / "__main__.py").is_file()


def prepare_lms(data: Path, port: int) -> list[str]:
    """Connect the demo's organizations to an LMS on this machine; return the program that runs it.

    The first time, the LMS gets the demo's people, course runs and grades, and no enrollments. It keeps its state.
    """
    os.environ[SECRET], os.environ[KEY] = "matricula-secret", "lms-api-key"
    path = data / "demo-lms.json"
    if find_connection(NAME) is None or not path.exists():
        # the mode of students of programs, which course runs don't list
        runs = [
            {"key": key, "modes": [*modes, "masters"], "title": title} for key, modes, title in fetch_all(_COURSES, [])
        ]
        people = [{"username": username, "email": email} for username, email in fetch_all(_PEOPLE, [])]
        grades = [
            {"user": user, "course_id": key, "grade": {"percent": percent, "letter_grade": letter, "passed": passed}}
            for user, key, percent, letter, passed in fetch_all(_GRADES, [])
        ]
        path.write_text(json.dumps({"runs": runs, "users": people, "grades": grades}), encoding="utf-8")
    connection = Lms(
        line=0,
        lines={},
        name=NAME,
        url=f"http://127.0.0.1:{port}",
        client_id="matricula",
        client_secret_env=SECRET,
        api_key_env=KEY,
        organizations=[key for (key,) in fetch_all(_ORGANIZATIONS, [])],
    )
    load_institution(new_operation(None, COMMAND, kind=OperationKind.LOAD), Institution(lms=[connection]))
    return [sys.executable, "-c", _START, str(_ROOT), "--port", str(port), "--state", str(path), "--keep"]
