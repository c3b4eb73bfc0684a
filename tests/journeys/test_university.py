"""A university's term by the Registrar API: students, courses, accounts, grades, a transfer, reports; all must agree.

One service start for the whole story: each step stands on the one before.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests

from tests.journeys.conftest import Service

COURSE, EXTERNAL = "course-v1:North+CS101+2027_T1", "CS 101/27"
pytestmark = pytest.mark.xdist_group("service")
OLD, NEW = "n-cs", "n-ds"
PROGRAMS = f"""
programs:
  - {{key: {OLD}, organization: north, title: Computer Science, type: Masters, courses: [
      {{key: "{COURSE}", external_key: "{EXTERNAL}"}}]}}
  - {{key: {NEW}, organization: north, title: Data Science, type: Masters, courses: [{{key: "{COURSE}"}}]}}
users:
  - {{username: rita, email: rita@north.example.org, roles: [
      {{role: read_write_enrollments, organization: north}}, {{role: read_reports, organization: north}}]}}
clients:
  - {{client_id: north-registrar, client_secret: a-secret-for-tests-only, user: rita, scopes: [read, write]}}
"""
STUDENTS = [f"S-{n:04}" for n in range(300)]
LINKED, BY_PUT, BY_FILE, TRANSFERRED = STUDENTS[:150], STUDENTS[:25], STUDENTS[25:75], STUDENTS[140:160]


class Registrar:
    """A student system: a session with a token, jobs waited for, their files fetched without credentials."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._http = requests.Session()
        self._http.headers.update(service.token("north-registrar"))

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"{self._service.url}/api/v2/programs/{path}", timeout=30, **more)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def finished(self, accepted: Mapping[str, str]) -> tuple[str | None, str]:
        """The job's text and its result."""
        job: dict[str, Any] = {}

        def ended() -> bool:
            job.update(self._http.get(accepted["job_url"], timeout=30).json())
            return job["state"] not in ("Queued", "In Progress")

        self._service.wait(ended)
        assert job["state"] == "Succeeded", job
        result = requests.get(job["result"], timeout=30)
        assert result.status_code == 200
        return job["text"], result.text

    def upload(self, path: str, header: str, lines: Sequence[str]) -> tuple[str | None, list[dict[str, str]]]:
        content = "\n".join([header, *lines])
        accepted = self("POST", f"{path}/upload/", files={"file": ("students.csv", content)})
        text, result = self.finished(accepted)
        return text, table(result)

    def download(self, path: str) -> list[dict[str, str]]:
        return table(self.finished(self("GET", f"{path}/", params={"fmt": "csv"}))[1])

    def write(self, method: str, path: str, keys: Sequence[str], **requested: Any) -> None:
        answer = self(method, f"{path}/", json=[{"student_key": key, **requested} for key in keys])
        assert answer == dict.fromkeys(keys, requested.get("status", "saved"))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def imported(service: Service, *kind: str, header: str, lines: Sequence[str]) -> str:
    file = service.folder / "import.csv"
    file.write_text("\n".join([header, *lines]))
    done = service.run("import", *kind, str(file))
    assert done.returncode == 0, done.stderr
    return done.stdout


class Teacher:
    """The course run's instructor, who sees its list by the Enrollment API."""

    def __init__(self, service: Service) -> None:
        self._list = f"{service.course}/enrollments"
        self._http = requests.Session()
        self._http.headers.update(service.token())

    def roster(self) -> dict[str, str]:
        """Username → mode, of all pages."""
        found: dict[str, str] = {}
        following: str | None = self._list
        while following:
            page = self._http.get(following, timeout=30).json()
            found |= {row["username"]: row["mode"] for row in page["results"]}
            assert len(found) <= page["count"]
            following = page["next"]
        return found

    def unenroll(self, username: str) -> None:
        self._http.delete(f"{self._list}/{username}", timeout=30).raise_for_status()


def test_a_universitys_term(shared_service: Service) -> None:
    service = shared_service
    (service.folder / "programs.yaml").write_text(PROGRAMS)
    loaded = service.run("load", str(service.folder / "programs.yaml"))
    assert loaded.returncode == 0, loaded.stderr
    registrar, teacher = Registrar(service), Teacher(service)

    enroll_by_upload(registrar)
    assert teacher.roster() == {}
    link_half(service)
    assert teacher.roster() == {key.lower(): "masters" for key in LINKED}
    grade(service, registrar)

    # the teacher lets one go, and twenty change to another program, half of them without an account
    teacher.unenroll(STUDENTS[0].lower())
    registrar.write("PATCH", f"{OLD}/courses/{EXTERNAL}/enrollments", TRANSFERRED, status="inactive")
    registrar.write("PATCH", f"{OLD}/enrollments", TRANSFERRED, status="canceled")
    registrar.write("POST", f"{NEW}/enrollments", TRANSFERRED, status="enrolled")
    registrar.write("POST", f"{NEW}/courses/{COURSE}/enrollments", TRANSFERRED, status="active")

    # every door tells the same
    left = Counter({"active": 279, "inactive": 21})
    studying = compare(service, registrar, OLD, Counter({"enrolled": 280, "canceled": 20}), left)
    studying |= compare(service, registrar, NEW, Counter({"enrolled": 20}), Counter({"active": 20}))
    assert len(teacher.roster()) == 149
    assert set(teacher.roster()) == {key.lower() for key in studying & set(LINKED)}
    assert service.run("check").stdout == "No problems found.\n"


