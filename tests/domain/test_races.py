"""Two connections at once: what one of them does is seen by the other, or waited for; nothing is lost or doubled."""

import threading
from collections.abc import Callable
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import pytest

from matricula.access.clients.writes import ClientRequest, create_client, save_clients
from matricula.catalog.reads import ProgramFacts, find_program
from matricula.enrollments.course import writes
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.history.integrity import Difference, list_differences
from matricula.identity.accounts import activate_account, save_accounts
from matricula.identity.linking import link_student_keys
from matricula.institution.reading import read_institution_file
from matricula.institution.writes import load_institution
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import (
    Account,
    Client,
    CourseEnrollment,
    PreEnrollment,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from tests.conftest import World, make_account, make_world, write
from tests.domain.races import behind, together
from tests.journal import changes, record_setting
from tests.university import OWN, make_university


@pytest.fixture
def shared(own_database: None) -> World:
    world = make_world()
    record_setting()
    return world


def transitions() -> list[str]:
    return list(changes().order_by("id").values_list("transition", flat=True))


def test_the_same_person_enrolled_by_many_at_once_is_enrolled_once(shared: World) -> None:
    results = together(*[lambda: shared.enroll("sam") for _ in range(8)])
    assert CourseEnrollment.objects.count() == 1
    assert sorted(result[0].before.enrolled for result in results) == [False] + [True] * 7
    assert transitions().count("from unenrolled to enrolled") == 1


def test_the_second_sees_what_the_first_stored(shared: World) -> None:
    [outcome] = behind(lambda: shared.enroll("sam", mode="verified"), lambda: shared.enroll("sam"))
    assert outcome.before.enrolled
    assert CourseEnrollment.objects.get().mode == "verified"


def test_many_who_change_the_same_person_again_and_again_all_come_to_their_turn(shared: World) -> None:
    shared.enroll("sam")

    def change() -> None:
        for mode in ("audit", "verified", "honor"):
            shared.enroll("sam", mode=mode)
            shared.unenroll("sam")

    together(*[change] * 12)
    states = list(changes().order_by("id").values_list("before", "after"))
    assert len(states) == 1 + 12 * 6
    # each begins where the one before it ended
    assert all(before == ended for (before, _), (_, ended) in zip(states[1:], states, strict=False))


def test_the_same_new_address_invited_by_many_at_once_is_invited_once(shared: World) -> None:
    together(*[lambda: shared.enroll("new@example.org", auto_enroll=True) for _ in range(8)])
    assert PreEnrollment.objects.count() == 1


def test_enroll_and_unenroll_at_once_end_in_one_of_the_two_and_the_journal_agrees(shared: World) -> None:
    shared.enroll("sam")
    together(*[lambda: shared.enroll("sam"), lambda: shared.unenroll("sam")] * 3)
    last = changes().latest("id")
    assert CourseEnrollment.objects.get().is_active == last.transition.endswith("to enrolled")
    states = changes().order_by("id").values_list("before", "after")
    assert len(states) == 1 + 3 * 2
    for (_, after), (before, _) in pairwise(states):
        assert before == after


def test_an_invitation_waits_for_the_account_that_is_just_becoming_active(shared: World) -> None:
    [outcome] = behind(
        lambda: activate_account(new_operation(None, "sign-up"), shared.inactive.pk, "later@example.org"),
        lambda: shared.enroll("later@example.org", auto_enroll=True),
    )
    assert outcome.after.enrolled
    assert CourseEnrollment.objects.get().account_id == shared.inactive.pk


def test_an_account_that_becomes_active_waits_for_the_invitation(shared: World) -> None:
    behind(
        lambda: shared.enroll("fresh@example.org", auto_enroll=True),
        lambda: save_accounts(new_operation(None, "command"), [AccountRequest("fresh", "fresh@example.org")]),
    )
    assert CourseEnrollment.objects.get().account_id == Account.objects.get(username="fresh").pk


def test_many_invitations_and_an_activation_at_once_never_lose_the_person(shared: World) -> None:
    for n in range(10):
        address = f"p{n}@example.org"
        together(
            lambda a=address: shared.enroll(a, auto_enroll=True),
            lambda a=address, n=n: save_accounts(new_operation(None, "command"), [AccountRequest(f"p{n}", a)]),
        )
    assert CourseEnrollment.objects.filter(is_active=True).count() == 10


def test_overlapping_batches_in_opposite_order_do_not_deadlock(shared: World) -> None:
    names = [f"u{n}" for n in range(60)]
    save_accounts(new_operation(None, "command"), [AccountRequest(name, f"{name}@example.org") for name in names[:40]])
    addresses = [f"{name}@example.org" for name in names]
    together(
        lambda: write(shared.course, "enroll", *addresses),
        lambda: write(shared.course, "enroll", *reversed(addresses)),
        lambda: write(shared.course, "unenroll", *addresses[::2]),
        lambda: write(shared.course, "enroll", *names[39::-1]),
    )
    assert CourseEnrollment.objects.count() == 40
    assert PreEnrollment.objects.count() <= 20


def test_an_activation_that_meets_an_enrollment_of_the_same_account_decides_again(shared: World) -> None:
    shared.enroll("fresh@example.org", auto_enroll=True)
    behind(
        lambda: shared.enroll("sam", mode="verified"),
        lambda: save_accounts(new_operation(None, "command"), [AccountRequest("sam", "fresh@example.org")]),
    )
    assert CourseEnrollment.objects.get().mode == "verified"
    assert PreEnrollment.objects.get().account_id == shared.learner.pk


def put_students(program: ProgramFacts, *keys: str) -> None:
    requests = [ProgramRequest(key, "enrolled") for key in keys]
    write_program_enrollments(new_operation(None, "api"), program, Verb.CREATE_OR_UPDATE, requests)


def put_in_course(program: ProgramFacts, course_id: int, *keys: str) -> None:
    requests = [ProgramCourseRequest(course_id, key, "active") for key in keys]
    write_program_course_enrollments(new_operation(None, "api"), program, Verb.CREATE_OR_UPDATE, requests)


def test_the_same_new_student_from_many_at_once_is_created_once(shared: World) -> None:
    make_university(shared)
    facts = find_program(OWN)
    assert facts is not None

    def create() -> list[str]:
        return write_program_enrollments(
            new_operation(None, "api"), facts, Verb.CREATE, [ProgramRequest("S-1", "enrolled")]
        )

    assert sorted(together(*[create] * 8)) == [["conflict"]] * 7 + [["enrolled"]]
    assert ProgramEnrollment.objects.count() == 1


def test_a_key_that_moves_waits_for_the_end_of_its_enrollment(shared: World) -> None:
    make_university(shared)
    facts = find_program(OWN)
    assert facts is not None
    sam, kim = make_account("moving-from").pk, make_account("moving-to").pk
    link_student_keys(new_operation(None, "command"), facts.organization_id, [("S-1", sam)])
    put_students(facts, "S-1")
    put_in_course(facts, shared.course.id, "S-1")
    behind(
        lambda: shared.unenroll("moving-from"),
        lambda: link_student_keys(new_operation(None, "command"), facts.organization_id, [("S-1", kim)]),
    )
    assert ProgramCourseEnrollment.objects.get().status == "inactive"
    assert dict(CourseEnrollment.objects.values_list("account_id", "is_active")) == {sam: False, kim: False}


def test_loads_and_writes_of_the_same_student_keys_do_not_deadlock(shared: World, tmp_path: Path) -> None:
    make_university(shared)
    keys = [f"S-{n}" for n in range(200)]
    people = "".join(
        f"  - {{username: u{n}, email: u{n}@example.org, student_keys: {{north: {key}}}}}\n"
        for n, key in enumerate(keys)
    )
    file = tmp_path / "institution.yaml"
    program = f"programs:\n  - {{key: {OWN}, organization: north, title: Computer Science}}\n"
    file.write_text(f"{program}users:\n{people}")
    institution = read_institution_file(file)
    facts = find_program(OWN)
    assert facts is not None
    shared.enroll(*[f"u{n}@example.org" for n in range(200)], auto_enroll=True)

    def put() -> None:
        for start in range(0, 200, 20):
            some = keys[start : start + 20]
            put_students(facts, *some)
            put_in_course(facts, shared.course.id, *some)

    together(lambda: load_institution(new_operation(None, "command"), institution), put, put)
    assert ProgramEnrollment.objects.filter(account__isnull=False).count() == 200
    assert CourseEnrollment.objects.filter(is_active=True, mode="masters").count() == 200


def in_between(monkeypatch: pytest.MonkeyPatch, name: str, others: Callable[[], Any], times: int) -> None:
    """Lets ``others`` write behind each of the first calls of a function of the writes, with a connection of theirs."""
    real, left = getattr(writes, name), list(range(times))

    def called(*arguments: Any) -> Any:
        result = real(*arguments)
        if threading.current_thread() is threading.main_thread() and left:
            left.pop()
            together(others)
        return result

    monkeypatch.setattr(writes, name, called)


def differences() -> list[Difference]:
    return list(list_differences())


def test_an_unenrollment_sees_the_enrollment_that_an_invitation_became_meanwhile(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.enroll("later@example.org")
    activate_account(new_operation(None, "sign-up"), shared.inactive.pk, "later@example.org")
    in_between(monkeypatch, "read_invitations", lambda: shared.enroll("later@example.org"), 1)
    [outcome] = shared.unenroll("later@example.org")
    assert outcome.before.enrolled
    assert not CourseEnrollment.objects.get().is_active
    assert not PreEnrollment.objects.exists()
    assert not differences()


def test_who_is_fought_for_is_written_all_the_same(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.enroll("sam")
    modes = cycle(["verified", "audit"])
    in_between(monkeypatch, "find_places", lambda: shared.enroll("sam", mode=next(modes)), 1000)
    [outcome] = shared.unenroll("sam")
    assert outcome.before.enrolled and not outcome.after.enrolled
    assert not differences()


def test_nothing_to_end_beside_a_first_enrollment_is_no_difference(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(monkeypatch, "read_invitations", lambda: shared.enroll("sam"), 1)
    [outcome] = shared.unenroll("sam")
    assert not outcome.before.enrolled
    assert transitions() == ["from unenrolled to enrolled", "from unenrolled to unenrolled"]
    assert not differences()


def test_a_load_finds_an_api_client_that_is_created_meanwhile(shared: World) -> None:
    def create() -> None:
        assert create_client(new_operation(None, "console"), "sis", "By hand", shared.staff.pk, ["read"])

    def load() -> list[str]:
        wanted = [ClientRequest(name, "a-secret-of-the-file", shared.instructor.pk) for name in ("other", "sis")]
        return [str(word) for word in save_clients(new_operation(None, "command"), wanted)]

    assert behind(create, load) == ["created", "updated"]
    assert set(Client.objects.values_list("client_id", "user_id")) == {
        ("other", shared.instructor.pk),
        ("sis", shared.instructor.pk),
    }
    assert list(list_differences()) == []


def test_an_id_that_a_load_takes_meanwhile_is_taken_for_the_console(shared: World) -> None:
    loaded = [ClientRequest("sis", "a-secret-of-the-file", shared.instructor.pk)]
    secret = behind(
        lambda: save_clients(new_operation(None, "command"), loaded),
        lambda: create_client(new_operation(None, "console"), "sis", "By hand", shared.staff.pk, ["read"]),
    )
    assert secret is None
