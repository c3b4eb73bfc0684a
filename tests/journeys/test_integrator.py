"""A student-system integrator: a token, a roster, changes, a task, files, the journal; and an operator who restarts."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.journeys.conftest import Service, new_service, running, text_of


@pytest.fixture
def fresh_service(tmp_path: Path) -> Iterator[Service]:
    """One that finds nothing, and makes everything itself."""
    with running(new_service(tmp_path, tables=False)) as started:
        yield started


@pytest.fixture(scope="module")
def _ill_treated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(new_service(tmp_path_factory.mktemp("service"))) as started:
        yield started


@pytest.fixture
def service(_ill_treated: Service) -> Service:
    """The one of all tests that end a part of it; it runs when a test begins."""
    if _ill_treated.process.poll() is not None:
        _ill_treated.start()
    return _ill_treated


def enrollments_of(service: Service, person: str) -> list[tuple[str, str | None, str]]:
    """What the journal says of a person's enrollments: what happened, through whom, and by which door."""
    lines = service.run("export", "journal", "--person", person).stdout.splitlines()
    entries = [entry for entry in map(json.loads, lines) if entry["subject"] == "course_enrollment"]
    return [(entry["transition"], entry["actor"], entry["source"]) for entry in entries]


def test_an_integrators_day(fresh_service: Service) -> None:
    service = fresh_service
    session = requests.Session()
    session.headers.update(service.token())
    course = service.course

    assert session.get(f"{course}/enrollments").json() == {
        "count": 0, "num_pages": 1, "next": None, "previous": None, "results": [],
    }  # fmt: skip
    one = session.post(
        f"{course}/enrollments", json={"identifiers": ["sam"], "email_students": True, "reason": "late\nregistration"}
    )
    assert (one.status_code, one.json()["results"][0]["after"]) == (
        200, {"enrolled": True, "allowed": False, "mode": "audit"},
    )  # fmt: skip
    [mail] = service.mails_to("sam@north.example.org", 1)
    assert mail["Content-Language"] == "es"
    assert "Introduction to Programming" in text_of(mail)
    assert "> late\n> registration" in text_of(mail).replace("\r", "")

    people = ["kim", "nobody", *(f"new{n}@north.example.org" for n in range(2_500))]
    many = session.post(f"{course}/enrollments", json={"identifiers": people, "auto_enroll": True, "mode": "honor"})
    assert (many.status_code, many.json()["count"]) == (202, 2_502)
    status_url = many.json()["status_url"]
    service.wait(lambda: session.get(status_url).json()["state"] == "completed")
    task = session.get(status_url).json()
    assert task["progress"] == {"current": 2_502, "total": 2_502}
    assert (task["result"]["success"], len(task["result"]["results"])) == (False, 1_000)
    everything = requests.get(task["result"]["results_url"], timeout=30).json()
    assert [r["identifier"] for r in everything["results"]] == people
    assert [r["identifier"] for r in everything["results"] if "error" in r] == ["nobody"]
    table = requests.get(task["result"]["results_url"] + "&format=csv", timeout=30).text
    assert len(table.splitlines()) == 2_503

    gone = session.delete(f"{course}/enrollments/sam%40north.example.org", params={"reason": "left"})
    assert gone.json()["results"][0]["after"] == {"enrolled": False, "allowed": False}
    assert [r["username"] for r in session.get(f"{course}/enrollments").json()["results"]] == ["kim"]

    roster = service.folder / "roster.csv"
    roster.write_text("identifier;mode\nsam;verified\nghost;\n")
    imported = service.run("import", "enrollments", "--course", "course-v1:North+CS101+2027_T1", str(roster))
    assert imported.returncode == 1
    assert "2 rows: 1 enrolled, 1 error" in imported.stdout
    rejected = (service.folder / "roster.rejected.csv").read_text()
    assert rejected.splitlines()[1].startswith("ghost,")
    exported = service.run("export", "enrollments", "--course", "course-v1:North+CS101+2027_T1")
    assert [line.split(",")[0] for line in exported.stdout.splitlines()[1:]] == ["kim", "sam"]
    assert enrollments_of(service, "sam") == [
        ("from unenrolled to enrolled", "nora", "api"),
        ("from enrolled to unenrolled", "nora", "api"),
        ("from unenrolled to enrolled", None, "command"),
    ]

    institution = service.folder / "institution.yaml"
    again = service.run("load", str(institution))
    assert again.returncode == 0, again.stderr
    institution.write_text(institution.read_text().replace("sam@north", "sam-at-north"))
    faulty = service.run("load", str(institution))
    assert faulty.returncode == 1
    assert "line 1" in faulty.stderr
    assert "nothing was loaded" in faulty.stderr

    assert session.get(f"{course}/enrollments").json()["count"] == 2
    assert service.stop() == 0
    assert not service.answers()


def usernames(service: Service, session: requests.Session) -> list[str]:
    return [row["username"] for row in session.get(f"{service.course}/enrollments").json()["results"]]


@pytest.mark.xdist_group("ill-treated service")
def test_a_database_that_died_is_taken_up_again(service: Service) -> None:
    session = requests.Session()
    session.headers.update(service.token())
    session.post(f"{service.course}/enrollments", json={"identifiers": ["sam"]})
    postmaster = (service.folder / "data" / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
    # whoever would start it again is held until it was missed
    service.process.send_signal(signal.SIGSTOP)
    os.kill(int(postmaster), signal.SIGKILL)
    service.wait(lambda: not service.answers())
    service.process.send_signal(signal.SIGCONT)
    service.wait(service.answers)
    assert "sam" in usernames(service, session)
    assert "password=" not in service.log.read_text()


@pytest.mark.xdist_group("ill-treated service")
def test_a_killed_service_starts_again_and_has_lost_nothing(service: Service) -> None:
    session = requests.Session()
    session.headers.update(service.token())
    session.post(f"{service.course}/enrollments", json={"identifiers": ["kim"]})
    before = usernames(service, session)
    assert "kim" in before
    service.stop(signal.SIGKILL)
    service.wait(lambda: not service.answers())
    service.start()
    assert usernames(service, session) == before
    assert service.stop(signal.SIGINT) == 0
    checked = service.run("check")
    assert (checked.returncode, checked.stdout) == (0, "No problems found.\n")
