"""Who may do what: every address, every method, every kind of caller."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.urls import URLPattern, URLResolver

from matricula.models import CourseRole
from matricula.rest import urls
from matricula.rest.contracts.enrollment_v2.urls import ENROLLMENT_ADDRESSES
from matricula.rest.endpoint import Address
from matricula.urls import urlpatterns
from tests.conftest import BASE, KEY, OTHER_KEY, Api, World, make_account, make_token
from tests.wire.answers import refused, work

LIST, PERSON = f"{BASE}/{{course_key}}/enrollments", f"{BASE}/{{course_key}}/enrollments/{{email_or_username}}"
TASK, RESULTS = f"{BASE}/{{course_key}}/tasks/{{task_id}}", f"{BASE}/{{course_key}}/tasks/{{task_id}}/results"
DOCUMENT = "/api/openapi.json"
EXPORT = f"{BASE}/{{course_key}}/export"
PATHS = {
    LIST: "enrollments",
    EXPORT: "export",
    PERSON: "enrollments/sam",
    TASK: "tasks/{task}",
    RESULTS: "tasks/{task}/results",
}
BODY = {"identifiers": ["sam"]}
BACKEND = "matricula.console.authentication.Backend"

# address, method -> (what a manager gets, needs read or write)
MANAGERS_ONLY = {
    (LIST, "GET"): (200, "read"),
    (LIST, "HEAD"): (200, "read"),
    (LIST, "POST"): (200, "write"),
    (PERSON, "GET"): (200, "read"),
    (PERSON, "HEAD"): (200, "read"),
    (PERSON, "DELETE"): (200, "write"),
    (EXPORT, "GET"): (200, "read"),
    (EXPORT, "HEAD"): (200, "read"),
    (TASK, "GET"): (200, "read"),
    (TASK, "HEAD"): (200, "read"),
}
# a link that is signed is its own permission, and nothing else opens it
BY_SIGNED_LINK = {(RESULTS, "GET"), (RESULTS, "HEAD")}
OPEN = {(DOCUMENT, "GET"), (DOCUMENT, "HEAD")}

NOBODY = {"nobody": 401, "bad token": 401, "expired token": 401, "inactive token": 401, "query token": 401}
NOBODY |= {"other scheme": 401, "empty token": 401, "bad session": 401, "inactive session": 401}
NOBODY |= {"token in a form": 401, "bad token beside a good session": 401}
OTHERS = {"learner": 403, "beta tester": 403, "elsewhere": 403, "learner session": 403}
MANAGERS = {"staff": None, "instructor": None, "global staff": None, "superuser": None, "session": None}
BY_SCOPE = {"only read": "read", "only write": "write", "no scope": "", "session without csrf": "read"}
CALLERS = [*NOBODY, *OTHERS, *MANAGERS, *BY_SCOPE]


def expected(caller: str, good: int, needs: str) -> int:
    if caller in BY_SCOPE:
        return good if BY_SCOPE[caller] == needs else 403
    return (NOBODY | OTHERS).get(caller, good)


Ask = Callable[..., HttpResponseBase]


def session(account: Any, *, csrf: bool = True) -> Ask:
    http = HttpClient(enforce_csrf_checks=True)
    http.get("/login/")
    token = http.cookies["csrftoken"].value
    http.force_login(account, backend=BACKEND)
    headers = {"X-CSRFToken": token} if csrf else {}

    def ask(method: str, path: str, body: str = "{}", **more: str) -> HttpResponseBase:
        return http.generic(method, path, body, content_type="application/json", headers={**headers, **more})

    return ask


def bearer(value: str) -> Ask:
    return Api(**{"Authorization": value})


def caller(name: str, world: World) -> Ask:
    def query(method: str, path: str, body: object = None) -> HttpResponseBase:
        mark = "&" if "?" in path else "?"
        token = make_token(world.instructor)
        return Api()(method, f"{path}{mark}access_token={token}&bearer_token={token}&token={token}", body)

    def form(method: str, path: str, body: object = None) -> HttpResponseBase:
        token = make_token(world.instructor)
        return Api()(method, path, f"access_token={token}", content_type="application/x-www-form-urlencoded")

    def both(method: str, path: str, body: str = "{}") -> HttpResponseBase:
        return session(world.instructor)(method, path, body, Authorization="Bearer x")

    def inactive_session() -> Ask:
        account = make_account("gone")
        ask = session(account)
        type(account).objects.filter(pk=account.pk).update(is_active=False)
        return ask

    def beta() -> Ask:
        account = make_account("beta")
        CourseRole.objects.create(account=account, course_id=world.course.id, role="beta_tester")
        return Api(account)

    made: dict[str, Callable[[], Ask]] = {
        "nobody": Api,
        "bad token": lambda: bearer("Bearer not-a-token"),
        "empty token": lambda: bearer("Bearer "),
        "other scheme": lambda: bearer(f"Token {make_token(world.instructor)}"),
        "expired token": lambda: bearer(f"Bearer {make_token(world.instructor, seconds=-1)}"),
        "inactive token": lambda: Api(world.inactive),
        "inactive session": inactive_session,
        "bad session": lambda: Api(Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345"),
        "bad token beside a good session": lambda: both,
        "query token": lambda: query,
        "token in a form": lambda: form,
        "learner": lambda: Api(world.learner),
        "learner session": lambda: session(world.learner),
        "beta tester": beta,
        "elsewhere": lambda: Api(world.elsewhere),
        "staff": lambda: Api(world.staff),
        "instructor": lambda: Api(world.instructor),
        "global staff": lambda: Api(world.admin),
        "superuser": lambda: Api(make_account("root", is_superuser=True)),
        "session": lambda: session(world.instructor),
        "session without csrf": lambda: session(world.instructor, csrf=False),
        "only read": lambda: Api(world.instructor, "read"),
        "only write": lambda: Api(world.instructor, "write"),
        "no scope": lambda: Api(world.instructor, ""),
    }
    return made[name]()


@pytest.fixture
def task(world: World) -> str:
    world.enroll("sam")
    answer = Api(world.instructor).post("enrollments", {"identifiers": ["sam", "new@example.org"]})
    return str(answer.json()["task_id"])


def address(template: str, task: str, key: str = KEY) -> str:
    return f"{BASE}/{key}/{PATHS[template].format(task=task)}"


def body_of(method: str) -> str:
    return '{"identifiers": ["sam"]}' if method == "POST" else ""


def test_table_has_every_address_and_method() -> None:
    rows = {*MANAGERS_ONLY, *BY_SIGNED_LINK, *OPEN}
    assert rows == {
        (a.template, method) for a in (*ENROLLMENT_ADDRESSES, urls.DOCUMENT) for method in a.allowed_methods
    }


@pytest.mark.parametrize("row", urls.ADDRESSES, ids=lambda row: row.template)
def test_no_address_of_any_contract_answers_strangers(row: Address, world: World) -> None:
    """Also where a new contract has forgotten its own table of who may call it."""
    parameters = dict.fromkeys(row.parameters, str(uuid.UUID(int=1))) | {"course_key": KEY}
    assert len(row.methods) > 0
    for method, endpoint in row.methods.items():
        answer = Api()(method, row.template.format(**parameters), "{}")
        assert answer.status_code == {urls.OPEN: 200, urls.SIGNED_LINK: 403}.get(endpoint.permission, 401), method


@pytest.mark.parametrize("name", CALLERS)
def test_managers_only(name: str, world: World, task: str) -> None:
    ask = caller(name, world)
    for (template, method), (good, needs) in MANAGERS_ONLY.items():
        answer = ask(method, address(template, task), body_of(method))
        wanted = expected(name, good, needs)
        assert (template, method, answer.status_code) == (template, method, wanted)
        if wanted >= 400 and method != "HEAD":
            refused(answer, wanted)
        assert ("WWW-Authenticate" in answer.headers) == (wanted == 401)


@pytest.mark.parametrize("name", [*NOBODY, *OTHERS, "only read", "no scope", "session without csrf"])
def test_who_is_refused_changes_nothing(name: str, world: World, task: str) -> None:
    ask = caller(name, world)
    ask("DELETE", address(PERSON, task), "")
    ask("POST", address(LIST, task), '{"identifiers": ["learner2@example.org"]}')
    seen = Api(world.instructor)
    assert seen.get("enrollments/sam").json()["is_active"] is True
    refused(seen.get("enrollments/learner2@example.org"), 404)


@pytest.mark.parametrize("name", ["learner", "elsewhere", "staff", "global staff"])
def test_a_course_is_managed_by_its_own_people(name: str, world: World, task: str) -> None:
    ask = caller(name, world)
    answer = ask("GET", address(LIST, task, OTHER_KEY), "")
    assert answer.status_code == {"elsewhere": 200, "global staff": 200}.get(name, 403)


@pytest.mark.parametrize("name", CALLERS)
def test_results_open_by_signature_alone(name: str, world: World, task: str) -> None:
    work(task)
    url = Api(world.instructor).get(f"tasks/{task}").json()["result"]["results_url"]
    ask = caller(name, world)
    assert ask("GET", url, "").status_code == 200
    assert ask("HEAD", url, "").status_code == 200
    refused(ask("GET", address(RESULTS, task), ""), 403)
    refused(ask("GET", url.replace("signature=", "signature=x"), ""), 403)


@pytest.mark.parametrize("name", CALLERS)
def test_document_is_open(name: str, world: World) -> None:
    ask = caller(name, world)
    assert ask("GET", DOCUMENT, "").status_code == 200
    assert ask("HEAD", DOCUMENT, "").status_code == 200


BROKEN = {
    "bad key": ("GET", f"{BASE}/no-key/enrollments", ""),
    "key with a nul": ("GET", f"{BASE}/course-v1:A+B+C%00/enrollments", ""),
    "unknown course": ("GET", f"{BASE}/course-v1:No+Such+Course/enrollments", ""),
    "wrong method": ("PATCH", f"{BASE}/{KEY}/enrollments", ""),
    "unknown method": ("BREW", f"{BASE}/{KEY}/enrollments", ""),
    "malformed body": ("POST", f"{BASE}/{KEY}/enrollments", "{"),
    "wrong fields": ("POST", f"{BASE}/{KEY}/enrollments", '{"identifiers": 5}'),
    "bad page": ("GET", f"{BASE}/{KEY}/enrollments?page=0", ""),
    "too many parameters": ("GET", f"{BASE}/{KEY}/enrollments?" + "a=1&" * 1100, ""),
    "unknown person": ("GET", f"{BASE}/{KEY}/enrollments/who", ""),
    "bad task id": ("GET", f"{BASE}/{KEY}/tasks/who", ""),
    "unknown task": ("GET", f"{BASE}/{KEY}/tasks/{uuid.UUID(int=1)}", ""),
}


@pytest.mark.parametrize("name", NOBODY)
def test_401_comes_before_anything_else(name: str, world: World) -> None:
    ask = caller(name, world)
    for method, path, body in BROKEN.values():
        refused(ask(method, path, body), 401)


@pytest.mark.parametrize("case", BROKEN)
def test_the_same_requests_are_wrong_for_a_manager_too(case: str, world: World) -> None:
    method, path, body = BROKEN[case]
    assert Api(world.instructor)(method, path, body).status_code in {400, 404, 405, 415}


def test_bad_cookies_are_no_credentials(world: World) -> None:
    for cookie in ('sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaaaa"', "sessionid=", "sessionid=x", "sessionid=\xff" * 9):
        refused(Api(Cookie=cookie).get("enrollments"), 401)


def test_csrf_token_of_another_visitor_is_refused(world: World) -> None:
    ask = session(world.instructor)
    refused(ask("POST", f"{BASE}/{KEY}/enrollments", body_of("POST"), **{"X-CSRFToken": "a" * 32}), 403)
    refused(ask("POST", f"{BASE}/{KEY}/enrollments", body_of("POST"), Origin="https://evil.example"), 403)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=latin1",
    ],
)
@pytest.mark.parametrize("body", [b"a=1", b"a=1&" * 1100, b"\xff" * 100])
def test_broken_forms_of_a_session_are_answered_in_json(content_type: str, body: bytes, world: World) -> None:
    http = HttpClient(enforce_csrf_checks=True)
    http.get("/login/")
    http.force_login(world.instructor, backend=BACKEND)
    path = f"{BASE}/{KEY}/enrollments"
    refused(http.generic("POST", path, body, content_type=content_type), 403)
    token = {"X-CSRFToken": http.cookies["csrftoken"].value}
    refused(http.generic("POST", path, body, content_type=content_type, headers=token), 415)


# page -> status for nobody, a learner, a superuser; a group stands for all of its pages
PAGES = {
    "": (200, 200, 200),
    "api-docs/": (200, 200, 200),
    # a part of home, which leads there when it is opened by itself
    "news/": (302, 302, 302),
    "theme/": (405, 405, 405),
    "health/": (200, 200, 200),
    "^oauth2/token/?$": (405, 405, 405),
    "^oauth2/access_token/?$": (405, 405, 405),
    "^oauth2/revoke_token/?$": (405, 405, 405),
    "^oauth2/introspect/?$": (405, 405, 405),
    ".well-known/oauth-authorization-server": (200, 200, 200),
    "login": (200, 302, 302),
    "login/": (200, 302, 302),
    "signup/": (200, 302, 302),
    "logout": (302, 200, 200),
    "logout/": (302, 200, 200),
    "confirm-email/<slug:key>/": (404, 404, 404),
}
# "" is the console: its own table stands in tests/console/test_permissions.py
GROUPS = {"", "account/", "i18n/", "admin/"}
# pages about the account that is logged in; the others are the ways back into an account, with the status for nobody
OWN_ACCOUNT = {"email/", "password/change/", "again/", "again/code/", "again/key/"}
SAML = "sign-on/^saml/(?P<organization_slug>[^/]+)/"
WAYS_BACK = {
    "inactive/": 200,
    "confirm-email/": 200,
    "activate/": 200,
    "password/reset/": 200,
    "password/reset/key/<slug:key>/": 404,
    "email/<slug:key>/": 404,
    # only in the middle of a login
    "second-factor/ask/": 302,
    "second-factor/set-up/": 302,
    # of a provider that isn't configured
    "sign-on/<slug:name>/": 404,
    "sign-on/<slug:name>/callback/": 404,
    SAML + "acs/": 302,
    SAML + "acs/finish/": 404,
    SAML + "login/": 404,
    SAML + "metadata/": 404,
    SAML + "sls/": 404,
}
ADMIN_OPEN = {"login/", "logout/", "jsi18n/"}


def walk(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, here)
        else:
            assert isinstance(pattern, URLPattern)
            yield here


def filled(pattern: str) -> str:
    pattern = pattern.replace("<path:content_type_id>", "1").replace("<path:object_id>", "1")
    pattern = pattern.replace("^(?P<app_label>matricula)/$", "matricula/").replace("(?P<url>.*)$", "no-such-page")
    pattern = re.sub(r"^\^(oauth2/\w+)/\?\$$", r"\1", pattern)
    pattern = pattern.replace("^saml/(?P<organization_slug>[^/]+)", "saml/no-such-provider")
    return "/" + pattern.replace("<slug:key>", "abc").replace("<slug:name>", "no-such-provider")


def visitors(world: World) -> tuple[HttpClient, HttpClient, HttpClient]:
    nobody, learner, root = HttpClient(), HttpClient(), HttpClient()
    learner.force_login(world.learner, backend=BACKEND)
    root.force_login(make_account("root", is_superuser=True, is_staff=True), backend=BACKEND)
    return nobody, learner, root


def test_table_has_every_page() -> None:
    assert {str(p.pattern) for p in urlpatterns if isinstance(p, URLResolver)} == GROUPS
    assert {str(p.pattern) for p in urlpatterns if isinstance(p, URLPattern)} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_pages(page: str, world: World) -> None:
    seen = tuple(visitor.get(filled(page)).status_code for visitor in visitors(world))
    assert seen == PAGES[page]


def test_admin_is_for_superusers_alone(world: World) -> None:
    admin = next(p for p in urlpatterns if str(p.pattern) == "admin/")
    nobody, learner, root = visitors(world)
    staff = HttpClient()
    staff.force_login(world.admin, backend=BACKEND)
    pages = list(walk(admin.url_patterns))
    assert len(pages) > 40
    for page in pages:
        if page in ADMIN_OPEN:
            continue
        for who in (nobody, learner, staff):
            answer = who.get("/admin" + filled(page))
            assert answer.status_code in {302, 403, 404}, page
            assert answer.status_code != 302 or "/login/" in answer.headers["Location"] or page.endswith(">/"), page
    assert root.get("/admin/").status_code == 200


def test_pages_of_the_account_ask_for_a_login(world: World) -> None:
    account = next(p for p in urlpatterns if str(p.pattern) == "account/")
    assert set(walk(account.url_patterns)) == OWN_ACCOUNT | set(WAYS_BACK)
    nobody, learner, _ = visitors(world)
    for page in OWN_ACCOUNT:
        answer = nobody.get(f"/account/{page}")
        assert (answer.status_code, "/login/" in answer.headers["Location"]) == (302, True), page
        assert learner.get(f"/account/{page}").status_code in {200, 302}
    for page, status in WAYS_BACK.items():
        assert nobody.get("/account" + filled(page)).status_code == status, page
