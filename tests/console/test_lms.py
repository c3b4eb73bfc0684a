"""The pages of connections to an LMS: what they show, and what their buttons do."""

from django.test import Client as HttpClient
from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.connectors.open_edx.calls import PacedClient
from matricula.connectors.open_edx.differences import find_differences
from matricula.connectors.open_edx.grades import fetch_grades
from matricula.connectors.open_edx.reads import list_differences
from matricula.enrollments.course.reads import find_enrollment_of
from matricula.journal.statuses import SCHEDULE
from matricula.models import Disclosure, Grade, Job, LmsConnection, LmsRow, LmsUsername
from tests.conftest import KEY, World, make_account
from tests.journal import changes
from tests.lms.connected import Connected


def connected(world: World) -> tuple[Connected, HttpClient]:
    """Sam's row was rejected; staff was changed in the LMS, and so was someone whom no one knows here."""
    lms = Connected()
    world.enroll("sam", "staff", mode="honor")
    lms.faults({"call": "POST /api/enrollment", "lie": {"mode": "audit"}, "user": "sam"})
    lms.sync()
    lms.state.enroll("staff", KEY, "verified")
    lms.state.register("guest", "guest@elsewhere.org")
    lms.state.enroll("guest", KEY, "audit")
    find_differences(PacedClient(lms.connection, lms.clock, lms.transport))
    http = HttpClient()
    http.force_login(make_account("root", is_superuser=True))
    return lms, http


def test_what_is_shown(world: World) -> None:
    lms, http = connected(world)
    page = f"/lms/{lms.connection.id}/"
    assert f'href="{page}"' in http.get("/lms/").content.decode()
    shown = http.get(page).content.decode()
    for part in ("the LMS answered mode audit", "guest", "verified", "no record", "Last answer"):
        assert part in shown
    roster = http.get(f"/courses/{KEY}/").content.decode()
    assert roster.count("rejected by the LMS") == 1 and "the LMS answered mode audit" in roster
    lines = b"".join(http.get(page + "differences.csv")).decode().splitlines()  # type: ignore[arg-type]
    assert lines[0] == "username,course,recorded,in_the_lms,kind"
    assert f"guest,{KEY},,audit,only_there" in lines and f"staff,{KEY},honor,verified,differs" in lines


def test_the_invited_have_a_state_too(world: World) -> None:
    world.enroll("New@example.org", "sam", auto_enroll=True)
    lms = Connected()
    lms.follow()
    http = HttpClient()
    http.force_login(world.instructor)
    assert http.get(f"/courses/{KEY}/?state=invited").content.decode().count("not in the LMS yet") == 1
    lms.push()
    assert "in the LMS" not in http.get(f"/courses/{KEY}/?state=invited").content.decode()


def test_retry(world: World) -> None:
    lms, http = connected(world)
    lms.faults()
    row = LmsRow.objects.get(account=world.learner)
    answer = http.post(f"/lms/{lms.connection.id}/retry/", {"row": row.pk}, follow=True)
    assert "1 row will be sent again." in answer.content.decode()
    lms.push()
    assert lms.seats()["sam"] == ("honor", True)
    LmsRow.objects.update(state="rejected")
    assert "2 rows will be" in http.post(f"/lms/{lms.connection.id}/retry/", follow=True).content.decode()


def test_send_again_and_accept(world: World) -> None:
    lms, http = connected(world)
    address = f"/lms/{lms.connection.id}/differences/"
    ids = {d.username: d.id for d in list_differences(lms.connection.id)}
    assert "Select at least one" in http.post(address, follow=True).content.decode()
    http.post(address, {"action": "send", "difference": ids["staff"]})
    lms.push()
    assert lms.seats()["staff"] == ("honor", True)
    lms.state.enroll("staff", KEY, "verified", is_active=False)
    find_differences(PacedClient(lms.connection, lms.clock, lms.transport))
    ids = {d.username: d.id for d in list_differences(lms.connection.id)}
    given = {"action": "accept", "difference": [ids["staff"], ids["guest"]]}
    answer = http.post(address, given, follow=True).content.decode()
    assert "1 difference was accepted." in answer and "1 couldn&#x27;t be accepted" in answer
    enrollment = find_enrollment_of(world.course.id, world.staff.pk, "staff@example.org")
    assert enrollment is not None and not enrollment.is_active
    assert changes().filter(source="console", account_id=world.staff.pk).count() == 1


def test_a_username_is_corrected(world: World) -> None:
    lms, http = connected(world)
    address = f"/lms/{lms.connection.id}/username/"
    http.post(address, {"username": "SAM", "name": "samuel"})
    assert LmsUsername.objects.get(account=world.learner).username == "samuel"
    assert LmsRow.objects.get(account=world.learner).state == "waiting"
    http.post(address, {"username": "sam", "name": ""})
    assert not LmsUsername.objects.filter(account=world.learner).exists()
    assert "no account" in http.post(address, {"username": "x", "name": "y"}, follow=True).content.decode()


def test_comparing_and_fetching_grades_now(world: World) -> None:
    lms, http = connected(world)
    page = f"/lms/{lms.connection.id}/"
    for words in ("compared in a moment", "is waiting already"):
        assert words in http.post(page + "compare/", follow=True).content.decode()
    for words in ("fetched in a moment", "waiting to be fetched already"):
        assert words in http.post(page + "grades/", follow=True).content.decode()
    queued = ProcrastinateJob.objects.order_by("task_name").values_list("task_name", "queue_name", "args__actor_id")
    root = int(http.session["_auth_user_id"])
    assert list(queued) == [("matricula.compare_lms", "lms", None), ("matricula.fetch_lms_grades", "lms", root)]
    LmsConnection.objects.update(push=False, grades=False)
    assert {http.post(page + what).status_code for what in ("compare/", "grades/")} == {404}
    shown = http.get(page).content.decode()
    assert "Compare now" not in shown and "Fetch grades now" not in shown


def test_learners_whom_the_lms_left_out_are_listed_with_their_job(world: World) -> None:
    lms, http = connected(world)
    Grade.objects.create(course_id=world.course.id, account=world.learner, percent=0.1, passed=False)
    fetch_grades(PacedClient(lms.connection, lms.clock, lms.transport), SCHEDULE)
    shown = http.get(f"/lms/{lms.connection.id}/").content.decode()
    assert "No grade in the LMS any more" in shown and f"/jobs/{Job.objects.get().pk}/" in shown


def test_the_file_of_differences_is_recorded(world: World) -> None:
    lms, http = connected(world)
    answer = http.get(f"/lms/{lms.connection.id}/differences.csv")
    assert len(b"".join(answer).splitlines()) == 1 + 3  # type: ignore[arg-type]
    [recorded] = Disclosure.objects.all()
    assert (recorded.kind, recorded.filters, recorded.people) == ("difference", {"lms": "lms"}, 3)
