"""A real browser before a real server: the whole application on the test's own database."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client as HttpClient
from django.test import override_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from matricula.models import Account
from tests.browser.chromium import find_chromium, launch_arguments
from tests.conftest import World, make_account, make_world
from tests.university import University, make_university

CHROMIUM = find_chromium()
collect_ignore_glob = [] if CHROMIUM else ["test_[!c]*.py"]
BACKEND = "matricula.console.authentication.Backend"
PICTURES = Path(__file__).parent.parent.parent / "build" / "screenshots"
LEARNERS = 120
# busy machines are slow; nothing is measured here
expect.set_options(timeout=20_000)
# what htmx says of a request that newer typing has replaced; of one that failed, it says another word besides
REPLACED = ("htmx:afterRequest,", "htmx:sendAbort,")
_failed = pytest.StashKey[bool]()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Each request is not worth a line."""


@pytest.fixture(scope="package")
def site() -> Iterator[str]:
    """The address of the application, served by threads of this process."""
    # the one application of the tests that is asked for static files
    with override_settings(WHITENOISE_USE_FINDERS=True):
        application = get_wsgi_application()
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(application)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="package")
def browser(site: str) -> Iterator[Browser]:
    """One browser for this folder's tests; it ends with the last of them, for its event loop fills the thread."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright's loop runs in this thread, between its calls; Django takes that for a coroutine
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=launch_arguments())
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visit:
    """A reader at the browser. Whatever the browser complains of is kept, and fails the test at its end.

    ``refusals`` are the statuses that the test means to meet: the browser complains of each of them.
    """

    def __init__(self, browser: Browser, site: str, account: Account | None, language: str = "en", **how: Any) -> None:
        self.context = browser.new_context(base_url=site, locale=language, timezone_id="Europe/Madrid", **how)
        self.complaints: list[str] = []
        self.refusals: set[int] = set()
        if account is not None:
            self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session(account), "url": site}])
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda problem: self.complaints.append(str(problem.error)))
        self.page: Page = self.context.new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        meant = message.text.startswith(REPLACED) or any(
            f"responded with a status of {status}" in message.text for status in self.refusals
        )
        if message.type in {"error", "warning"} and not meant:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def open(self, address: str, status: int = 200) -> Page:
        """The page at an address; it must answer with ``status``."""
        if status >= 400:
            self.refusals.add(status)
        answer = self.page.goto(address)
        assert answer is not None and answer.status == status, (address, answer and answer.status)
        return self.page


def _session(account: Account) -> str:
    http = HttpClient()
    http.force_login(account, backend=BACKEND)
    return http.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A test that failed leaves a picture of what its reader saw."""
    report = yield
    visits: list[Visit] = getattr(item, "funcargs", {}).get("visits", [])
    if report.when == "call" and report.failed:
        for number, visit in enumerate(visits):
            picture = PICTURES / f"{item.name}-{number}.png".replace("/", "-")
            visit.page.screenshot(path=picture, full_page=True)
            report.sections.append(("picture of the page", f"{picture}\n{visit.page.url}"))
    return report


@pytest.fixture
def visits() -> list[Visit]:
    """The visits of the test."""
    return []


@pytest.fixture
def visit(browser: Browser, site: str, own_database: None, visits: list[Visit]) -> Iterator[Callable[..., Visit]]:
    """Opens the browser as somebody, or as nobody."""

    def start(account: Account | None, **how: Any) -> Visit:
        visits.append(Visit(browser, site, account, **how))
        return visits[-1]

    yield start
    complaints = [complaint for visit in visits for complaint in visit.complaints]
    for visit in visits:
        visit.context.close()
    assert complaints == []


@pytest.fixture
def world(own_database: None) -> World:
    """The people and courses of all tests, committed."""
    return make_world()


@pytest.fixture
def university(world: World) -> University:
    """The programs of all tests, committed."""
    return make_university(world)


@pytest.fixture
def crowd(world: World) -> World:
    """More learners than fit on a page: ``p000`` to ``p119``, every tenth of them verified."""
    from matricula.identity.accounts import save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest

    names = [f"p{n:03}" for n in range(LEARNERS)]
    people = [AccountRequest(username=n, email=f"{n}@example.org", first_name="Pat", last_name=n) for n in names]
    save_accounts(new_operation(None, "command"), people)
    world.enroll(*names[1::10], mode="verified")
    world.enroll(*[name for name in names if name not in names[1::10]], mode="audit")
    world.enroll("waiting@example.com", auto_enroll=True)
    return world


@pytest.fixture
def reader(visit: Callable[..., Visit], world: World) -> Visit:
    """The instructor at the browser."""
    return visit(world.instructor)


@pytest.fixture
def root(visit: Callable[..., Visit], world: World) -> Visit:
    """A superuser at the browser."""
    return visit(make_account("operator", is_superuser=True, is_staff=True))
