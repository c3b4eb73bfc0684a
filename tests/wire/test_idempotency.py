"""Idempotency-Key: what was written once is answered again, and not written again. Every address that writes."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matricula.foundation.database import fetch_all
from matricula.idempotency.writes import delete_expired_answers
from matricula.models import CourseEnrollment, CourseRole, JournalEntry, StoredAnswer, Webhook
from matricula.rest.contracts.record.urls import BASE as RECORD
from matricula.rest.headers import IDEMPOTENCY_KEY as HEADER
from matricula.rest.headers import REPLAYED
from matricula.rest.urls import ADDRESSES
from tests.conftest import BASE, KEY, Api, World, make_account
from tests.university import OWN, University
from tests.wire.answers import content, declined, refused
from tests.wire.test_dashboard_permissions import GLOBAL_STAFF_ONLY, INSTRUCTORS_ONLY, MANAGERS_ONLY, path_of
from tests.wire.test_permissions import session
from tests.wire.test_v1_permissions import BODIES
from tests.wire.test_withdrawn_rights import (  # noqa: F401  the fixture, too
    ENROLLMENT,
    FILE,
    REGISTRAR,
    multipart,
    record_asks,
    send,
    students,
    webhook_asks,
)

UPLOAD = f"/api/v2/programs/{OWN}/enrollments/upload/"
V1 = "/api/enrollment/v1"
Case = tuple[Any, str, Any]


def cases_of(university: University) -> dict[tuple[str, str], Case]:
    """(address, method) → who sends what, where, so that it is carried out."""
    world = university.world
    manager, staff, writer = Api(world.instructor), Api(world.admin), Api(university.writer())
    dashboard = [(manager, MANAGERS_ONLY | INSTRUCTORS_ONLY), (staff, GLOBAL_STAFF_ONLY)]
    return {
        ("/login_refresh", "POST"): (session(world.instructor), "/login_refresh", None),
        **{(BASE + path, m): (manager, f"{BASE}/{KEY}/{to}", body) for (path, m), (to, body) in ENROLLMENT.items()},
        **{
            (f"/api/{version}{path}", method): (writer, f"/api/{version}{to}", body)
            for (path, method), (to, body) in REGISTRAR.items()
            for version in ("v1", "v2")
            if method != "GET"
        },
        **{
            (path, method): (who, path_of(path), body)
            for who, rows in dashboard
            for (path, method), body in rows.items()
            if method == "POST"
        },
        **{(V1 + path, method): (staff, V1 + path, body) for (path, method), body in BODIES.items()},
        **record_cases(university, manager),
    }


def record_cases(university: University, manager: Api) -> dict[tuple[str, str], Case]:
    root = Api(university.root)
    hooks, others = webhook_asks(university.world.instructor), record_asks(university, "course")
    retirements = f"{RECORD}/retirements"
    retired = root.post(retirements, {"username": "elsewhere"}).json()["retirement_url"]  # type: ignore[attr-defined]
    retiring: dict[tuple[str, str], Case] = {
        (retirements, "POST"): (root, retirements, {"username": "later"}),
        (f"{retirements}/{{retirement_id}}", "DELETE"): (root, retired, None),
    }
    # who made a plan can't approve it
    return (
        retiring
        | {(RECORD + path, m): (manager, to, body) for (path, m), (to, body) in hooks.items()}
        | {
            (RECORD + path, m): (manager if path.endswith("approve") else root, to, body)
            for (path, m), (to, body) in others.items()
        }
    )


TABLES = ("procrastinate_jobs", *(f"matricula_{name}" for name in (
    "journalentry", "operation", "job", "jobchunk", "outgoingmail", "plan", "planreview", "snapshot", "webhook",
    "webhookdelivery", "courseenrollment", "preenrollment", "courserole", "grade", "disclosure", "retirement",
)))  # fmt: skip


COUNT = " union all ".join(f"select count(*) from {table}" for table in TABLES)  # noqa: S608  ours


def written() -> list[Any]:
    """Each write leaves a row in one of these."""
    return fetch_all(COUNT, [])


def keyed(who: Any, method: str, path: str, body: Any, key: str) -> HttpResponseBase:
    if isinstance(body, bytes):
        return who(method, path, body, content_type=FILE, **{HEADER: key})  # type: ignore[no-any-return]
    return who(method, path, body if body is None else json.dumps(body), **{HEADER: key})  # type: ignore[no-any-return]


def test_every_address_that_writes_answers_a_second_time_as_the_first(students: University) -> None:  # noqa: F811
    students.world.enroll("invited@example.org")
    cases = cases_of(students)
    writing = {(a.template, m) for a in ADDRESSES for m in a.methods if m != "GET"}
    assert set(cases) == writing, "give each address that writes a row in cases_of"
    for (template, method), (who, path, body) in cases.items():
        with transaction.atomic():
            first = keyed(who, method, path, body, "k-1")
            after = written()
            assert first.status_code in {200, 201, 202, 204}, (template, method, content(first))
            assert REPLAYED not in first.headers
            second = keyed(who, method, path, body, "k-1")
            assert (second.status_code, content(second)) == (first.status_code, content(first)), (template, method)
            assert second.headers[REPLAYED] == "true", (template, method)
            own = {REPLAYED: "", "X-Request-Id": ""}
            assert {**second.headers, **own} == {**first.headers, **own}
            assert second.cookies.output() == first.cookies.output()  # type: ignore[attr-defined]
            assert written() == after, (template, method)
            transaction.set_rollback(True)


ASK = {"identifiers": ["new@example.org"], "reason": "first"}


@pytest.fixture
def enrolled(api: Api) -> Api:
    assert api.post("enrollments", ASK, **{HEADER: "k"}).status_code == 200
    return api


def entries() -> int:
    return JournalEntry.objects.count()


def test_another_request_with_the_same_key_is_rejected(enrolled: Api) -> None:
    before = entries()
    other = enrolled.post("enrollments", {**ASK, "reason": "second"}, **{HEADER: "k"})
    error = refused(other, 422)
    assert error["error_code"] == "IDEMPOTENCY_KEY_REUSED"
    refused(enrolled.post("enrollments?x=1", ASK, **{HEADER: "k"}), 422)
    # what the guard says comes first
    refused(enrolled("POST", "/api/enrollment/v2/courses/course-v1:No+No+No/enrollments", ASK, **{HEADER: "k"}), 404)
    assert entries() == before


def test_a_key_belongs_to_one_client_and_route(enrolled: Api, world: World) -> None:
    others = [Api(world.instructor), Api(world.staff), session(world.instructor)]
    for other in others:
        answer = keyed(other, "POST", f"{BASE}/{KEY}/enrollments", ASK, "k")
        assert (answer.status_code, REPLAYED in answer.headers) == (200, False), content(answer)
    gone = enrolled.delete("enrollments/new@example.org", **{HEADER: "k"})
    assert (gone.status_code, REPLAYED in gone.headers) == (200, False)
    # of a person who is no longer invited, too
    assert enrolled.post("enrollments", ASK, **{HEADER: "k"}).headers[REPLAYED] == "true"
    assert enrolled.delete("enrollments/new@example.org", **{HEADER: "k"}).headers[REPLAYED] == "true"


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "with space", "ñ", "tab\tbed"])
def test_a_key_of_the_wrong_form_is_rejected(key: str, api: Api) -> None:
    error = refused(api.post("enrollments", ASK, **{HEADER: key}), 400)
    assert "Idempotency-Key" in error["user_message"]
    assert not StoredAnswer.objects.exists()


def test_reads_ignore_the_key(enrolled: Api) -> None:
    for _ in range(2):
        answer = enrolled.get("enrollments", **{HEADER: "k k"})
        assert (answer.status_code, REPLAYED in answer.headers) == (200, False)


def test_what_was_rejected_is_not_kept(world: World) -> None:
    ask, elsewhere = Api(world.instructor), Api(world.elsewhere)
    refused(ask.post("enrollments", {"identifiers": []}, **{HEADER: "a"}), 400, "identifiers")
    refused(elsewhere.post("enrollments", ASK, **{HEADER: "a"}), 403)
    refused(ask.delete("enrollments/none@example.org", **{HEADER: "a"}), 404)
    assert not StoredAnswer.objects.exists()
    # so that the corrected request can have the same key
    assert ask.post("enrollments", ASK, **{HEADER: "a"}).status_code == 200
    CourseRole.objects.create(account=world.elsewhere, course_id=world.course.id, role="staff")
    assert elsewhere.post("enrollments", ASK, **{HEADER: "a"}).status_code == 200


def test_what_was_decided_about_the_rows_is_kept_though_nothing_was_written(students: University) -> None:  # noqa: F811
    ask, path = Api(students.writer()), f"/api/v2/programs/{OWN}/enrollments/"
    body = [{"student_key": "S-1", "status": "enrolled"}]
    first = ask.post(path, body, **{HEADER: "k"})
    assert first.status_code == 422, content(first)
    second = ask.post(path, body, **{HEADER: "k"})
    assert (second.status_code, content(second), second.headers[REPLAYED]) == (422, content(first), "true")
    declined(ask.post(path, [], **{HEADER: "k"}), 422, "Idempotency-Key")


def test_rights_are_asked_for_again(enrolled: Api, world: World) -> None:
    plan = {"kind": "course_enrollments", "course": KEY, "rows": [{"identifier": "sam"}]}
    assert enrolled.post(f"{RECORD}/plans", plan, **{HEADER: "p"}).status_code == 201
    assert enrolled.post(f"{RECORD}/plans", plan, **{HEADER: "p"}).headers[REPLAYED] == "true"
    CourseRole.objects.filter(account=world.instructor).delete()
    refused(enrolled.post("enrollments", ASK, **{HEADER: "k"}), 403)
    # the course run is named by the body alone
    refused(enrolled.post(f"{RECORD}/plans", plan, **{HEADER: "p"}), 403)
    refused(Api().post("enrollments", ASK, **{HEADER: "k"}), 401)


def test_a_webhook_that_is_gone_was_deleted_once(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.instructor)
    path = ask.post(f"{RECORD}/webhooks", {"url": "https://hooks.example.org"}).json()["webhook_url"]  # type: ignore[attr-defined]
    assert ask("PATCH", path, {"active": False}, **{HEADER: "c"}).status_code == 200
    for replayed in (None, "true"):
        answer = ask.delete(path, **{HEADER: "d"})
        assert (answer.status_code, answer.headers.get(REPLAYED)) == (204, replayed)
    refused(ask.delete(path, **{HEADER: "e"}), 404)
    refused(ask.delete(f"{path}?x=1", **{HEADER: "d"}), 404)
    refused(other.delete(path, **{HEADER: "d"}), 404)
    # an answer that shows what can't be seen any more
    refused(ask("PATCH", path, {"active": False}, **{HEADER: "c"}), 404)
    assert not Webhook.objects.exists()


def boundaries(text: str, boundary: str) -> bytes:
    return multipart(text).replace(b"--x", b"--" + boundary.encode())


def test_an_upload_is_the_same_one_with_another_boundary(students: University) -> None:  # noqa: F811
    ask, text = Api(students.writer()), "student_key,status\nS-3,enrolled\n" + "S-4,enrolled\n" * 9000

    def upload(text: str, boundary: str) -> HttpResponseBase:
        kind = FILE.replace("=x", f"={boundary}")
        return ask("POST", UPLOAD, boundaries(text, boundary), content_type=kind, **{HEADER: "k"})

    first, second = upload(text, "one"), upload(text, "another-one")
    assert (first.status_code, content(second), second.headers[REPLAYED]) == (202, content(first), "true")
    declined(upload(text + "S-5,enrolled\n", "one"), 422)


@pytest.mark.parametrize("kind", ["application/json", FILE])
def test_a_body_in_chunks_is_read_all_the_same(kind: str, students: University) -> None:  # noqa: F811
    ask = Api(students.writer(), **{HEADER: "k"})
    path = f"/api/v2/programs/{OWN}/enrollments/" if kind != FILE else UPLOAD
    body = (
        multipart("student_key,status\nS-3,enrolled\n")
        if kind == FILE
        else b'[{"student_key":"S-3","status":"enrolled"}]'
    )
    first, second = (ask.chunked("POST", path, body, kind) for _ in range(2))
    assert first.status_code in {200, 202}, content(first)
    assert (content(second), second.headers[REPLAYED]) == (content(first), "true")


def test_a_body_in_a_file_is_read_again_from_its_beginning(students: University) -> None:  # noqa: F811
    """As the web server gives it: a stream that can be rewound, and isn't copied."""
    ask, body = Api(students.writer()), multipart("student_key,status\nS-3,enrolled\n" + "S-4,enrolled\n" * 9000)
    headers = {**ask._headers, HEADER: "k", "Content-Type": FILE, "Content-Length": str(len(body))}
    first, second = (
        HttpClient().generic("POST", UPLOAD, headers=headers, **{"wsgi.input": io.BytesIO(body)})  # type: ignore[arg-type]
        for _ in range(2)
    )
    assert (first.status_code, content(second), second.headers[REPLAYED]) == (202, content(first), "true")


