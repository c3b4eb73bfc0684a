"""Followers of the feed, against a whole service (record-api: Feed)."""

import threading
from typing import Any

import requests

from tests.journeys.conftest import Service

COURSE = "course-v1:North+CS103+2027_T1"
# more than there are threads
FOLLOWERS = 12


def test_many_wait_for_the_next_change_and_all_are_given_it(shared_service: Service) -> None:
    service, token = shared_service, shared_service.token()
    changes = f"{service.url}/api/record/v1/changes"
    found: list[dict[str, Any]] = []

    def ask(**query: object) -> dict[str, Any]:
        answer = requests.get(changes, params={"course": COURSE, **query}, headers=token, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    begun = ask(after="now")["cursor"]
    threads = [
        threading.Thread(target=lambda: found.append(ask(after=begun, wait=30, subject="course_enrollment")))
        for _ in range(FOLLOWERS)
    ]
    for thread in threads:
        thread.start()
    # no thread of the service is held by them; what they don't follow wakes them, and they wait on
    people = [{"identifier": "kim"}, {"identifier": "someone.new@north.example.org"}]
    for person in reversed(people):
        body = {"identifiers": [person["identifier"]]}
        requests.post(f"{service.course}/enrollments", json=body, headers=token, timeout=30).raise_for_status()
    for thread in threads:
        thread.join(60)
    assert len(found) == FOLLOWERS
    assert {(len(one["changes"]), one["changes"][0]["data"]["person"]["username"]) for one in found} == {(1, "kim")}
    [cursor] = {one["cursor"] for one in found}
    assert ask(after=cursor)["changes"] == []
    assert [one["subject"] for one in ask(after=begun)["changes"]] == ["pre_enrollment", "course_enrollment"]
