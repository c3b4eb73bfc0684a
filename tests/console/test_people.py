"""People: finding them in any spelling, and one page for each of them, as far as the reader may see."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    Course,
    CourseEnrollment,
    CourseRole,
    FeatureGrant,
    Grade,
    PreEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from tests.conftest import KEY, make_account
from tests.console.conftest import COURSE, Reader, words_of
from tests.university import ABROAD, OWN, University, facts, grant

STUDENT_KEY = "Key-0042"


@pytest.fixture
def ines(university: University) -> Account:
    """A learner of the course, who is also a student of the program."""
    account = make_account("iigomez", first_name="Inés", last_name="Ibarra Gómez", email="Ines.Ibarra@example.org")
    operation = new_operation(university.root.pk, "console", "came in October")
    link_student_keys(operation, facts().organization_id, [(STUDENT_KEY, account.pk)])
    write_program_enrollments(operation, facts(), Verb.CREATE, [ProgramRequest(STUDENT_KEY, "enrolled")])
    seats = [ProgramCourseRequest(university.course.pk, STUDENT_KEY, "active")]
    write_program_course_enrollments(operation, facts(), Verb.CREATE, seats)
    return account


def titles(reader: Reader, q: str) -> list[str]:
    return [person.title for person, _ in reader.http.get("/search/", {"q": q}).context["people"]]


@pytest.mark.parametrize(
    "q",
    [
        "ines ibarra",
        "ibarra gomez",
        "Gómez Inés",
        "gómez, inés",
        "IBARRA",
        "gom ib",
        "i g",
        "iigomez",
        "IIGOMEZ",
        "ines.ibarra@example.org",
        "INES.IBARRA@",
        "key-0042",
        "KEY-00",
    ],
)
def test_someone_is_found_by_what_is_known_of_them(q: str, university: University, ines: Account) -> None:
    assert titles(Reader(university.root), q) == ["Inés Ibarra Gómez"]


@pytest.mark.parametrize(
    "q", ["ines smith", "barra", "%", "_", "ines \\", "'", "ines' | '", "0042", "&", "!", "ines:*"]
)
def test_others_are_not_found(q: str, university: University, ines: Account) -> None:
    assert titles(Reader(university.root), q) == []


@pytest.mark.parametrize(
    ("first", "last", "q"),
    [
        ("李", "伟", "伟李"),
        ("伟", "李", "李"),
        ("Ольга", "Морозова", "морозова ольга"),
        ("Jürgen", "Weiß", "weiss jurgen"),
        ("Åse", "Sørby", "sorby"),
        ("D'Andre", "O’Brien", "brien"),
        ("Ana", "Smith-Jones", "jones ana"),
        ("Łukasz", "Żak", "zak lukasz"),
    ],
)
def test_names_of_all_scripts_are_found(first: str, last: str, q: str, university: University) -> None:
    make_account("someone", first_name=first, last_name=last)
    assert titles(Reader(university.root), q) == [f"{first} {last}"]


def test_names_too_long_for_an_index_are_no_error(university: University) -> None:
    make_account("long", first_name="é" * 3_000, last_name="x" * 3_000)
    assert len(titles(Reader(university.root), "é" * 90)) == 1


def test_things_are_found_by_key_and_title(university: University) -> None:
    root = Reader(university.root)
    for q in ("cs101 north", KEY, "programming INTRO"):
        assert [course.key for course in root.http.get("/search/", {"q": q}).context["courses"]] == [KEY], q
    for q in (OWN, "science computer"):
        assert [program.key for program in root.http.get("/search/", {"q": q}).context["programs"]] == [OWN], q


def test_accounts_that_were_merged_lead_to_the_one_that_was_kept(university: University) -> None:
    university.world.enroll("sam")
    kept, other = Account.objects.get(username="sam"), make_account("samuel", first_name="Samuel")
    Account.objects.filter(pk=other.pk).update(merged_into=kept.pk)
    root = Reader(university.root)
    assert "samuel was merged into this account" in words_of(root.get("/search/?q=samuel"))
    answer = root.http.get(f"/people/{other.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{kept.pk}/")
    assert "The account samuel was merged into this one." in words_of(root.get(f"/people/{kept.pk}/"))
    # who doesn't see the one sees nothing of the other
    assert Reader(university.world.elsewhere).http.get(f"/people/{other.pk}/").status_code == 404


def test_suggestions_are_links_and_without_htmx_a_page(university: University, ines: Account) -> None:
    root = Reader(university.root)
    part = root.part("/search/suggestions/?q=gomez")
    assert 'role="option"' in part and f'href="/people/{ines.pk}/"' in part and "<html" not in part
    assert 'role="option"' not in root.part("/search/suggestions/?q=g")
    assert root.http.get("/search/suggestions/?q=ib+g")["Location"] == "/search/?q=ib+g"
    assert root.http.get("/search/suggestions/")["Location"] == "/people/"


# reader → what they see of the learner, who is in the course run and, under a key, in the program
SEEN: dict[str, set[str]] = {
    "operator": {"found", "name", "key", "seat", "program", "roles", "account"},
    "global staff": {"found", "name", "seat"},
    "instructor": {"found", "name", "seat"},
    "reads the program": {"key alone"},
    "reads the program, with names": {"found", "name", "key", "program"},
    "instructor who reads the program": {"found", "name", "seat", "key alone"},
    "instructor who reads the program, with names": {"found", "name", "seat", "key", "program"},
    "reads another program": set(),
    "reads metadata": set(),
    "learner": set(),
}


def reader_of(university: University, who: str) -> Reader:
    world = university.world
    known = {"operator": university.root, "global staff": world.admin, "instructor": world.instructor}
    if who in known:
        return Reader(known[who])
    role = {"reads another program": "read_enrollments", "reads metadata": "read_metadata"}.get(who)
    if who == "learner":
        return Reader(world.learner)
    if who == "reads another program":
        account = make_account("abroad")
        grant("read_enrollments", account, on="program", program=university.abroad)
        return Reader(account)
    account = university.holder(role or "read_enrollments")
    if who.startswith("instructor"):
        CourseRole.objects.create(account=account, course=university.course, role="instructor")
    if who.endswith("with names"):
        FeatureGrant.objects.create(feature="names_in_downloads", account=account)
    return Reader(account)


@pytest.mark.parametrize("who", SEEN)
def test_who_sees_what_of_a_person(who: str, university: University, ines: Account) -> None:
    reader = reader_of(university, who)
    row = ProgramEnrollment.objects.get(student_key=STUDENT_KEY)
    seen: set[str] = set()
    if titles(reader, "gomez ines"):
        seen.add("found")
    by_key = reader.http.get("/search/", {"q": STUDENT_KEY})
    if [person.title for person, _ in by_key.context["people"]] == [STUDENT_KEY]:
        seen.add("key alone")
        page = reader.get(f"/people/students/{row.pk}/")
        assert (
            STUDENT_KEY in page and "Ibarra" not in page and "iigomez" not in page and f"/people/{ines.pk}/" not in page
        )
    answer = reader.http.get(f"/people/{ines.pk}/")
    assert answer.status_code == (200 if "found" in seen else 404)
    if answer.status_code == 200:
        page, person = answer.content.decode(), answer.context["person"]
        marks: dict[str, Any] = {
            "name": "Ibarra" in page,
            "key": STUDENT_KEY in page,
            "seat": person.seats,
            "program": person.programs,
            "roles": "Open permissions" in page,
            "account": "registered" in page or "account created" in page,
        }
        seen |= {name for name, is_there in marks.items() if is_there}
    assert seen == SEEN[who]


def test_the_page_has_all_of_a_person(university: University, ines: Account) -> None:
    university.world.enroll("iigomez", mode="verified")
    Grade.objects.create(course=university.course, account=ines, percent=0.875, letter_grade="B", passed=True)
    words = words_of(Reader(university.root).get(f"/people/{ines.pk}/"))
    shown = ("Computer Science", STUDENT_KEY, "Introduction to Programming (2027_T1)", "verified", "B 87.5 %", "passed")
    for text in (*shown, "came in October", "Ines.Ibarra@example.org", "North"):
        assert text in words, text


def test_an_invited_address_has_a_page_until_it_has_an_account(university: University) -> None:
    world = university.world
    world.enroll("new.one@example.org", reason="asked by mail")
    row, instructor = PreEnrollment.objects.get(), Reader(world.instructor)
    assert titles(instructor, "NEW.one") == ["new.one@example.org"]
    words = words_of(instructor.get(f"/people/invitations/{row.pk}/"))
    assert "new.one@example.org" in words and "asked by mail" in words
    Reader(world.elsewhere).get(f"/people/invitations/{row.pk}/", 404)


def test_someone_is_enrolled_from_their_page_by_a_plan(university: University, ines: Account) -> None:
    instructor = Reader(university.world.instructor)
    university.world.enroll("sam")
    sam = Account.objects.get(username="sam")
    plan = instructor.post(f"/people/{sam.pk}/enroll/", course=KEY)
    assert plan.startswith("/plans/")
    # a course run of others
    assert instructor.post(f"/people/{sam.pk}/enroll/", course="x") == f"/people/{sam.pk}/"


def test_a_form_that_names_others_enrolls_the_person_of_the_page(university: University, ines: Account) -> None:
    university.world.enroll("sam")
    sam, instructor = Account.objects.get(username="sam"), Reader(university.world.instructor)
    plan = instructor.post(
        f"/people/{sam.pk}/enroll/", who="iigomez", action="unenroll", all="yes", mode="verified", course=KEY
    )
    [shown] = instructor.http.get(plan).context["rows"]
    assert (shown.who, shown.row.effect.value) == ("sam", "unchanged")


def test_the_whole_history_has_what_happened_under_each_key(university: University, ines: Account) -> None:
    own, abroad = facts().organization_id, facts(ABROAD).organization_id
    link_student_keys(new_operation(None, "api"), own, [(STUDENT_KEY, None)])
    # in the time in which no one had the key
    suspended = [ProgramRequest(STUDENT_KEY, "suspended")]
    write_program_enrollments(new_operation(None, "api", "was away"), facts(), Verb.UPDATE, suspended)
    link_student_keys(new_operation(None, "api"), own, [(STUDENT_KEY, ines.pk)])
    # another program, which is first among those of the account
    link_student_keys(new_operation(None, "api"), abroad, [("A-1", ines.pk)])
    enrolled = [ProgramRequest("A-1", "enrolled")]
    write_program_enrollments(new_operation(None, "api"), facts(ABROAD), Verb.CREATE, enrolled)
    root = Reader(university.root)
    for page in (root.get(f"/people/{ines.pk}/"), root.get(f"/people/{ines.pk}/history/")):
        assert "was away" in page


def seen_of(page: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', page)[1]  # type: ignore[index]


WHY = "asked for by the faculty"


def test_a_key_is_linked_and_unlinked_on_the_page_of_the_account(university: University, ines: Account) -> None:
    registrar = university.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=registrar)
    reader, address = Reader(registrar), f"/people/{ines.pk}/"
    assert "Unlink…" in reader.get(address)
    key = {"program": OWN, "student_key": STUDENT_KEY.upper()}
    page = reader.post(f"{address}link/", 200, unlink="yes", **key)
    confirmed = {"unlink": "yes", "confirmed": "yes", "seen": seen_of(page), **key}
    assert "Enter a reason" in reader.post(f"{address}link/", 400, **confirmed)
    assert reader.post(f"{address}link/", reason=WHY, **confirmed) == address
    assert not StudentIdentity.objects.exists()
    # sent again: it isn't this account's any more
    assert reader.post(f"{address}link/", reason=WHY, **confirmed) == address
    page = reader.get(address)
    assert "The student key was unlinked." in page and "does not belong to this account any more" in page
    # whom it is linked to is said by the address
    page = reader.post(f"{address}link/", 200, who="sam", **key)
    assert "iigomez" in page
    back = reader.post(f"{address}link/", who="sam", confirmed="yes", seen=seen_of(page), reason=WHY, **key)
    assert back == address and StudentIdentity.objects.get().account == ines
    page = reader.get(address)
    assert "The student key was linked to the account." in page and "Undo…" in page


def test_a_key_of_no_one_is_linked_on_its_own_page(university: University, ines: Account) -> None:
    registrar = university.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=registrar)
    sam = make_account("samuel")
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, [ProgramRequest("K-7", "enrolled")])
    reader, row = Reader(registrar), ProgramEnrollment.objects.get(student_key="K-7")
    address = f"/people/students/{row.pk}/"
    assert "Link an account…" in reader.get(address)
    assert "There is no account" in reader.post(f"{address}link/", 400, who="nobody-there")
    page = reader.post(f"{address}link/", 200, who="samuel@example.org")
    fields = {"who": "samuel@example.org", "confirmed": "yes", "seen": seen_of(page)}
    assert reader.post(f"{address}link/", reason=WHY, **fields) == address
    # now it is someone's: the page is theirs
    assert reader.http.get(address)["Location"] == f"/people/{sam.pk}/"
    assert "The student key was linked to the account." in reader.get(f"/people/{sam.pk}/")


def test_keys_are_linked_where_the_reader_may_write_and_knows_names(university: University, ines: Account) -> None:
    row, address = ProgramEnrollment.objects.get(), f"/people/{ines.pk}/"
    key = {"program": OWN, "student_key": STUDENT_KEY, "unlink": "yes"}
    reads = reader_of(university, "reads the program, with names")
    assert "Unlink…" not in reads.get(address)
    assert reads.post(f"{address}link/", **key) == address
    assert "Choose one of the programs" in reads.get(address)
    reads.post(f"/people/students/{row.pk}/link/", 404, unlink="yes")
    writes = Reader(university.writer())
    writes.post(f"{address}link/", 404, **key)
    assert "you need access to the names" in words_of(writes.get(f"/people/students/{row.pk}/"))
    assert "Unlink the account" in writes.post(f"/people/students/{row.pk}/link/", 200, unlink="yes")
    assert StudentIdentity.objects.exists()


def test_whom_the_reader_looked_at_is_listed_while_they_may(university: University, ines: Account) -> None:
    instructor = Reader(university.world.instructor)
    instructor.get(f"/people/{ines.pk}/")
    assert "Ibarra" in instructor.get("/people/")
    CourseRole.objects.filter(account_id=instructor.account_id).delete()
    assert "Ibarra" not in instructor.get("/people/")


def test_the_statements_do_not_grow_with_what_there_is(university: University, ines: Account) -> None:
    root = Reader(university.root)
    path = f"/people/{ines.pk}/"
    root.get(path)
    with CaptureQueriesContext(connection) as few:
        root.get(path)
    for n in range(4):
        course = Course.objects.create(
            key=f"course-v1:North+M{n}+1", organization=university.course.organization, title=f"M{n}", modes=["audit"]
        )
        CourseRole.objects.create(account=ines, course=course, role="staff")
        CourseEnrollment.objects.create(
            course=course,
            account=ines,
            username_key="iigomez",
            mode="audit",
            is_active=True,
            created="2026-01-01T00:00Z",
        )
    link_student_keys(new_operation(None, "api"), facts(ABROAD).organization_id, [("A-1", ines.pk)])
    write_program_enrollments(
        new_operation(None, "api"), facts(ABROAD), Verb.CREATE, [ProgramRequest("A-1", "enrolled")]
    )
    with CaptureQueriesContext(connection) as many:
        page = root.get(path)
    assert "M3 (1)" in page and "A-1" in page
    assert len(many) == len(few)


def test_an_act_is_one_line_that_unfolds(university: University, ines: Account) -> None:
    acts = Reader(university.root).http.get(f"/people/{ines.pk}/").context["acts"].acts
    [act] = [one for one in acts if one.act.latest.reason == "came in October"]
    assert act.is_of_one and {entry.subject.value for entry in act.act.entries} >= {
        "program_enrollment", "program_course_enrollment", "course_enrollment", "student_key",
    }  # fmt: skip


def test_rows_lead_to_the_people_whom_the_reader_may_see(university: University, ines: Account) -> None:
    world, page = university.world, f"/people/{ines.pk}/"
    world.enroll("invited@example.org")
    row, invitation = ProgramEnrollment.objects.get(), PreEnrollment.objects.get()
    named = reader_of(university, "reads the program, with names")
    assert f'href="{page}"' in named.get(f"/programs/{OWN}/")
    assert f'href="{page}"' in named.get(f"/programs/{OWN}/history/")
    unnamed = Reader(university.holder("read_write_enrollments"))
    for path in (f"/programs/{OWN}/", f"/programs/{OWN}/history/"):
        shown = unnamed.get(path)
        assert page not in shown and f"/students/{row.pk}/" in shown
        # no key in an address
        assert f"={STUDENT_KEY}" not in shown
    instructor = Reader(world.instructor)
    assert f'href="{page}"' in instructor.get(COURSE)
    assert f'href="/people/invitations/{invitation.pk}/"' in instructor.get(f"{COURSE}?state=invited")


def test_rows_of_a_plan_lead_to_those_whom_the_reader_sees(university: University, ines: Account) -> None:
    make_account("stranger")
    instructor = Reader(university.world.instructor)
    rows = instructor.http.get(
        instructor.post(f"{COURSE}enroll/", action="enroll", who="iigomez stranger", auto_enroll="on")
    ).context["rows"]
    assert {row.who: row.address for row in rows} == {"iigomez": f"/people/{ines.pk}/", "stranger": ""}
