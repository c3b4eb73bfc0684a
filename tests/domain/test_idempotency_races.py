"""A change that is sent again while the first one runs, and after its answer was lost: it is written once."""

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.db import connections

from matricula.models import CourseEnrollment, JournalEntry, StoredAnswer
from tests.conftest import BASE, KEY, Api, World, make_token, make_world
from tests.domain.races import together
from tests.processes import environment, held, wait_for

PATH, ASK = f"{BASE}/{KEY}/enrollments", {"identifiers": ["sam"]}
KEYED = {"Idempotency-Key": "k"}
# a process of the service that is killed when it has answered, and no one has read it
KILLED = """
import io, os, signal, sys
from matricula.wsgi import application
token, path, body = sys.argv[1:]
environ = {
    "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
    "wsgi.input": io.BytesIO(body.encode()), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json",
    "HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": "Bearer " + token, "HTTP_IDEMPOTENCY_KEY": "k",
}
application(environ, lambda *_: None)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def world(own_database: None) -> World:
    return make_world()


def killed_service(token: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", KILLED, token, PATH, json.dumps(ASK)],
        env=environment(DJANGO_SETTINGS_MODULE="matricula.settings"),
    )


def written() -> tuple[int, int]:
    return JournalEntry.objects.filter(subject="course_enrollment").count(), StoredAnswer.objects.count()


def test_a_second_request_while_the_first_one_runs_is_turned_away(world: World) -> None:
    ask, answers = Api(world.instructor), dict[str, Any]()

    def first() -> None:
        try:
            answers["first"] = ask.post(PATH, ASK, **KEYED)
        finally:
            connections.close_all()

    world.enroll("sam", mode="audit")
    row = CourseEnrollment.objects.get()
    with held("select 1 from matricula_courseenrollment where id = %s for update", row.pk) as hold:
        thread = threading.Thread(target=first)
        thread.start()
        hold.wait_until_reached()
        second = ask.post(PATH, ASK, **KEYED)
        other = ask.post(PATH, {"identifiers": ["staff"]}, **{"Idempotency-Key": "other"})
        assert (second.status_code, second.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_IN_USE")  # type: ignore[attr-defined]
        assert int(second.headers["Retry-After"]) > 0
        assert other.status_code == 200
        hold.release()
        thread.join(90)
    third = ask.post(PATH, ASK, **KEYED)
    assert (answers["first"].status_code, third.headers["Idempotency-Replayed"]) == (200, "true")
    assert third.content == answers["first"].content  # type: ignore[attr-defined]


def test_an_answer_that_was_lost_behind_the_commit_is_given_again(world: World) -> None:
    token = make_token(world.instructor)
    assert killed_service(token).wait(90) == -9
    assert written() == (1, 1)
    answer = Api(Authorization=f"Bearer {token}").post(PATH, ASK, **KEYED)
    assert (answer.status_code, answer.headers["Idempotency-Replayed"], written()) == (200, "true", (1, 1))
    assert answer.json()["results"][0]["after"]["enrolled"]  # type: ignore[attr-defined]


def test_of_a_service_that_dies_before_the_commit_neither_change_nor_answer_is_left(world: World) -> None:
    token = make_token(world.instructor)
    # the right is the last thing that a change asks for: all is written by then, the answer too
    with held("select 1 from matricula_account where id = %s for no key update", world.instructor.pk) as hold:
        process = killed_service(token)
        hold.wait_until_reached()
        process.kill()
        process.wait(90)
        assert written() == (0, 0)
    ask, answers = Api(Authorization=f"Bearer {token}"), list[Any]()

    def is_free() -> bool:
        answers.append(ask.post(PATH, ASK, **KEYED))
        return answers[-1].status_code != 409

    # PostgreSQL notices the death once the row is free
    wait_for(is_free)
    answer = answers[-1]
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers, written()) == (200, False, (1, 1))


@pytest.mark.parametrize("what", ["enrollment", "plan", "webhook"])
def test_of_two_at_once_with_one_tag_one_changes_it(what: str, world: World) -> None:
    asks = [Api(world.instructor), Api(world.instructor)]
    if what == "enrollment":
        world.enroll("sam", mode="audit")
        path, method, change, body = f"{PATH}/sam", "POST", PATH, {**ASK, "mode": "honor"}
    elif what == "plan":
        rows = {"kind": "course_enrollments", "course": KEY, "rows": [{"identifier": "sam"}]}
        path = asks[0].post("/api/record/v1/plans", rows).json()["plan_url"]  # type: ignore[attr-defined]
        method, change, body = "POST", f"{path}/cancel", {}
    else:
        path = asks[0].post("/api/record/v1/webhooks", {"url": "https://a.example.org"}).json()["webhook_url"]  # type: ignore[attr-defined]
        method, change, body = "PATCH", path, {"active": False}
    tag = asks[0].get(path).headers["ETag"]
    answers = together(*(lambda ask=ask: ask(method, change, body, **{"If-Match": tag}) for ask in asks))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