def enroll_by_upload(registrar: Registrar) -> None:
    lines = [f"{key},enrolled" for key in STUDENTS]
    text, result = registrar.upload(f"{OLD}/enrollments", "student_key,status", lines)
    assert (text, [row["student_key"] for row in result]) == ("200", STUDENTS)
    # the case of the letters does not matter
    lines = [f"{EXTERNAL},{key.lower()},active" for key in STUDENTS]
    text, result = registrar.upload(f"{OLD}/course_enrollments", "course_id,student_key,status", lines)
    assert (text, Counter(row["status"] for row in result)) == ("200", {"active": 300})


def link_half(service: Service) -> None:
    people = [f"{key.lower()},{key.lower()}@north.example.org" for key in LINKED]
    assert "150 created" in imported(service, "users", header="username,email", lines=people)
    links = [f"{key},{key.lower()}" for key in LINKED]
    linked = imported(service, "student-keys", "--organization", "north", header="student_key,username", lines=links)
    assert linked.startswith("150 rows")


def grade(service: Service, registrar: Registrar) -> None:
    registrar.write("PUT", f"{OLD}/courses/{EXTERNAL}/grades", BY_PUT, percent=0.9, letter_grade="A", passed=True)
    lines = [f"{COURSE},{key.lower()},0.4,F,false," for key in BY_FILE[1:]]
    lines.append(f"{COURSE},{BY_FILE[0].lower()},,,,no graded work")
    header = "course,username,percent,letter_grade,passed,error"
    assert "50 created" in imported(service, "grades", header=header, lines=lines)
    text, result = registrar.finished(registrar("GET", f"{OLD}/courses/{EXTERNAL}/grades/", params={"fmt": "csv"}))
    assert text == "207"
    assert [row["student_key"] for row in table(result)] == BY_PUT + BY_FILE
    assert Counter(row["passed"] for row in table(result)) == {"True": 25, "False": 49, "": 1}


def compare(
    service: Service, registrar: Registrar, program: str, students: Counter[str], studying: Counter[str]
) -> set[str]:
    """The active students of a program's course run, once downloads, reports and journal agree about them all."""
    in_program = registrar.download(f"{program}/enrollments")
    in_courses = registrar.download(f"{program}/course_enrollments")
    assert in_courses == registrar.download(f"{program}/courses/{COURSE}/enrollments")
    statuses = {row["student_key"]: row["status"] for row in in_program}
    in_course = {row["student_key"]: row["status"] for row in in_courses}
    assert (Counter(statuses.values()), Counter(in_course.values())) == (students, studying)
    assert {row["student_key"] for row in in_program if row["account_exists"] == "True"} == set(LINKED) & set(statuses)

    journal = last_statuses(service, program)
    assert (journal["program_enrollment"], journal["program_course_enrollment"]) == (statuses, in_course)

    assert service.run("report", "--program", program).returncode == 0
    aggregate, enrollment = (
        table(requests.get(report["download_url"], timeout=30).content.decode())
        for report in registrar("GET", f"{program}/reports")
    )
    course = in_courses[0]["course_id"]
    assert {row["student_key"]: (row["status"], row[course]) for row in enrollment} == {
        key: (status, in_course[key]) for key, status in statuses.items()
    }
    counts = {(row["measure"], row["status"]): int(row["count"]) for row in aggregate if row["measure"] != "became"}
    assert {pair: n for pair, n in counts.items() if n} == {
        **{("students", status): n for status, n in students.items()},
        **{("course_enrollments", status): n for status, n in studying.items()},
    }
    return {key for key, status in in_course.items() if status == "active"}


def last_statuses(service: Service, program: str) -> dict[str, dict[str, str]]:
    """Subject → student key → the status in which the journal left it; each entry begins where the one before ended."""
    found: dict[str, dict[str, str]] = {}
    for line in service.run("export", "journal", "--program", program).stdout.splitlines():
        entry = json.loads(line)
        # grades and the catalog have no status
        if entry["subject"] not in {"program_enrollment", "program_course_enrollment"}:
            continue
        rows = found.setdefault(entry["subject"], {})
        assert entry["before"].get("status") == rows.get(entry["student_key"])
        rows[entry["student_key"]] = entry["after"]["status"]
    return found
