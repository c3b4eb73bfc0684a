"""What is recorded becomes true in the LMS: each change once, the newest alone, whatever the LMS answers."""

import time

from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.connectors.open_edx.client import LmsClient
from matricula.connectors.open_edx.conditions import find_condition, record_good, record_problem
from matricula.connectors.open_edx.rows import claim_rows, retry_rows
from matricula.connectors.open_edx.rules import Problem
from matricula.connectors.open_edx.statuses import ProblemKind, RowState
from matricula.identity.accounts import save_accounts
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import LmsConnection, LmsCoverage, LmsRow, LmsState, LmsUsername
from matricula.worker.lms import compare_all_lms, fetch_all_lms_grades, follow_for_lms
from tests.conftest import World, make_world, wait_until_final
from tests.lms.connected import KEY, Connected

POST = "POST enrollment 200"
FIND, READ = "GET accounts 200", "GET sam"


def save(username: str, email: str, *, is_active: bool) -> None:
    request = AccountRequest(username=username, email=email, is_active=is_active)
    save_accounts(new_operation(None, "command"), [request])


def test_enrolled_changed_and_ended(own_database: None) -> None:
    world, lms = make_world(), Connected()
    lms.sync()
    assert lms.calls() == []
    world.enroll("sam", "staff", mode="honor")
    lms.sync()
    assert lms.calls() == [FIND, POST, FIND, POST]
    assert lms.seats() == {"sam": ("honor", True), "staff": ("honor", True)}
    [attribute] = lms.state.seats["sam", KEY].attributes
    assert attribute["namespace"] == "matricula" and len(attribute["value"]) == 36
    # the name is known; nothing confirmed is sent again
    world.enroll("sam", mode="verified")
    world.unenroll("staff")
    lms.sync()
    assert lms.calls() == ["GET staff 200", POST, POST]
    assert lms.seats() == {"sam": ("verified", True), "staff": ("honor", False)}
    assert {*lms.states().values()} == {"confirmed"}
    lms.sync()
    assert lms.calls() == []


def test_what_was_there_before_the_connection_is_sent_and_what_came_and_went_is_not(own_database: None) -> None:
    world = make_world()
    world.enroll("sam")
    lms = Connected()
    lms.sync()
    assert lms.calls() == [FIND, POST]
    # the newest counts, however many there were
    for mode in ("honor", "verified", "audit"):
        world.enroll("sam", mode=mode)
    world.enroll("staff")
    world.unenroll("staff")
    lms.sync()
    assert lms.calls() == [FIND, "GET staff 200"]
    assert LmsRow.objects.count() == 2 and {*lms.states().values()} == {"confirmed"}