def test_a_large_answer_is_kept_whole_and_small(world: World) -> None:
    ask = Api(world.instructor)
    body = {"identifier": [f"new{n}@example.org" for n in range(300)], "action": "enroll", "auto_enroll": True}
    path = f"/api/instructor/v2/courses/{KEY}/enrollments/modify"
    first, second = (ask.post(path, body, **{HEADER: "k"}) for _ in range(2))
    assert (second.status_code, content(second), second.headers[REPLAYED]) == (200, content(first), "true")
    stored = bytes(StoredAnswer.objects.get().answer)
    assert len(content(first)) > 10 * len(stored)
    assert b"example.org" not in stored


def test_a_kept_answer_keeps_its_secrets(world: World, settings: Any) -> None:
    ask, body = Api(world.instructor), {"url": "https://hooks.example.org"}
    secret = ask.post(f"{RECORD}/webhooks", body, **{HEADER: "k"}).json()["secret"]  # type: ignore[attr-defined]
    assert secret.encode() not in bytes(StoredAnswer.objects.get().answer)
    assert ask.post(f"{RECORD}/webhooks", body, **{HEADER: "k"}).json()["secret"] == secret  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another secret key, which can't read what the first one wrote"
    refused(ask.post(f"{RECORD}/webhooks", body, **{HEADER: "k"}), 409)
    assert Webhook.objects.count() == 1


