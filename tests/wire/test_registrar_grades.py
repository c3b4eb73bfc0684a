"""Grades on the wire: PUT by student key, and the download (registrar-api: Jobs)."""

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from matricula.catalog.reads import find_program
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import find_job
from matricula.journal.writes import new_operation
from matricula.models import Account, Grade, Job
from matricula.worker.tasks import carry_out
from tests.broken_rows import break_rows
from tests.conftest import KEY, OTHER_KEY, Api, make_account
from tests.university import EXTERNAL, OWN, UNMANAGED, University
from tests.wire.answers import content, declined

BASE = f"/api/v2/programs/{OWN}/courses"
PATH = f"{BASE}/{KEY}/grades/"
GOOD = {"percent": 0.95, "letter_grade": "A", "passed": True}


def enroll(*keys: str, **links: Account) -> None:
    program = find_program(OWN)
    assert program is not None
    operation = new_operation(None, "command")
    wanted = [ProgramRequest(key, "enrolled") for key in (*keys, *links)]
    write_program_enrollments(operation, program, Verb.CREATE, wanted)
    link_student_keys(operation, program.organization_id, [(key, account.pk) for key, account in links.items()])


@pytest.fixture
def ask(university: University) -> Api:
    world = university.world
    enroll("S-3", **{"S-1": world.learner, "S-2": world.staff})
    world.enroll("sam", "staff")
    return Api(university.writer())


def put(ask: Api, *items: Any, path: str = PATH) -> tuple[int, dict[str, str]]:
    answer = ask("PUT", path, list(items))
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def test_a_grade_is_saved_and_replaced(ask: Api) -> None:
    assert put(ask, {"student_key": " s-1 ", **GOOD, "more": "ignored"}) == (200, {" s-1 ": "saved"})
    grade = Grade.objects.get()
    assert (grade.account.username, grade.course.key) == ("sam", KEY)
    assert (grade.percent, grade.letter_grade, grade.passed, grade.error) == (0.95, "A", True, None)
    assert put(ask, {"student_key": "S-1", "error": "withdrawn", "percent": None}) == (200, {"S-1": "saved"})
    grade.refresh_from_db()
    assert (grade.percent, grade.letter_grade, grade.passed, grade.error) == (None, None, None, "withdrawn")


def test_each_word_and_the_code_of_the_whole(ask: Api) -> None:
    bad = [
        {"student_key": "S-3", **GOOD},
        {"student_key": "S-9", **GOOD},
        {"student_key": "S-2", "percent": 1.5, "passed": True},
        {"student_key": "x", **GOOD},
        {"student_key": "X", **GOOD},
    ]
    words = {"S-3": "not-linked", "S-9": "not-in-program", "S-2": "invalid-grade", "x": "duplicated"}
    assert put(ask, *bad) == (422, words)
    assert Grade.objects.count() == 0
    assert put(ask, *bad, {"student_key": "S-1", "percent": 1, "passed": True}) == (207, {**words, "S-1": "saved"})
    assert Grade.objects.get().percent == 1.0
    assert put(ask) == (422, {})


def test_many_with_whole_numbers_and_fractions(ask: Api) -> None:
    items = [{"student_key": "S-1", "percent": 0, "passed": False}, {"student_key": "S-2", **GOOD}]
    assert put(ask, *items) == (200, {"S-1": "saved", "S-2": "saved"})


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ("S-1", ["#2"]),
        ({}, ["#2 student_key"]),
        ({"student_key": " ", **GOOD}, ["#2 student_key"]),
        ({"student_key": 1, **GOOD}, ["#2 student_key"]),
        ({"student_key": "a\u0007", **GOOD}, ["#2 student_key"]),
        ({"student_key": "k" * 256, **GOOD}, ["#2 student_key"]),
        ({"student_key": "S-2", "percent": "0.9", "passed": "yes"}, ["#2 percent", "#2 passed"]),
        ({"student_key": "S-2", "percent": True, "passed": 1}, ["#2 percent", "#2 passed"]),
        ({"student_key": "S-2", "letter_grade": 1, "error": []}, ["#2 letter_grade", "#2 error"]),
    ],
)
def test_a_wrong_shape_is_refused_whole_naming_item_and_field(ask: Api, item: Any, fields: list[str]) -> None:
    declined(ask("PUT", PATH, [{"student_key": "S-1", **GOOD}, item]), 400, *fields)
    assert Grade.objects.count() == 0


def test_a_number_beyond_all_measure_is_an_invalid_grade(ask: Api) -> None:
    body = '[{"student_key": "S-1", "percent": 1%s, "passed": true}]' % ("0" * 400)
    answer = ask("PUT", PATH, body)
    assert answer.status_code in {400, 422}
    assert Grade.objects.count() == 0


def test_other_bodies(ask: Api) -> None:
    declined(ask("PUT", PATH, {"student_key": "S-1", **GOOD}), 400)
    declined(ask("PUT", PATH, "[{"), 400)
    declined(ask("PUT", PATH, "[]", content_type="text/csv"), 415)
    declined(ask("PUT", PATH, [{}] * 26), 413, "25")
    assert put(ask, *({"student_key": f"K{n}", **GOOD} for n in range(25)))[0] == 422


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("course", [KEY, KEY.replace("+", "%2B"), quote(EXTERNAL, safe=""), EXTERNAL])
@pytest.mark.parametrize("slash", ["/", ""])
def test_both_keys_of_a_course_and_both_forms_of_the_path(ask: Api, version: str, course: str, slash: str) -> None:
    path = f"/api/{version}/programs/{OWN}/courses/{course}/grades{slash}"
    assert put(ask, {"student_key": "S-1", **GOOD}, path=path) == (200, {"S-1": "saved"})