def test_invitations(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("new@example.org", auto_enroll=False)
    lms.sync()
    world.enroll("new@example.org", auto_enroll=True)
    lms.sync()
    allowed = ["POST enrollment_allowed 201"]
    assert lms.calls() == [*allowed, "DELETE enrollment_allowed 204", *allowed]
    assert lms.state.invitations == {("new@example.org", KEY): True}
    # one that someone else made there
    lms.state.invitations["late@example.org", KEY] = False
    world.enroll("late@example.org", auto_enroll=True)
    lms.sync()
    assert lms.calls() == ["POST enrollment_allowed 409", "DELETE enrollment_allowed 204", *allowed]
    world.unenroll("new@example.org", "late@example.org")
    lms.sync()
    assert lms.state.invitations == {} and {*lms.states().values()} == {"confirmed"}


def test_an_account_that_is_not_there_yet_is_invited_and_looked_up_again(own_database: None) -> None:
    world, lms = make_world(), Connected()
    user = lms.state.users.pop("sam")
    world.enroll("sam", mode="honor")
    lms.sync()
    assert lms.calls() == ["GET accounts 404", "POST enrollment_allowed 201"]
    assert lms.states() == {"sam@example.org": "absent"}
    retry_rows(lms.connection.id, RowState.ABSENT)
    lms.sync()
    assert lms.calls() == ["GET accounts 404"]
    # under another name, which is kept
    lms.state.register("samuel", user.email)
    retry_rows(lms.connection.id, RowState.ABSENT)
    lms.sync()
    assert lms.calls() == [FIND, POST] and lms.seats() == {"samuel": ("honor", True)}
    assert LmsUsername.objects.get().username == "samuel"
    world.unenroll("sam")
    lms.sync()
    # the invitation would enroll again
    assert lms.calls() == ["GET samuel 200", POST, "DELETE enrollment_allowed 204"]
    assert lms.seats() == {"samuel": ("honor", False)} and lms.state.invitations == {}


def test_the_row_of_an_address_becomes_that_of_its_account(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("Later@example.org", auto_enroll=True, mode="honor")
    lms.sync()
    lms.calls()
    save("later", "later@example.org", is_active=True)
    lms.state.register("later", "later@example.org")
    lms.sync()
    assert lms.calls() == [FIND, POST] and lms.seats() == {"later": ("honor", True)}
    assert LmsRow.objects.get().account_id == world.inactive.pk
    # switched off here, the person is pushed as an invitation; with another address, under that one
    save("later", "later@example.org", is_active=False)
    lms.sync()
    assert lms.state.invitations["later@example.org", KEY] is True


def test_a_kept_name_that_is_no_longer_known_is_looked_up_once_more(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam")
    lms.sync()
    lms.calls()
    del lms.state.users["sam"]
    lms.state.register("sam2", "sam@example.org")
    world.enroll("sam", mode="honor")
    lms.sync()
    assert lms.calls() == ["POST enrollment 406", FIND, POST] and lms.seats()["sam2"] == ("honor", True)


def test_what_the_lms_rejects_is_not_repeated_until_it_is_asked_for(own_database: None) -> None:
    world, lms = make_world(), Connected()
    lms.state.runs[KEY].modes = ["audit"]
    world.enroll("sam", mode="verified")
    lms.faults({"call": "POST /api/enrollment", "lie": {"mode": "audit"}, "user": "staff"})
    world.enroll("staff", mode="honor")
    lms.sync()
    words = dict(LmsRow.objects.values_list("email", "words"))
    assert words["sam@example.org"].startswith("The [verified] course mode is expired or otherwise unavailable")
    assert words["staff@example.org"] == "the LMS answered mode audit"
    lms.calls()
    lms.sync()
    assert lms.calls() == [] and {*lms.states().values()} == {"rejected"}
    lms.state.runs[KEY].modes = ["audit", "verified", "honor"]
    lms.faults()
    retry_rows(lms.connection.id, RowState.REJECTED)
    lms.sync()
    assert lms.calls() == [POST, POST] and {*lms.states().values()} == {"confirmed"}


def test_a_connection_that_fails_pauses_and_rejects_no_row(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam", "staff", "elsewhere", "instructor", mode="honor")
    lms.state.users["matricula"].staff = False
    lms.state.api_key = "another"
    pushed = lms.sync()
    assert pushed.problem and "404 without a message" in pushed.problem.words
    assert lms.calls() == [FIND, "POST enrollment 404"] and {*lms.states().values()} == {"waiting"}
    condition = find_condition(lms.connection.id)
    assert condition.problem == pushed.problem.words and condition.paused_until == 5
    lms.sync()
    assert lms.calls() == []
    lms.clock.advance(5)
    lms.state.users["matricula"].staff = True
    lms.sync()
    assert lms.calls("POST") == [POST] * 4 and {*lms.states().values()} == {"confirmed"}
    assert find_condition(lms.connection.id).problem is None


def test_failing_calls_are_repeated_after_growing_pauses_and_others_go_on(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam", "staff", mode="honor")
    lms.faults({"call": "POST /api/enrollment", "status": 500, "user": "sam"})
    pauses = []
    for _ in range(3):
        lms.sync()
        row = LmsRow.objects.get(email="sam@example.org")
        pauses.append(row.next_try - lms.clock.now())
        lms.clock.advance(pauses[-1])
    assert pauses == [5, 10, 20] and lms.seats() == {"staff": ("honor", True)}
    # the LMS did it, and failed to say so: it is read before anything is sent again
    lms.faults({"call": "POST /api/enrollment", "status": 502, "after": True, "times": 1})
    lms.sync()
    lms.calls()
    lms.clock.advance(40)
    lms.sync()
    assert lms.calls() == ["GET sam 200"] and lms.states()["sam@example.org"] == "confirmed"


def test_an_lms_that_is_down_is_asked_less_and_less(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam", mode="honor")
    lms.sync()
    lms.calls()
    lms.faults({"call": "", "status": 503})
    world.enroll("sam", "staff", "elsewhere", "instructor", mode="verified")
    lms.follow()
    while lms.clock.now() < 6 * 3600:
        lms.push()
        lms.clock.advance(300)
    assert len(lms.calls()) < 45
    lms.faults()
    for _ in range(6):
        lms.push()
        lms.clock.advance(120)
    assert lms.calls("POST") == [POST] * 4 and set(lms.seats().values()) == {("verified", True)}


def test_a_token_that_ended_is_fetched_again_once(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam", "staff")
    lms.faults({"call": "POST /api/enrollment", "status": 401, "times": 1})
    lms.sync()
    assert lms.calls("POST") == ["POST enrollment 401", POST, POST]


def test_a_token_is_kept_until_five_minutes_before_its_end(world: World) -> None:
    lms = Connected()
    client = LmsClient(lms.connection, lms.clock, lms.transport)
    for seconds in (0, 3_200, 100, 3_200):
        lms.clock.advance(seconds)
        assert client.get_course(KEY).status == 200
    tokens = [call.at for call in lms.state.calls if call.path == "/oauth2/access_token"]
    assert tokens == [0, 3_300]


def test_rows_of_a_killed_process_are_read_before_they_are_sent_again(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam", "staff", mode="honor")
    lms.follow()
    assert len(claim_rows(lms.connection.id, 0, 10)) == 2
    # of the two calls of the killed one, one arrived
    lms.state.enroll("sam", KEY, "honor")
    lms.push()
    assert lms.calls() == [FIND, "GET staff 200", POST, FIND, "GET sam 200"]
    assert {*lms.states().values()} == {"confirmed"}


def test_without_a_key_no_call_is_throttled_and_few_are_left_unused(own_database: None) -> None:
    world, lms = make_world(), Connected(api_key_env=None)
    people = [f"p{number}" for number in range(40)]
    save_accounts(
        new_operation(None, "command"), [AccountRequest(username=p, email=f"{p}@x.org", is_active=True) for p in people]
    )
    for person in people:
        lms.state.register(person, f"{person}@x.org")
    world.enroll(*people)
    lms.sync()
    minutes = lms.clock.now() / 60
    calls = lms.calls()
    assert len(calls) == 80 and not [call for call in calls if call.endswith("429")]
    assert 95 < len(calls) / minutes < 100


def test_what_is_wanted_is_read_when_the_call_goes_out(own_database: None) -> None:
    world, lms = make_world(), Connected(api_key_env=None)
    world.enroll("sam", mode="honor")
    lms.follow()
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        if not waited:
            world.enroll("sam", mode="verified")
            lms.follow()
        waited.append(seconds)
        lms.clock.advance(seconds)

    lms.clock.sleep = sleep  # type: ignore[method-assign]
    lms.push()
    assert waited and lms.calls() == [FIND, POST] and lms.seats() == {"sam": ("verified", True)}


def test_course_runs_that_leave_a_connection_have_no_rows(world: World) -> None:
    lms = Connected()
    world.enroll("sam")
    lms.follow()
    assert LmsRow.objects.count() == 1
    LmsCoverage.objects.all().delete()
    lms.follow()
    assert LmsRow.objects.count() == 0


def test_a_place_that_a_restored_journal_has_not_reached(own_database: None) -> None:
    world, lms = make_world(), Connected()
    world.enroll("sam")
    lms.sync()
    lms.calls()
    LmsState.objects.update(followed_xact=2**62)
    world.enroll("staff")
    world.enroll("sam", mode="honor")
    lms.sync()
    assert lms.seats() == {"sam": ("honor", True), "staff": ("audit", True)}
    assert LmsState.objects.get().followed_xact < 2**62
    world.unenroll("sam")
    lms.sync()
    assert lms.seats()["sam"] == ("honor", False)


def test_an_answer_to_an_earlier_call_ends_no_pause(world: World) -> None:
    number = Connected().connection.id
    record_problem(number, Problem(ProblemKind.THROTTLED, "fewer", 30), 100)
    record_good(number, 101)
    assert find_condition(number).paused_until == 130
    record_good(number, 130)
    assert find_condition(number).paused_until is None


def queued() -> list[tuple[str, str, str]]:
    jobs = ProcrastinateJob.objects.order_by("task_name")
    return list(jobs.values_list("task_name", "queue_name", "queueing_lock"))


def test_the_worker_queues_what_each_lms_needs_and_nothing_twice(own_database: None) -> None:
    world, lms = make_world(), Connected()
    follow_for_lms(0)
    assert queued() == []
    world.enroll("sam")
    wait_until_final()
    for _ in range(2):
        follow_for_lms(0)
        compare_all_lms(0)
        fetch_all_lms_grades(0)
    number = lms.connection.id
    assert queued() == [
        ("matricula.compare_lms", "lms", f"lms compare {number}"),
        ("matricula.fetch_lms_grades", "lms", f"lms grades {number}"),
        ("matricula.push_to_lms", "lms", f"lms push {number}"),
    ]
    ProcrastinateJob.objects.all().delete()
    # not while it pauses, and not where nothing is to be sent
    record_problem(number, Problem(ProblemKind.UNREACHABLE, "gone"), time.time())
    follow_for_lms(0)
    assert queued() == []
    LmsConnection.objects.update(push=False, grades=False)
    compare_all_lms(0)
    fetch_all_lms_grades(0)
    assert queued() == []
