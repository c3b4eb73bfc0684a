"""ETag, If-Match and If-None-Match: who was slower changes nothing (docs/idempotency.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http.response import HttpResponseBase

from matricula.models import CourseRole, JournalEntry, OperationRecord
from matricula.rest.contracts.record.urls import BASE as RECORD
from matricula.rest.urls import ADDRESSES
from tests.conftest import KEY, Api, World
from tests.wire.answers import content, refused

PLAN = {"kind": "course_enrollments", "course": KEY, "rows": [{"identifier": "sam"}, {"identifier": "staff"}]}


def tag(ask: Api, path: str) -> str:
    answer = ask.get(path)
    assert answer.status_code == 200, content(answer)
    return str(answer.headers["ETag"])


def plan(ask: Api) -> str:
    return str(ask.post(f"{RECORD}/plans", PLAN).json()["plan_url"])  # type: ignore[attr-defined]


def hook(ask: Api) -> str:
    return str(ask.post(f"{RECORD}/webhooks", {"url": "https://hooks.example.org"}).json()["webhook_url"])  # type: ignore[attr-defined]


def seat(ask: Api) -> str:
    assert ask.post("enrollments", {"identifiers": ["sam"], "mode": "audit"}).status_code == 200
    return "enrollments/sam"


V1 = "/api/enrollment/v1/enrollment"


def record(ask: Api) -> str:
    seat(ask)
    return f"{V1}/sam,{KEY}"


def save(ask: Api, _path: str, **headers: str) -> HttpResponseBase:
    shown = ask.get(f"{V1}/sam,{KEY}").json()  # type: ignore[attr-defined]
    mode = "honor" if shown["mode"] == "audit" else "verified"
    return ask.post(V1, {"user": "sam", "mode": mode, "course_details": {"course_id": KEY}}, **headers)


def again(ask: Api, _path: str, **headers: str) -> HttpResponseBase:
    return ask.post("enrollments", {"identifiers": ["sam"], "mode": "honor"}, **headers)


def act(rest: str, body: Any = None) -> Callable[..., HttpResponseBase]:
    return lambda ask, path, **headers: ask.post(path + rest, body, **headers)


def fingerprinted(rest: str) -> Callable[..., HttpResponseBase]:
    def send(ask: Api, path: str, **headers: str) -> HttpResponseBase:
        seen = ask.get(path).json()["fingerprint"]  # type: ignore[attr-defined]
        return ask.post(path + rest, {"fingerprint": seen}, **headers)

    return send


def remove(ask: Api, path: str, **headers: str) -> HttpResponseBase:
    return ask.delete(path, **headers)


def patch(ask: Api, path: str, **headers: str) -> HttpResponseBase:
    return ask("PATCH", path, {"url": "https://new.example.org"}, **headers)


leave_out = act("/exclude", {"rows": [1]})
# what is made, what someone faster does, and what then fails
CASES = {
    ("/api/enrollment/v2/courses/{course_key}/enrollments", "POST"): (seat, again, again),
    ("/api/enrollment/v2/courses/{course_key}/enrollments/{email_or_username}", "DELETE"): (seat, again, remove),
    ("/api/enrollment/v1/enrollment", "POST"): (record, save, save),
    (f"{RECORD}/plans/{{plan_id}}/exclude", "POST"): (plan, leave_out, act("/exclude", {"rows": [2]})),
    (f"{RECORD}/plans/{{plan_id}}/include", "POST"): (plan, leave_out, act("/include", {"rows": [1]})),
    (f"{RECORD}/plans/{{plan_id}}/approve", "POST"): (plan, leave_out, fingerprinted("/approve")),
    (f"{RECORD}/plans/{{plan_id}}/reject", "POST"): (plan, leave_out, fingerprinted("/reject")),
    (f"{RECORD}/plans/{{plan_id}}/apply", "POST"): (plan, leave_out, fingerprinted("/apply")),
    (f"{RECORD}/plans/{{plan_id}}/cancel", "POST"): (plan, leave_out, act("/cancel")),
    (f"{RECORD}/webhooks/{{webhook_id}}", "PATCH"): (hook, patch, patch),
    (f"{RECORD}/webhooks/{{webhook_id}}", "DELETE"): (hook, patch, remove),
    (f"{RECORD}/webhooks/{{webhook_id}}/rotate", "POST"): (hook, patch, act("/rotate")),
    (f"{RECORD}/webhooks/{{webhook_id}}/test", "POST"): (hook, patch, act("/test")),
}  # fmt: skip


def test_the_table_has_every_change_that_takes_a_condition() -> None:
    assert set(CASES) == {(a.template, m) for a in ADDRESSES for m, e in a.methods.items() if e.held_state is not None}


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_of_two_who_saw_the_same_the_slower_one_changes_nothing(case: tuple[str, str], api: Api, world: World) -> None:
    make, faster, slower = CASES[case]
    api = Api(world.admin) if case[0] == V1 else api
    path = make(api)
    seen = tag(api, path)
    # the condition holds for the faster one
    assert faster(api, path, **{"If-Match": seen}).status_code in {200, 204}
    now, before = tag(api, path), (JournalEntry.objects.count(), OperationRecord.objects.count())
    assert now != seen
    assert slower(api, path, **{"If-Match": seen}).status_code == 412
    assert (JournalEntry.objects.count(), OperationRecord.objects.count(), tag(api, path)) == (*before, now)
    done = slower(api, path, **{"If-Match": f'"other", {now}'}).status_code
    # such a plan isn't held, which is found only behind the condition
    assert done in ({409} if case[0].endswith(("/approve", "/reject")) else {200, 202, 204})


@pytest.mark.parametrize("make", [seat, record, plan, hook])
def test_what_is_as_it_was_is_not_sent_again(make: Callable[[Api], str], api: Api) -> None:
    path = make(api)
    seen = tag(api, path)
    for given in (seen, f"W/{seen}", f'"x", {seen}', "*"):
        answer = api.get(path, **{"If-None-Match": given})
        assert (answer.status_code, content(answer), answer.headers["ETag"]) == (304, b"", seen)
        assert "Content-Type" not in answer.headers
    assert api("HEAD", path, **{"If-None-Match": seen}).status_code == 304
    assert api.get(path, **{"If-None-Match": '"x"'}).status_code == 200


def test_the_tag_is_of_all_that_an_enrollment_can_show(api: Api, world: World) -> None:
    path = seat(api)
    seen = tag(api, path)
    assert tag(api, f"{path}?requested_fields=beta_tester") == seen
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    assert tag(api, f"{path}?requested_fields=beta_tester") != seen


def test_what_changed_has_its_new_tag_in_the_answer(api: Api) -> None:
    path = plan(api)
    answer = act("/exclude", {"rows": [1]})(api, path)
    assert answer.headers["ETag"] == tag(api, path)
    path = hook(api)
    for change in (patch, act("/rotate")):
        assert change(api, path).headers["ETag"] == tag(api, path)


@pytest.mark.parametrize("given", ["", "x", "'x'", '"x', '"a" "b"', "**", '*, "a"'])
def test_a_condition_of_the_wrong_form_is_rejected(given: str, api: Api) -> None:
    error = refused(remove(api, seat(api), **{"If-Match": given}), 400)
    assert "If-Match" in error["user_message"]


def test_a_weak_tag_is_good_for_no_change_and_any_for_what_is_there(api: Api) -> None:
    path = seat(api)
    refused(remove(api, path, **{"If-Match": f"W/{tag(api, path)}"}), 412)
    assert remove(api, path, **{"If-Match": "*"}).status_code == 200
    refused(remove(api, "enrollments/new@example.org", **{"If-Match": "*"}), 412)
    refused(api.post("enrollments", {"identifiers": ["new@example.org"]}, **{"If-Match": "*"}), 412)


def test_a_condition_is_about_one_person(api: Api) -> None:
    refused(api.post("enrollments", {"identifiers": ["sam", "staff"]}, **{"If-Match": "*"}), 400, "identifiers")


def test_a_replay_comes_before_the_condition(api: Api) -> None:
    path = seat(api)
    headers = {"If-Match": tag(api, path), "Idempotency-Key": "k"}
    first, second = (again(api, path, **headers) for _ in range(2))
    assert (first.status_code, content(second)) == (200, content(first))
    # nothing is kept of what a condition rejected
    refused(again(api, path, **{**headers, "Idempotency-Key": "other"}), 412)
    assert again(api, path, **{"Idempotency-Key": "other"}).status_code == 200
