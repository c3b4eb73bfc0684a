"""The page that answers why: about people of a course run, students of a program, and those who are neither."""

import pytest

from matricula.jobs.reads import get_job
from matricula.models import Account, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task, start_roster_check
from tests.conftest import KEY, OTHER_KEY, World, make_account
from tests.console.conftest import COURSE, Reader, words_of
from tests.domain.program_jobs import enroll
from tests.university import OWN, University

WHY = f"{COURSE}why/"


def test_someone_who_is_there(world: World, instructor: Reader) -> None:
    world.enroll("sam", mode="verified", reason="paid")
    own = f"{COURSE}people/{world.learner.pk}/why/"
    assert own in instructor.get(COURSE) and own in instructor.get(f"{COURSE}people/{world.learner.pk}/")
    page = instructor.get(own)
    words = words_of(page)
    assert "Sam Learner has been enrolled as verified since " in words and "(reason: “paid”)" in words
    assert "check that they log in with this account" in words and 'class="decisive"' in page
    # whoever is known is asked about by id: no name is in an address
    for given in ("sam", " SAM@example.org\u200b"):
        assert instructor.post(WHY, person=given) == own


@pytest.mark.parametrize(
    ("given", "sentence", "button"),
    [
        ("new@example.org", "will be enrolled when there is an account", "Invite again…"),
        ("nobody@example.org", "No account has the email address nobody@example.org", "Invite…"),
        ("nobody", "No account has the username “nobody”", ""),
        ("elsewhere", "elsewhere has an account, but was never enrolled", "Enroll…"),
        ("gone", "gone was never enrolled: the request of", "Open the operation"),
        ("late@example.org", "would change that, but it hasn't been applied", "Open the plan"),
    ],
)
def test_others(world: World, instructor: Reader, given: str, sentence: str, button: str) -> None:
    world.enroll("new@example.org", auto_enroll=True)
    carry_out(get_job(start_enrollment_task(world.course, ["gone"], actor_id=world.instructor.pk)))
    start_roster_check(world.course, "late@example.org", actor_id=world.instructor.pk)
    assert f'formaction="{WHY}"' in instructor.get(f"{COURSE}?state=invited")
    page = instructor.post(WHY, 200, person=given)
    words = words_of(page)
    assert sentence in words and button in words
    # what isn't this course run's stays unknown
    assert "elsewhere@example.org" not in page


def test_an_empty_search_leads_there(world: World, instructor: Reader) -> None:
    page = instructor.get(f"{COURSE}?q=nobody%40example.org")
    assert f'action="{WHY}"' in page and 'name="person" value="nobody@example.org"' in page
    page = instructor.get("/search/?q=nobody")
    assert 'action="/why/"' in page and f'<option value="{KEY}">' in page
    words = words_of(instructor.post("/why/", 200, about=KEY, person="nobody"))
    assert "No account has the username “nobody”" in words
    assert "There is no course or program with this key." in instructor.post("/why/", 400, about="x", person="sam")
    assert "Enter a username" in instructor.post(WHY, 400, person=" ")
    assert "Choose a course" in instructor.post("/why/", 400, person="sam")
    instructor.post("/why/", 403, about=OTHER_KEY, person="sam")


def test_strangers_are_not_found_by_their_number(world: World, instructor: Reader) -> None:
    stranger = make_account("stranger", first_name="Known", last_name="Nowhere")
    instructor.get(f"{COURSE}people/{stranger.pk}/why/", 404)
    page = instructor.post(WHY, 200, person="stranger")
    assert "Nowhere" not in page and "stranger@example.org" not in page
    page = Reader(world.admin).get(f"{COURSE}people/{stranger.pk}/why/")
    assert "Known Nowhere" in page and f'href="{COURSE}people/{stranger.pk}/"' not in page


def test_students(university: University) -> None:
    enroll("S-1")
    reader = Reader(university.writer())
    row = ProgramEnrollment.objects.get()
    own = f"/programs/{OWN}/students/{row.pk}/why/"
    assert own in reader.get(f"/programs/{OWN}/") and own in reader.get(f"/programs/{OWN}/students/{row.pk}/")
    words = words_of(reader.get(own))
    assert "S-1 has had the status “enrolled” in this program since" in words and "waiting for an account" in words
    assert reader.post(f"/programs/{OWN}/why/", student_key="s-1") == own
    page = reader.get(f"/programs/{OWN}/?q=S-9")
    assert f'action="/programs/{OWN}/why/"' in page
    words = words_of(reader.post(f"/programs/{OWN}/why/", 200, student_key="S-9"))
    assert "No student with the key “S-9” was ever in this program." in words and "Upload students" in words
    assert "S-9" in words_of(reader.post("/why/", 200, about=OWN, person="S-9"))


def test_in_spanish(world: World) -> None:
    Account.objects.filter(pk=world.instructor.pk).update(language="es")
    world.enroll("sam", mode="audit")
    page = words_of(Reader(world.instructor).get(f"{COURSE}people/{world.learner.pk}/why/"))
    assert "Sam Learner tiene una matrícula audit desde el" in page and "Qué hacer ahora" in page
