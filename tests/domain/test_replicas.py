"""What is read from a replica, and what never is: with a real one, which is held back and stopped."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.http.response import HttpResponseBase

from matricula.access.reads import find_caller_by_account
from matricula.cli.check import _replica
from matricula.console.urls import urlpatterns
from matricula.foundation.postgresql import replicas
from matricula.foundation.postgresql.replicas import REPLICA
from matricula.journal.replicas import _is_before, read_blocks_for, read_for
from matricula.models import Account, CourseRole, Disclosure
from matricula.rest.endpoint import AnyEndpoint
from matricula.rest.urls import ADDRESSES
from tests.conftest import KEY, Api, World, write
from tests.processes import database_url, environment, wait_for
from tests.replica import Standby, standby_of
from tests.university import make_university

LIST = "enrollments?page_size=100"


@pytest.fixture(scope="module")
def standby(server: str) -> Iterator[Standby]:
    if "MATRICULA_TEST_DATABASE_URL" in os.environ:
        pytest.skip("only the embedded server is copied")
    with standby_of(server) as made:
        yield made


@pytest.fixture
def replica(own_database: None, standby: Standby, settings: Any, monkeypatch: Any) -> Iterator[Standby]:
    """The replica is that of this test's database, and is measured when the test says so."""
    entry = copy.deepcopy(connections.settings["default"])
    entry |= {"PORT": standby.parameters["port"]}
    entry["OPTIONS"] |= {"connect_timeout": 3}
    connections.settings[REPLICA] = entry
    _connect()
    settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, replica_lag_seconds=3600)
    watch = replicas._Watch()
    monkeypatch.setattr(watch, "begin", lambda: None)
    monkeypatch.setattr(replicas, "_watch", watch)
    monkeypatch.setattr(replicas, "_STALE_SECONDS", 3600)
    yield standby
    connections[REPLICA].close()
    del connections.settings[REPLICA]
    del connections[REPLICA]


def _connect() -> None:
    """pytest-django forbids databases that it doesn't know by their names."""
    wrapper = connections.create_connection(REPLICA)
    wrapper.alias = "standby"
    connections[REPLICA] = wrapper


def usernames(answer: HttpResponseBase) -> set[str]:
    assert answer.status_code == 200, answer.content  # type: ignore[attr-defined]
    return {row["username"] for row in json.loads(answer.content)["results"]}  # type: ignore[attr-defined]


def in_step(replica: Standby) -> None:
    """The replica has everything, and that is known; also with other transactions of the server, which come and go."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (after,) = cursor.fetchone()

    def measured() -> bool:
        found = replicas.measure()
        return found.lag is not None and found.lag < 1 and found.xmin >= after

    replica.catch_up()
    wait_for(measured)


def test_lists_come_from_the_replica_but_not_for_whoever_has_just_written(replica: Standby, world: World) -> None:
    reader, writer = Api(world.staff), Api(world.instructor)
    in_step(replica)
    replica.pause()
    try:
        assert usernames(reader.get(LIST)) == set()
        answer = writer.post("enrollments", {"identifiers": ["sam"]})
        assert answer.status_code == 200
        # the replica is held at an earlier state: whom it serves is seen by what they see
        replicas.measure()
        assert usernames(reader.get(LIST)) == set()
        assert usernames(writer.get(LIST)) == {"sam"}
        assert replicas.reads() == {"replica": 2, "primary": 1}
    finally:
        replica.resume()
    in_step(replica)
    assert usernames(writer.get(LIST)) == usernames(reader.get(LIST)) == {"sam"}
    assert replicas.reads()["replica"] == 4


def test_rights_never_come_from_the_replica(replica: Standby, world: World) -> None:
    reader = Api(world.staff)
    in_step(replica)
    replica.pause()
    try:
        CourseRole.objects.filter(account=world.staff).delete()
        assert reader.get(LIST).status_code == 403

        def may_manage() -> bool:
            found = find_caller_by_account(world.staff.id, KEY)
            assert found is not None and found[1] is not None
            return found[1].may_manage

        assert read_for(world.elsewhere.id, may_manage) is False
        assert replicas.reads() == {"replica": 1}
    finally:
        replica.resume()


def test_a_replica_that_lags_too_far_is_not_used_and_is_reported(
    replica: Standby, world: World, settings: Any, monkeypatch: Any
) -> None:
    reader = Api(world.staff)
    in_step(replica)
    assert list(_replica()) == []
    replica.pause()
    try:
        world.enroll("sam")
        assert usernames(reader.get(LIST)) == set()
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, replica_lag_seconds=1)
        moment = replicas._now()
        monkeypatch.setattr(replicas, "_now", lambda: moment + 30)
        lag = replicas.measure().lag
        assert lag is not None and lag >= 1
        assert usernames(reader.get(LIST)) == {"sam"}
        assert [problem for problem in _replica() if "more than 1 second behind" in problem]
    finally:
        replica.resume()
    in_step(replica)
    assert list(_replica()) == []
    assert usernames(reader.get(LIST)) == {"sam"} and replicas.reads()["replica"] == 2


def test_an_idle_primary_is_no_lag(replica: Standby, world: World, monkeypatch: Any) -> None:
    in_step(replica)
    moment = replicas._now()
    monkeypatch.setattr(replicas, "_now", lambda: moment + 600)
    # it has what was there then, though others on the server may have written since
    wait_for(lambda: replicas.measure().lag == 0)


def test_a_replica_that_is_gone_is_not_asked_again_until_it_is_back(
    replica: Standby, world: World, monkeypatch: Any
) -> None:
    reader = Api(world.staff)
    in_step(replica)
    world.enroll("sam")
    asked = []
    living = replicas._living_replica
    monkeypatch.setattr(replicas, "_living_replica", lambda: asked.append(1) or living())
    replica.stop()
    try:
        # one read finds out, and is done on the primary; the others don't try
        for _ in range(3):
            assert usernames(reader.get(LIST)) == {"sam"}
        assert asked == [1] and replicas.reads() == {"failed": 1}
        assert "doesn't respond" in (replicas.measure().problem or "")
        assert [problem for problem in _replica() if "isn't used" in problem]
    finally:
        replica.start()
    in_step(replica)
    assert usernames(reader.get(LIST)) == {"sam"}
    assert replicas.reads() == {"failed": 1, "replica": 1}


def test_a_server_that_takes_writes_is_no_replica(replica: Standby, world: World) -> None:
    connections.settings[REPLICA]["PORT"] = connections.settings["default"]["PORT"]
    connections[REPLICA].close()
    _connect()
    assert "isn't a replica" in (replicas.measure().problem or "")
    assert replicas.usable() is None


def marked() -> list[tuple[str, AnyEndpoint]]:
    pairs = [(a.template, method, e) for a in ADDRESSES for method, e in a.methods.items() if e.by_replica]
    assert {method for _, method, _ in pairs} == {"GET"}
    return [(template, endpoint) for template, _, endpoint in pairs]


def test_everything_that_is_marked_can_be_read_from_a_replica(replica: Standby, world: World) -> None:
    """None of it writes there, and files are recorded all the same, on the primary."""
    university = make_university(world)
    operation = world.enroll("sam") and _operation()
    write(world.course, "unenroll", "sam")
    Account.objects.filter(pk=world.admin.pk).update(is_superuser=True)
    in_step(replica)
    reader = Api(world.admin)
    values = {"course_id": KEY, "course_key": KEY, "program_key": university.own.key, "operation_id": operation}
    times = "from=2026-01-01T00:00:00Z&page_size=10"
    answers: list[tuple[str, str, int, bool]] = []
    for template, endpoint in marked():
        path = template.format(**values) if "{" in template else template
        forms = ["", "fmt=csv"] if endpoint.has_csv or endpoint.answer_media else [""]
        for form in forms:
            query = "&".join(filter(None, [form, times if "difference" in template else ""]))
            answer = reader.get(f"{path}?{query}")
            read = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            answers.append((template, form, answer.status_code, bool(read)))
    expected = len(answers)
    assert expected >= 15
    assert [found for found in answers if found[2:] != (200, True)] == []
    assert replicas.reads() == {"replica": expected}
    ended = list(Disclosure.objects.values_list("ended", "complete"))
    assert len(ended) >= 6 and all(end is not None and complete for end, complete in ended)


def _operation() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select id::text from matricula_operation order by started desc limit 1")
        return str(cursor.fetchone()[0])


_ALONE = """
import time
import django
django.setup()
from matricula.foundation.database import fetch_all
from matricula.foundation.postgresql import replicas
while replicas.usable() is None:
    time.sleep(0.05)