def test_after_a_day_the_key_is_free(enrolled: Api) -> None:
    kept = StoredAnswer.objects.get()
    assert kept.expires - kept.created == timedelta(hours=24)
    assert delete_expired_answers() == 0
    over = timezone.now() - timedelta(seconds=1)
    StoredAnswer.objects.update(created=over - timedelta(days=1), expires=over)
    before = entries()
    answer = enrolled.post("enrollments", {**ASK, "reason": "second"}, **{HEADER: "k"})
    assert (answer.status_code, REPLAYED in answer.headers, entries()) == (200, False, before + 1)
    StoredAnswer.objects.update(created=over - timedelta(days=1), expires=over)
    assert (delete_expired_answers(), StoredAnswer.objects.count()) == (1, 0)


@pytest.fixture
def statements() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


def test_without_a_key_there_is_no_statement_more(api: Api, world: World) -> None:
    """What a key costs: a transaction around the write's own, the lock, the look, and the row."""
    make_account("kim")
    counts = {}
    for name, headers in (("warm", {}), ("plain", {}), ("keyed", {HEADER: "k"})):
        with CaptureQueriesContext(connection) as queries:
            assert api.post("enrollments", {"identifiers": ["kim"]}, **headers).status_code == 200
        counts[name] = [query["sql"] for query in queries]
    plain = counts["plain"]
    assert not any("storedanswer" in text or "pg_try_advisory" in text for text in plain)
    extra = [text for text in counts["keyed"] if "storedanswer" in text or "pg_try_advisory" in text]
    assert (len(extra), len(counts["keyed"]) - len(plain)) == (3, 5)
    assert CourseEnrollment.objects.filter(account__username="kim").count() == 1
