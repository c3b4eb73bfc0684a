"""What docs/registrar.md says of differences from the old service, asked."""

from matricula.models import Job
from tests.conftest import Api
from tests.university import EXTERNAL, OWN, University
from tests.wire.answers import declined

PROGRAM = f"/api/v2/programs/{OWN}"


def test_options_is_a_method_like_others(university: University) -> None:
    answer = Api(university.root)("OPTIONS", f"{PROGRAM}/enrollments/")
    declined(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD, POST, PATCH"
    assert Api()("OPTIONS", f"{PROGRAM}/enrollments/").status_code == 401


def test_a_method_that_is_not_there_is_405_for_those_without_a_right_too(university: University) -> None:
    ask = Api(university.world.learner)
    declined(ask("DELETE", f"{PROGRAM}/enrollments/"), 405)
    declined(ask.get(f"{PROGRAM}/enrollments/"), 403)


def test_errors_are_objects_with_detail(university: University) -> None:
    ask = Api(university.writer())
    path = f"{PROGRAM}/enrollments/"
    for answer, status in (
        (Api().get(path), 401),
        (ask.get(f"{PROGRAM}/reports"), 403),
        (ask.get(f"{path}?fmt=xml"), 404),
        (ask.post(path, {}), 400),
        (ask.post(path, [{}] * 26), 413),
    ):
        declined(answer, status)


def test_pages_of_v3(university: University) -> None:
    ask = Api(university.root)
    assert list(ask.get("/api/v3/programs/").json()) == ["count", "next", "previous", "results"]
    declined(ask.get("/api/v3/programs/?page=99"), 404)
    declined(ask.get("/api/v3/programs/?page_size=1001"), 400)


def test_the_case_of_program_keys_counts(university: University) -> None:
    declined(Api(university.root).get(f"/api/v2/programs/{OWN.upper()}/"), 404)


def test_the_name_of_grade_jobs(university: University) -> None:
    ask = Api(university.writer())
    started = ask.get(f"{PROGRAM}/courses/{EXTERNAL}/grades/").json()
    assert Job.objects.count() == 1
    assert ask.get(f"/api/v2/jobs/{started['job_id']}/").json()["name"] == f"{OWN}:read:get_course_run_grades"
