"""What every request passes first: the host that it names, and no NUL anywhere."""

import base64
from typing import Any

import pytest
from django.core import mail
from django.test import Client as HttpClient

from matricula.console.arrival import HEALTH
from tests.conftest import BASE, KEY, PASSWORD, Api, World

PUBLIC = "https://records.example.org:8443"
LIST = f"{BASE}/{KEY}/enrollments"
PLACES = ["/login/", "/", "/nowhere/", "/static/matricula/icon.svg", "/oauth2/token/", "/api/openapi.json", LIST]
STRANGE = ["records.example.org", "records.example.org:443", "evil.example:8443", "localhost", "x@y:8443", ""]


@pytest.fixture
def public(settings: Any, world: World) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = PUBLIC, ["records.example.org"]


@pytest.mark.parametrize("host", STRANGE)
@pytest.mark.parametrize("path", PLACES)
def test_other_hosts_are_refused(path: str, host: str, public: None) -> None:
    assert HttpClient().get(path, headers={"Host": host}).status_code == 400
    assert HttpClient().get(HEALTH, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PLACES)
def test_the_public_host_is_served(path: str, public: None) -> None:
    for host in ("records.example.org:8443", "RECORDS.example.org:8443"):
        assert HttpClient().get(path, headers={"Host": host}).status_code != 400


def test_without_a_public_address_only_this_machine_is_served(settings: Any, world: World) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "", ["localhost", "127.0.0.1"]
    statuses = {
        host: HttpClient().get("/login/", headers={"Host": host}).status_code
        for host in ("localhost", "127.0.0.1:8000", "localhost:1", "[::1]", "testserver", "evil.example", "127.0.0.2")
    }
    assert [host for host, status in statuses.items() if status == 200] == [
        "localhost",
        "127.0.0.1:8000",
        "localhost:1",
    ]
    assert set(statuses.values()) == {200, 400}


def test_links_lead_to_the_public_address(settings: Any, public: None, world: World) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.__class__(**{**vars(settings.ENVIRONMENT), "hosts": ["inner:8000"]})
    page = HttpClient().get("/i18n/", headers={"Host": "inner:8000"})
    assert page.status_code == 404
    assert page.wsgi_request.build_absolute_uri("/x") == f"{PUBLIC}/x"
    answer = Api(world.instructor, Host="inner:8000").get(f"{LIST}?page_size=1")
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/login/?next=%00", "/?%00=1", "/admin/login/?next=a%00", "/jobs/?page=1%00"])
def test_a_nul_in_a_query_is_refused(path: str, world: World) -> None:
    assert HttpClient().get(path).status_code == 400
    # a charset in the Content-Type does not hide it
    hidden = path.replace("%00", "%2BAAA-")
    headers = {"Content-Type": "text/plain; charset=utf-7"}
    assert HttpClient().generic("GET", hidden, headers=headers).status_code in {200, 302}


@pytest.mark.parametrize("path", ["/%00", "/programs/%00/", "/oauth2/%00", "/admin/%00/", "/confirm-email/a%00/"])
def test_a_nul_in_an_address_leads_nowhere(path: str, world: World) -> None:
    assert HttpClient().get(path).status_code == 404


@pytest.mark.parametrize("form", [{"login": "a\x00", "password": PASSWORD}, {"\x00": "a"}])
@pytest.mark.parametrize("path", ["/login/", "/signup/", "/account/password/reset/", "/account/email/"])
def test_a_nul_in_a_form_is_refused(path: str, form: dict[str, str], world: World) -> None:
    http = HttpClient()
    http.force_login(world.instructor, backend="matricula.console.authentication.Backend")
    page = http.post(path, form)
    assert page.status_code == 400
    assert "read" in page.content.decode()
    assert mail.outbox == []


def test_a_nul_in_a_cookie_is_refused(world: World) -> None:
    for name in ("sessionid", "csrftoken", "timezone", "django_language"):
        assert HttpClient().get("/", headers={"Cookie": rf'{name}="abcdefghij\000"'}).status_code == 400


@pytest.mark.parametrize("path", ["/oauth2/token/", "/oauth2/token", "/oauth2/access_token", "/oauth2/revoke_token/"])
def test_a_nul_in_credentials_is_refused(path: str, world: World) -> None:
    basic = base64.b64encode(b"a\x00:b").decode()
    form = {"grant_type": "client_credentials"}
    for answer in (
        HttpClient().post(path, form, headers={"Authorization": f"Basic {basic}"}),
        HttpClient().post(path, {**form, "client_id": "a\x00", "client_secret": "b"}),
        HttpClient().post(path, {**form, "client_id": "a", "client_secret": "b\x00"}),
        HttpClient().post(f"{path}?client_id=%00", form),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
