"""Every link that a reader is shown leads somewhere that the reader may see, and nowhere stands what they may not."""

import html
import re
from collections import deque
from collections.abc import Iterable
from urllib.parse import quote, urldefrag, urljoin

import pytest
from django.http import StreamingHttpResponse
from django.test import Client as HttpClient

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import get_job
from matricula.jobs.statuses import LIST_PROGRAM_ENROLLMENTS
from matricula.journal.writes import new_operation
from matricula.models import Account, Course, Program
from matricula.worker.tasks import carry_out
from tests.batches import apply_check, start_roster_check
from tests.conftest import OTHER_KEY, World, make_account
from tests.university import ABROAD, OWN, University, facts, make_university

# each stands in people, student keys, jobs and reasons of one course or program, and in titles of what few may see
COURSE, OTHER, PROGRAM, FOREIGN = "Zebra", "Quokka", "Walrus", "Narwhal"
SEES = {
    "nobody": set(),
    "learner": set(),
    "elsewhere": {OTHER},
    "staff": {COURSE},
    "instructor": {COURSE},
    "read_metadata": {PROGRAM},
    "read_reports": {PROGRAM},
    "read_enrollments": {PROGRAM},
    "read_write_enrollments": {PROGRAM},
    # a job shows the rows that it was given
    "read_all_jobs": {COURSE, OTHER, PROGRAM, FOREIGN},
    "global staff": {COURSE, OTHER},
    "superuser": {COURSE, OTHER, PROGRAM, FOREIGN},
}
STARTS = (
    "/",
    "/my/",
    "/my/history/",
    "/jobs/",
    "/jobs/?of=all",
    "/search/?q=marked",
    "/search/?q=a",
    "/login/",
    "/no-such-page/",
)
# Django's own pages have tests of their own; files of the browser are no pages
BEYOND = ("/admin/", "/static/", "/api-docs/")
_LINK = re.compile(r"""\b(?:href|hx-get)="([^"]*)\"""")


def enroll_marked(world: World, instructor: Account, mark: str, course: object) -> None:
    """A person of the course, and a job with an address and a reason in it."""
    name = mark.lower()
    make_account(f"{name}-person", first_name="Marked", last_name=mark)
    who = (f"{name}-person", f"{name}@marked.example", f"{name}-unknown")
    check = start_roster_check(course, *who, auto_enroll=True, actor_id=instructor.pk)  # type: ignore[arg-type]
    apply_check(get_job(check), source="console", reason=f"Marked {mark}")


@pytest.fixture
def university(world: World) -> University:
    university = make_university(world)
    enroll_marked(world, world.instructor, COURSE, world.course)
    enroll_marked(world, world.elsewhere, OTHER, world.other)
    Course.objects.filter(key=OTHER_KEY).update(title=f"Marked {OTHER}")
    for key, mark in ((OWN, PROGRAM), (ABROAD, FOREIGN)):
        Program.objects.filter(key=key).update(title=f"Marked {mark}")
        operation = new_operation(university.root.pk, "api", f"Marked {mark}")
        write_program_enrollments(operation, facts(key), Verb.CREATE, [ProgramRequest(f"{mark}-1", "enrolled")])
        download = start_download(
            LIST_PROGRAM_ENROLLMENTS, actor_id=university.root.pk, source="api", program_id=facts(key).id, form="csv"
        )
        carry_out(get_job(download))
    return university


def reader(name: str, university: University) -> HttpClient:
    world, http = university.world, HttpClient()
    known = {"learner": world.learner, "elsewhere": world.elsewhere, "staff": world.staff}
    known |= {"instructor": world.instructor, "global staff": world.admin, "superuser": university.root}
    if name != "nobody":
        http.force_login(known[name] if name in known else university.holder(name))
    return http


def visit(http: HttpClient, address: str) -> tuple[int, str]:
    """The status, and the text; of a file too."""
    answer = http.get(address)
    content = b"".join(answer) if isinstance(answer, StreamingHttpResponse) else answer.content  # type: ignore[arg-type]
    if answer.status_code in {301, 302}:
        return answer.status_code, answer["Location"]
    return answer.status_code, content.decode()


def walk(http: HttpClient, starts: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Every page that links lead to, by address."""
    pages: dict[str, tuple[int, str]] = {}
    waiting = deque(starts)
    while waiting:
        address = waiting.popleft()
        if address in pages or not address.startswith("/") or address.startswith(BEYOND):
            continue
        # the other forms of a list have the rows of its CSV (test_downloads)
        if address.endswith(("download=excel", "download=xlsx")):
            continue
        pages[address] = visit(http, address)
        status, text = pages[address]
        found = [text] if status in {301, 302} else [html.unescape(link) for link in _LINK.findall(text)]
        here = (urldefrag(urljoin(f"http://testserver{address}", link))[0] for link in found)
        waiting.extend(link.removeprefix("http://testserver") for link in here)
    return pages


def foreign_marks(text: str, name: str) -> set[str]:
    return {mark for mark in SEES["superuser"] - SEES[name] if mark.lower() in text.lower()}


@pytest.mark.parametrize("name", SEES)
def test_links_lead_where_the_reader_may_go(name: str, university: University) -> None:
    pages = walk(reader(name, university), STARTS)
    wrong = {a: status for a, (status, _) in pages.items() if status not in {200, 302} and a != "/no-such-page/"}
    assert wrong == {}
    assert pages["/no-such-page/"][0] == 404
    assert {a: marks for a, (_, text) in pages.items() if (marks := foreign_marks(text, name))} == {}
    # the marks that the reader may see are met: the walk has come to them
    assert {mark for mark in SEES[name] if any(mark in text for _, text in pages.values())} == SEES[name]


def test_addresses_known_to_others_tell_nothing(university: University) -> None:
    # who may see a page may see all of its filters and tabs: one address of each path, and one of its file
    walked = walk(reader("superuser", university), STARTS)
    known = {(address.split("?")[0], "download=" in address): address for address in walked}.values()
    assert len(known) > 50
    others = SEES.keys() - {"superuser"}
    assert len(others) == len(SEES) - 1 > 4
    for name in others:
        http = reader(name, university)
        for address in known:
            # a signed link is its own permission
            if address.startswith("/api/files/"):
                continue
            status, text = visit(http, address)
            assert status in {200, 286, 302, 401, 403, 404}, (name, address, status)
            # the way back from the login repeats the address
            told = text.replace(address, "").replace(quote(address), "")
            assert not foreign_marks(told, name), (name, address)