def test_the_order_of_checks(ask: Api, university: University) -> None:
    declined(ask("PUT", f"{BASE}/{OTHER_KEY}/grades/", "no json"), 404)
    declined(ask("PUT", f"/api/v2/programs/nowhere/courses/{KEY}/grades/", "no json"), 404)
    reader = Api(university.holder("read_enrollments"))
    declined(reader("PUT", PATH, []), 403, "write_enrollments")
    declined(Api(university.root)("PUT", f"/api/v2/programs/{UNMANAGED}/courses/{KEY}/grades/", []), 403)
    declined(Api()("PUT", PATH, []), 401)
    declined(Api(university.root, scopes="read")("PUT", PATH, []), 403)
    declined(ask("POST", PATH, []), 405)


def test_a_problem_of_ours_loses_only_the_broken_rows(ask: Api) -> None:
    break_rows("grade", "new.percent = 0.13")
    items = [{"student_key": "S-1", **GOOD}, {"student_key": "S-2", "percent": 0.13, "passed": False}]
    assert put(ask, *items) == (207, {"S-1": "saved", "S-2": "internal-error"})
    assert Grade.objects.get().account.username == "sam"


def download(ask: Api, query: str = "", path: str = PATH) -> tuple[str | None, bytes]:
    """The job's text, and its file by the signed link, once a worker has done it."""
    accepted = ask.get(path + query)
    assert accepted.status_code == 202, content(accepted)
    body = accepted.json()
    assert set(body) == {"job_id", "job_url"}
    assert body["job_url"] == f"http://testserver/api/v2/jobs/{body['job_id']}/"
    job = find_job(uuid.UUID(body["job_id"]))
    assert job is not None
    assert carry_out(job)
    done = ask.get(f"/api/v2/jobs/{job.id}/").json()
    assert (done["name"], done["state"]) == (f"{OWN}:read:get_course_run_grades", "Succeeded")
    return done["text"], content(Api().get(done["result"].removeprefix("http://testserver")))


def test_the_download_byte_for_byte(ask: Api) -> None:
    put(ask, {"student_key": "S-2", "percent": 1, "passed": True}, {"student_key": "S-1", "error": 'no "work", =none'})
    # not enrolled in this run, so not listed
    other = make_account("other")
    enroll(**{"S-4": other})
    put(ask, {"student_key": "S-4", **GOOD})
    csv = (
        b"student_key,letter_grade,percent,passed,error\r\n"
        b'S-1,,,,"no ""work"", =none"\r\n'
        b"S-2,,1.0,True,\r\n"
    )  # fmt: skip
    assert download(ask, "?fmt=csv") == ("207", csv)
    json_rows = (
        b'[{"student_key":"S-1","letter_grade":null,"error":"no \\"work\\", =none"},'
        b'{"student_key":"S-2","letter_grade":null,"percent":1.0,"passed":true}]'
    )
    assert download(ask) == ("207", json_rows)
    assert download(ask, "?fmt=json", f"{BASE}/{quote(EXTERNAL)}/grades") == ("207", json_rows)


def test_the_text_tells_of_the_whole(ask: Api) -> None:
    assert download(ask) == ("204", b"[]")
    assert download(ask, "?fmt=csv") == ("204", b"student_key,letter_grade,percent,passed,error\r\n")
    put(ask, {"student_key": "S-1", "error": "none"})
    assert download(ask)[0] == "422"
    put(ask, {"student_key": "S-1", **GOOD})
    assert download(ask) == (
        "200", b'[{"student_key":"S-1","letter_grade":"A","percent":0.95,"passed":true}]',
    )  # fmt: skip


def test_many_grades_come_in_batches_and_are_one_array(ask: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.grades.downloads._ROWS", 1)
    put(ask, {"student_key": "S-1", **GOOD}, {"student_key": "S-2", **GOOD})
    rows = json.loads(download(ask)[1])
    assert [row["student_key"] for row in rows] == ["S-1", "S-2"]


def test_who_may_download_and_how(ask: Api, university: University) -> None:
    for query in ("?fmt=xml", "?fmt=", "?fmt=CSV"):
        declined(ask.get(PATH + query), 404)
    assert ask("HEAD", PATH).status_code == 200
    assert Job.objects.count() == 0
    assert Api(university.holder("read_enrollments")).get(PATH).status_code == 202
    declined(Api(university.holder("read_reports")).get(PATH), 403, "read_enrollments")


def test_a_worker_that_stops_leaves_the_download_to_the_next_one(ask: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.grades.downloads._ROWS", 1)
    put(ask, {"student_key": "S-1", **GOOD}, {"student_key": "S-2", **GOOD})
    job = find_job(uuid.UUID(ask.get(PATH).json()["job_id"]))
    assert job is not None
    stops = iter([False, True])
    assert not carry_out(job, lambda: next(stops))
    assert Job.objects.get().result is None
    assert carry_out(job)
    done = Job.objects.get()
    assert (done.state, done.text) == ("completed", "200")
