"""One file names each person once, however far apart the rows are; two accounts may swap their addresses."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.batches.courses import CourseOptions
from matricula.batches.engine import LARGE, run_slices
from matricula.batches.imports import ImportDoor, import_file
from matricula.batches.kinds import GRADES, IMPORTED_ENROLLMENTS, STUDENT_KEYS, USERS
from matricula.batches.people import StudentKeyOptions
from matricula.batches.runs import list_rejected, start_batch_of_file
from matricula.batches.stored import AnyKind
from matricula.batches.values import Options, Rejected
from matricula.foundation.folding import fold
from matricula.identity.accounts import save_accounts
from matricula.jobs.reads import get_job
from matricula.journal.statuses import Source
from matricula.journal.writes import new_operation
from matricula.learners.writes import EMAIL_TAKEN, AccountRequest
from matricula.models import Account, Grade, Organization, StudentIdentity
from tests.batches import import_enrollments
from tests.conftest import KEY, World
from tests.domain.large import make_people

FIRST = "Row {} already names this person. Keep one of the rows."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def read(kind: AnyKind, file: Path, content: str, options: Any = None, chunk: int = 2) -> tuple[Counter[str], Any]:
    """Imports in transactions of two rows: the counts, and which rows were rejected why."""
    file.write_text(content)
    rejected: list[Rejected] = []
    door = ImportDoor(None, "command", lambda _place: None, rejected.append)
    about = options.organization_id if isinstance(options, StudentKeyOptions) else None
    counts = import_file(replace(kind, chunk=chunk), about, file, door, options or Options())
    return counts, {row.number: row.reason for row in rejected}


def addresses(*names: str) -> list[str]:
    found = dict(Account.objects.values_list("username", "email"))
    return [found[name] for name in names]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_of_two_rows_about_a_username_or_address_the_later_is_rejected(world: World, file: Path, chunk: int) -> None:
    lines = ["username,email", "ana,ana@x.org", "ben,ben@x.org", "cat,ANA@x.org", "ben,ben@x.org", "Ana,new@x.org"]
    counts, rejected = read(USERS, file, "\n".join(lines), chunk=chunk)
    assert counts == {"created": 2, "unchanged": 1, "error": 2}
    assert rejected == {4: FIRST.format(2), 6: FIRST.format(2)}
    assert addresses("ana", "ben") == ["ana@x.org", "ben@x.org"]


def test_of_two_grades_of_a_learner_the_later_is_rejected(world: World, file: Path) -> None:
    lines = [f"{KEY},{who},{share},true" for who, share in [("sam", 0.5), ("staff", 1), ("SAM", 0.6), ("sam", 0.5)]]
    counts, rejected = read(GRADES, file, "\n".join(["course,username,percent,passed", *lines]))
    assert (counts, rejected) == ({"created": 2, "unchanged": 1, "error": 1}, {4: FIRST.format(2)})
    assert Grade.objects.get(account=world.learner).percent == 0.5


def test_a_key_and_an_account_are_linked_once(world: World, file: Path) -> None:
    options = StudentKeyOptions(organization_id=Organization.objects.get(key="north").pk)
    lines = ["K-1,sam,", "K-2,staff,", "K-3,SAM,", "k-1,,", "K-2,staff,"]
    counts, rejected = read(STUDENT_KEYS, file, "\n".join(["student_key,username,email", *lines]), options)
    assert (counts, rejected) == (
        {"linked": 2, "unchanged": 1, "error": 2},
        {4: FIRST.format(2), 5: FIRST.format(2)},
    )
    assert dict(StudentIdentity.objects.values_list("student_key", "account__username")) == {
        "K-1": "sam",
        "K-2": "staff",
    }
    counts, rejected = read(
        STUDENT_KEYS, file, "student_key,username,email\nK-4,elsewhere,\nK-5,,elsewhere@example.org\n", options
    )
    assert counts == {"linked": 1, "error": 1} and list(rejected) == [3]


def twice(names: list[str]) -> str:
    """Rows of all, then of the first one by another name and in another mode, and of the second one once more."""
    rows = [*(f"{name},audit" for name in names), f"{names[0]}@example.org,honor", f"{names[1].upper()},audit"]
    return "identifier,mode\n" + "\n".join(rows)


def test_an_enrollment_is_that_of_the_first_row_about_a_person(world: World, file: Path) -> None:
    file.write_text(twice(make_people(3)))
    rejected: list[Rejected] = []
    counts = import_enrollments(file, world.course, ImportDoor(None, "command", lambda _place: None, rejected.append))
    assert counts == {"enrolled": 3, "duplicated": 1, "unchanged": 1}
    assert [(row.number, row.reason) for row in rejected] == [(5, FIRST.format(2))]


def test_so_it_is_in_a_large_file(world: World) -> None:
    stream = io.BytesIO(twice(make_people(LARGE)).encode())
    job_id = start_batch_of_file(
        IMPORTED_ENROLLMENTS,
        world.course,
        stream,
        CourseOptions(file="rows.csv"),
        actor_id=None,
        source=Source("command"),
    )
    assert run_slices(get_job(job_id), connections=1)
    job = get_job(job_id)
    assert job.counts == {"enrolled": LARGE, "duplicated": 1, "unchanged": 1}
    assert [(row.number, row.rejection) for row in list_rejected(job)] == [(LARGE + 2, FIRST.format(2))]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_addresses_are_exchanged_across_a_file(world: World, file: Path, chunk: int) -> None:
    people = "".join(f"u{n},u{n}@x.org\n" for n in range(6))
    read(USERS, file, f"username,email\n{people}")
    # a swap, a circle of three, one who follows, and someone new under an address that was given away
    rows = ["u0,u1@x.org", "u2,u3@x.org", "u3,u4@x.org", "new,u5@x.org", "u1,U0@x.org", "u4,u2@x.org", "u5,free@x.org"]
    counts, rejected = read(USERS, file, "\n".join(["username,email", *rows]), chunk=chunk)
    assert (counts, rejected) == ({"updated": 6, "created": 1}, {})
    assert addresses(*(f"u{n}" for n in range(6)), "new") == [
        "u1@x.org", "U0@x.org", "u3@x.org", "u4@x.org", "u2@x.org", "free@x.org", "u5@x.org",
    ]  # fmt: skip


def test_who_gives_nothing_away_keeps_the_address(world: World, file: Path) -> None:
    read(USERS, file, "username,email\na,a@x.org\nb,b@x.org\nc,c@x.org\n")
    counts, rejected = read(USERS, file, "username,email\na,b@x.org\nb,c@x.org\nd,d@x.org\n")
    assert counts == {"created": 1, "error": 2} and set(rejected) == {2, 3}
    assert addresses("a", "b", "c") == ["a@x.org", "b@x.org", "c@x.org"]


NAMES = ["a", "b", "c", "d", "e"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_requests_leave_each_address_with_one_account(world: World, data: st.DataObject) -> None:
    Account.objects.filter(username__in=NAMES).delete()
    operation = new_operation(None, "command")
    have = data.draw(st.lists(st.sampled_from(NAMES), unique=True))
    save_accounts(operation, [AccountRequest(name, f"{name}@x.org") for name in have])
    ask = data.draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6))
    requests = [AccountRequest(name, f"{address.upper()}@x.org") for name, address in ask]
    outcomes = save_accounts(operation, requests)
    stored = dict(Account.objects.filter(username__in=NAMES).values_list("username", "email"))
    assert not any("invalid" in email for email in stored.values())
    last = {request.username: request for request in requests}
    for request, outcome in zip(requests, outcomes, strict=True):
        if last[request.username] is request and outcome.word != EMAIL_TAKEN:
            assert stored[request.username] == request.email
        elif outcome.word == EMAIL_TAKEN and last[request.username] is request:
            # someone else has it who didn't give it away
            assert any(
                fold(email) == fold(request.email) and name != request.username for name, email in stored.items()
            )


def test_an_exchange_does_not_bring_back_an_earlier_request(world: World) -> None:
    operation = new_operation(None, "command")
    save_accounts(operation, [AccountRequest(name, f"{name}@x.org") for name in ("a", "b")])
    asked = [AccountRequest("a", "b@x.org"), AccountRequest("a", "a@x.org"), AccountRequest("b", "a@x.org")]
    assert [outcome.word for outcome in save_accounts(operation, asked)] == [EMAIL_TAKEN, "unchanged", EMAIL_TAKEN]
    assert addresses("a", "b") == ["a@x.org", "b@x.org"]
