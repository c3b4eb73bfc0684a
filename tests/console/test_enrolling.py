"""Enrolling in the console: first a check of what would happen, then the change, as jobs with the same rows."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from matricula.batches import values
from matricula.batches.runs import run_chunk
from matricula.jobs.reads import find_job
from matricula.models import Account, CourseEnrollment, CourseRole, Job, OutgoingMail, Plan, PreEnrollment
from matricula.worker.tasks import carry_out
from tests.conftest import World, make_account
from tests.console.conftest import COURSE, Reader, text_of, words_of
from tests.journal import changes

ENROLL = f"{COURSE}enroll/"


def seats() -> dict[str, tuple[str, bool]]:
    rows = CourseEnrollment.objects.values_list("account__username", "mode", "is_active")
    return {name: (mode, active) for name, mode, active in rows}


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text.encode())


def test_a_list_is_checked_then_carried_out(world: World, instructor: Reader) -> None:
    world.enroll("staff")
    before = changes().count()
    check = instructor.post(ENROLL, who="sam, nobody\nnew@example.org staff", action="enroll", auto_enroll="on")
    words = words_of(instructor.get(check))
    assert "1 enrolled 1 invited 1 unchanged 1 rejected" in words
    assert "There is no account with this username" in words
    assert seats() == {"staff": ("audit", True)} and changes().count() == before

    done = instructor.apply(check, reason="late registration", email_student="on")
    assert "1 enrolled 1 invited 1 unchanged" in words_of(instructor.get(done))
    assert seats() == {"staff": ("audit", True), "sam": ("audit", True)}
    assert PreEnrollment.objects.get().auto_enroll
    entries = changes().order_by("id")[before:]
    assert [(e.source, e.actor_id, e.reason, f"/jobs/{e.operation}/") for e in entries] == [
        ("console", world.instructor.pk, "late registration", done)
    ] * 2
    assert set(OutgoingMail.objects.values_list("kind", "to")) == {
        ("enrolled_enroll", "sam@example.org"),
        ("allowed_enroll", "new@example.org"),
    }


def test_carrying_out_twice_does_it_once(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    first, second = (instructor.apply(check, reason="asked for it") for _ in range(2))
    assert first == second
    assert "These changes were applied." in instructor.get(check)
    assert Job.objects.filter(kind="change_roster").count() == 1


def test_no_reason_no_change(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    assert instructor.apply(check, reason=" ") == check
    assert "Enter a reason" in words_of(instructor.get(check))
    assert not seats()


def test_only_who_has_the_right_applies_a_plan(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    Reader(world.learner).apply(check, 404, reason="x")
    CourseRole.objects.filter(account=world.instructor).delete()
    instructor.apply(check, 404, reason="x")
    assert not seats()
    Reader(world.staff).apply(check, reason="x")
    assert seats() == {"sam": ("audit", True)}


def test_a_plan_that_has_expired_is_not_applied(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    Plan.objects.update(expires=timezone.now() - timedelta(days=2))
    assert instructor.apply(check, reason="x") == check
    assert "This plan has expired." in instructor.get(check)
    assert not seats()


def test_what_is_no_check_is_not_carried_out(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    done = instructor.apply(check, reason="x")
    instructor.post(done.replace("jobs", "plans") + "apply/", 404, reason="x")


def test_rows_chosen_in_the_roster_are_unenrolled(world: World, instructor: Reader) -> None:
    world.enroll("sam", "staff", mode="honor")
    check = instructor.post(f"{COURSE}change/", who=["sam", "staff"], action="unenroll", mode="audit")
    assert "2 unenrolled" in words_of(instructor.get(check))
    instructor.apply(check, reason="term is over")
    assert seats() == {"sam": ("honor", False), "staff": ("honor", False)}
    assert not OutgoingMail.objects.exists()


def test_one_mode_is_changed(world: World, instructor: Reader) -> None:
    world.enroll("sam")
    check = instructor.post(f"{COURSE}change/", who="sam", action="enroll", mode="verified")
    words = words_of(instructor.get(check))
    assert "1 in another mode" in words and "enrolled (audit) → becomes enrolled (verified)" in words
    instructor.apply(check, reason="paid")
    assert seats() == {"sam": ("verified", True)}


def test_a_choice_of_nobody_is_told(world: World, instructor: Reader) -> None:
    assert instructor.post(f"{COURSE}change/", action="unenroll") == COURSE.replace("+", "%2B").replace("%2B", "+")
    assert "Enter at least one" in words_of(instructor.get(COURSE))


def test_a_file_says_more_than_the_form_and_refused_rows_come_back_as_a_file(world: World, instructor: Reader) -> None:
    world.enroll("elsewhere")
    text = (
        "email,mode,auto_enroll,reason,action\r\n"
        "sam@example.org,verified,,transfer,\r\n"
        "'=nobody,,,,\r\n"
        "elsewhere,,,,unenroll\r\n"
        "staff,gold,,,\r\n"
        "new@example.org,,false,,\r\n"
    )
    check = instructor.post(ENROLL, file=file(text), action="enroll", mode="honor", auto_enroll="on")
    words = words_of(instructor.get(check))
    assert (
        "1 enrolled 1 invited 1 unenrolled 1 rejected 1 rejected: unknown username" in words and "people.csv" in words
    )
    assert "5 staff rejected This course run doesn't have this mode. It has: audit, honor, verified." in words
    instructor.apply(check, reason="start of term")
    assert seats() == {"sam": ("verified", True), "elsewhere": ("audit", False)}
    assert not PreEnrollment.objects.get().auto_enroll
    reasons = changes().filter(source="console").values_list("reason", flat=True)
    assert sorted(filter(None, reasons)) == ["start of term", "start of term", "transfer"]

    refused = b"".join(instructor.http.get(f"{check}refused.csv").streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(refused.decode())))
    assert [(r["identifier"] or r["email"], r["mode"]) for r in rows] == [("'=nobody", ""), ("staff", "gold")]
    mended = refused.decode().replace("gold", "honor").encode()
    again = instructor.post(ENROLL, file=SimpleUploadedFile("refused.csv", mended), action="enroll")
    assert "1 enrolled 1 rejected: unknown username" in words_of(instructor.get(again))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"who": " , "}, "Enter at least one"),
        ({"who": "sam", "file": "email\nsam@example.org\n"}, "either a list or a file"),
        ({"file": "name,phone\nSam,1\n"}, "The file can't be read"),
        ({"file": 'email\n"sam@example.org\n'}, "The file can't be read"),
        ({"file": "email\n" + "a@example.org\n" * 3 + ",\n" + "x" * 20_000 + "\n"}, "The file can't be read"),
        ({"who": "sam", "mode": "gold"}, "have this mode"),
        ({"who": "sam", "action": "expel"}, "must be enroll or unenroll"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_stored(
    world: World, instructor: Reader, fields: dict[str, str], told: str
) -> None:
    sent: dict[str, Any] = {"action": "enroll", **fields}
    if "file" in sent:
        sent["file"] = file(sent["file"])
    page = instructor.post(ENROLL, 400, **sent)
    assert told in words_of(page)
    assert fields.get("who", "").strip() in page
    assert not Job.objects.exists()


def test_a_list_that_is_too_long_is_told(world: World, instructor: Reader, settings: Any) -> None:
    limit = settings.ENVIRONMENT.identifier_limit
    page = instructor.post(ENROLL, 400, who=" ".join(f"p{n}" for n in range(limit + 1)), action="enroll")
    assert "Send it as a file" in words_of(page)


def test_many_rows_are_the_workers_and_show_progress(
    world: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 2)
    world.enroll("elsewhere")
    check = instructor.post(ENROLL, who="sam staff nobody elsewhere new@example.org", action="enroll")
    job_id = check.split("/")[2]
    page = instructor.get(check)
    assert "0 of 5 rows" in words_of(page) and f'hx-get="/plans/{job_id}/progress/"' in page
    assert instructor.apply(check, reason="too early") == check
    assert "still being prepared" in instructor.get(check)

    def job() -> Any:
        return find_job(job_id)  # type: ignore[arg-type]

    assert carry_out(job())
    answer = instructor.http.get(f"{check}progress/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    done = instructor.apply(check, reason="many")
    assert not CourseEnrollment.objects.filter(account=world.learner).exists()
    job_id = done.split("/")[2]
    assert carry_out(job())
    assert (job().state, job().counts) == ("completed", {"allowed": 1, "enrolled": 2, "unchanged": 1})
    assert set(seats()) == {"sam", "staff", "elsewhere"}


def test_a_job_is_canceled_and_what_it_wrote_stays(
    world: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 1)
    check = instructor.post(ENROLL, who="sam staff", action="enroll")
    carry_out(find_job(check.split("/")[2]))  # type: ignore[arg-type]
    done = instructor.apply(check, reason="x")
    job = find_job(done.split("/")[2])  # type: ignore[arg-type]
    assert job is not None and run_chunk(job)
    instructor.post(f"{done}cancel/")
    assert not run_chunk(job)
    words = words_of(instructor.get(done))
    assert "canceled" in words and "1 enrolled" in words
    assert set(seats()) == {"sam"}
    instructor.post(f"{done}cancel/")
    assert "has already ended" in words_of(instructor.get(done))


def test_jobs_are_their_owners_and_of_those_who_may_see_all(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam", action="enroll")
    job = f"/jobs/{check.split('/')[2]}/"
    Reader(world.staff).get(job, 403)
    Reader(world.staff).post(f"{job}cancel/", 403)
    assert "Roster change (review)" not in Reader(world.staff).get("/jobs/?of=all")
    Account.objects.filter(pk=world.staff.pk).update(is_superuser=True)
    Reader(world.staff).get(check)
    assert "Roster change (review)" in Reader(world.staff).get("/jobs/?of=all")
    assert "Roster change (review)" not in Reader(world.staff).get("/jobs/")
    assert "Roster change (review)" in instructor.get("/jobs/?state=completed&page=1")
    assert "Roster change (review)" not in instructor.get("/jobs/?state=failed")


def test_counts_lead_to_their_rows(world: World, instructor: Reader) -> None:
    check = instructor.post(ENROLL, who="sam staff nobody", action="enroll")
    assert [row.who for row in instructor.http.get(f"{check}?outcome=add").context["rows"]] == ["sam", "staff"]
    assert [row.who for row in instructor.http.get(f"{check}?outcome=refused").context["rows"]] == ["nobody"]


def test_rows_have_pages(world: World, instructor: Reader, monkeypatch: Any) -> None:
    monkeypatch.setattr(values, "CHUNK", 7)
    names = [f"n{number}" for number in range(60)]
    check = instructor.post(ENROLL, who=" ".join(["sam", *names, "staff"]), action="enroll")
    carry_out(find_job(check.split("/")[2]))  # type: ignore[arg-type]
    pages = [instructor.http.get(f"{check}?page={page}").context["rows"] for page in (1, 2, 3)]
    assert [[row.who for row in rows] for rows in pages[:2]] == [["sam", *names[:49]], [*names[49:], "staff"]]
    assert pages[2] == []
    rejected = instructor.http.get(f"{check}?outcome=refused&page=2").context["rows"]
    assert [row.who for row in rejected] == names[50:]


def test_home_shows_what_runs_and_how_things_ended(world: World, instructor: Reader, monkeypatch: Any) -> None:
    answer = instructor.http.get("/")
    assert "Introduction to Programming" in words_of(text_of(answer))
    check = instructor.post(ENROLL, who="sam nobody", action="enroll")
    instructor.apply(check, reason="x")
    words = words_of(instructor.get("/"))
    assert "Roster change completed" in words
    monkeypatch.setattr(values, "CHUNK", 1)
    check = instructor.post(ENROLL, who="staff elsewhere", action="enroll")
    carry_out(find_job(check.split("/")[2]))  # type: ignore[arg-type]
    instructor.apply(check, reason="x")
    assert "Running now" in words_of(instructor.get("/"))


def test_the_search_finds_only_what_the_reader_may_see(world: World, instructor: Reader) -> None:
    world.enroll("sam")
    assert "sam@example.org" in words_of(instructor.get("/search/?q=sam"))
    assert "Introduction to Programming" in words_of(instructor.get("/search/?q=intro"))
    elsewhere = Reader(world.elsewhere)
    for q in ("sam", "intro", "s%"):
        words = words_of(elsewhere.get(f"/search/?q={q}"))
        assert "sam@example.org" not in words and "Introduction" not in words


def test_words_beside_addresses_are_shown_for_what_they_were_taken_before_anything_is_written(
    world: World, instructor: Reader
) -> None:
    make_account("ada", first_name="Ada", last_name="King")
    seen = CourseEnrollment.objects.count()
    page = instructor.post(f"{COURSE}enroll/", action="enroll", who="Ada Lovelace, sam@example.org", auto_enroll="on")
    rows = instructor.http.get(page).context["rows"]
    assert [(row.who, row.taken_for, row.row.effect.value) for row in rows] == [
        ("Ada", "username", "add"),
        ("Lovelace", "", "refused"),
        ("sam@example.org", "email address", "add"),
    ]
    assert "username: Ada King · ada@example.org" in words_of(instructor.get(page))
    assert CourseEnrollment.objects.count() == seen
