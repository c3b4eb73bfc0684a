"""Front ends on other origins, in a real browser: a trusted one acts for the person who is logged in, no other one."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Error

from matricula.models import CourseEnrollment
from matricula.settings import content_security_policy
from tests.browser.conftest import Visit
from tests.conftest import BASE, KEY, PASSWORD, World

LIST = f"{BASE}/{KEY}/enrollments"
# as front ends do it: who is logged in, a CSRF token for the site, then a change; each call but the second needs a
# preflight
_ACT = """
async ([site, list]) => {
    const ask = (path, how = {}) => fetch(site + path, {
        credentials: "include", ...how, headers: {"USE-JWT-COOKIE": "true", ...how.headers},
    });
    const refreshed = await ask("/login_refresh", {method: "POST"});
    const cookie = document.cookie.match(/edx-jwt-cookie-header-payload=([^;]*)/)[1];
    const shown = JSON.parse(atob(cookie.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    const token = (await (await fetch(site + "/csrf/api/v1/token", {credentials: "include"})).json()).csrfToken;
    const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
    const body = JSON.stringify({identifiers: ["sam"]});
    const enrolled = await ask(list, {method: "POST", headers, body});
    const unsafe = await ask(list, {method: "POST", headers: {"Content-Type": "application/json"}, body});
    const account = await (await ask("/api/user/v1/accounts/" + shown.preferred_username)).json();
    return {
        statuses: [refreshed.status, enrolled.status, unsafe.status],
        id: enrolled.headers.get("X-Request-Id"),
        epoch: (await refreshed.json()).response_epoch_seconds < shown.exp,
        names: [shown.preferred_username, account.username],
    };
}
"""
_TRY = """
async ([site, path, how]) => (await fetch(site + path, {credentials: "include", ...how})).status
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b'<!doctype html><title>Front end</title><link rel="icon" href="data:,"><p>Front end</p>')

    def log_message(self, format: str, *args: object) -> None:
        """Each request is not worth a line."""


@pytest.fixture
def front() -> Iterator[str]:
    """The origin of a tiny page on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_trusted_front_end_logs_in_and_acts(
    front: str, site: str, visit: Callable[..., Visit], world: World, settings: Any
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [front]
    settings.CSRF_TRUSTED_ORIGINS = [*settings.CSRF_TRUSTED_ORIGINS, front]
    settings.CONTENT_SECURITY_POLICY = content_security_policy([front])
    reader = visit(None)
    reader.refusals.add(403)
    page = reader.open(f"/login?next={front}/start")
    page.fill("[name=login]", "instructor")
    page.fill("[name=password]", PASSWORD)
    page.click("form button.primary")
    page.wait_for_url(f"{front}/start")
    seen = page.evaluate(_ACT, [site, LIST])
    assert seen["statuses"] == [200, 200, 403]
    assert seen["names"] == ["instructor", "instructor"]
    assert seen["id"] and seen["epoch"]
    assert CourseEnrollment.objects.filter(account=world.learner, is_active=True).count() == 1
    # logged out there, logged out here
    page.goto(f"{site}/logout")
    page.click("form button.primary")
    page.wait_for_url(f"{site}/")
    assert "edx-jwt-cookie-header-payload" not in {cookie["name"] for cookie in reader.context.cookies()}


def test_no_other_front_end_reads_or_changes_anything(
    front: str, site: str, visit: Callable[..., Visit], world: World, settings: Any
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["http://127.0.0.1:9"]
    reader = visit(world.instructor)
    page = reader.open(front)
    body = '{"identifiers": ["sam"]}'
    tries = [
        ("/csrf/api/v1/token", {}),
        (LIST, {}),
        (LIST, {"method": "POST", "body": body, "headers": {"Content-Type": "application/json"}}),
        # without a preflight
        (LIST, {"method": "POST", "body": body}),
    ]
    for path, how in tries:
        with pytest.raises(Error, match="Failed to fetch"):
            page.evaluate(_TRY, [site, path, how])
    assert sum("blocked by CORS policy" in complaint for complaint in reader.complaints) == len(tries)
    reader.complaints.clear()
    assert not CourseEnrollment.objects.exists()