ask = lambda: fetch_all("select pg_is_in_recovery()", [])[0][0]
print(replicas.read(ask), ask(), replicas.reads())
"""


def test_a_process_measures_by_itself(replica: Standby, world: World) -> None:
    primary = database_url()
    of_primary, of_replica = (f":{place['PORT']}/" for place in (connections.settings["default"], replica_entry()))
    assert of_primary in primary
    known = environment(DATABASE_REPLICA_URL=primary.replace(of_primary, of_replica))
    known["DJANGO_SETTINGS_MODULE"] = "matricula.settings"
    run = subprocess.run([sys.executable, "-c", _ALONE], env=known, capture_output=True, text=True, check=False)
    assert run.stdout == "True False {'replica': 1}\n", run.stderr


def replica_entry() -> dict[str, Any]:
    return dict(connections.settings[REPLICA])


def test_blocks_are_read_where_they_began_and_closed_there(replica: Standby, world: World) -> None:
    in_step(replica)
    seen: list[str] = []

    def blocks() -> Any:
        try:
            for _ in range(3):
                seen.append(connections["default"].alias)
                yield b"block"
        finally:
            seen.append(f"closed on {connections['default'].alias}")

    found = read_blocks_for(world.staff.id, blocks())
    next(found)
    assert connections["default"].alias == "default"
    found.close()
    assert seen == ["standby", "closed on standby"] and connections["default"].alias == "default"


def test_what_writes_by_mistake_is_done_on_the_primary(replica: Standby, world: World) -> None:
    in_step(replica)

    def writes() -> int:
        return CourseRole.objects.filter(account=world.staff).delete()[0]

    assert read_for(world.elsewhere.id, writes) == 1
    assert replicas.reads() == {"failed": 1} and "ReadOnlySqlTransaction" in (replicas.measured().problem or "")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("transaction", "xmin", "expected"),
    [
        (100, 101, True),
        (101, 101, False),
        (102, 101, False),
        (2, 5, True),
        (2**32 - 5, 2**32 + 10, True),
        (7, 2**32 + 5, False),
    ],
)
def test_transactions_are_compared_around_the_end_of_their_numbers(transaction: int, xmin: int, expected: bool) -> None:
    assert _is_before(transaction, xmin) is expected


def test_pages_that_are_marked_only_read() -> None:
    """Pages that take a form are read from a replica only where they are asked for by GET."""
    pages = {pattern.name: pattern.callback for pattern in urlpatterns}
    by: Callable[[str], bool] = lambda name: getattr(pages[name], "by_replica", False)  # noqa: E731
    assert by("course") and by("course_as_of_file") and by("program_history")
    assert not any(by(name) for name in ("job", "plan", "course_person", "access", "course_enroll", "webhooks", "why"))
