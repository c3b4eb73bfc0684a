"""Error objects of the Registrar API: always JSON with a text, in the caller's language (registrar-api: Basics)."""

import pytest

from matricula.rest import callers
from matricula.rest.rates import Rates
from tests.broken_rows import broken_table
from tests.conftest import Api
from tests.university import OWN, University
from tests.wire.answers import declined, refused

UNKNOWN = ["/api/v1", "/api/v1/", "/api/v2/nothing/", "/api/v3/", "/api/v3/jobs/", "/api/v9/programs/"]
UNKNOWN += [
    f"/api/v1/programs/{OWN}/nothing/",
    f"/api/v2/programs/{OWN}/courses/x/",
    "/api/v2/programs//",
    "/api/v1/a\n",
]
UNKNOWN += [f"/api/v1/programs/{OWN}//", "/api/v1/programs//enrollments/"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_addresses(path: str, university: University) -> None:
    declined(Api(university.root).get(path), 404)


def test_other_apis_keep_their_own_error_object(university: University) -> None:
    for path in ("/api/nowhere", "/api/", "/api/vx/programs/", "/api/enrollment/v2/courses/x/enrollments"):
        answer = Api(university.root).get(path)
        refused(answer, answer.status_code)


def test_a_problem_of_ours_is_told_plainly(university: University) -> None:
    ask = Api(university.root)
    with broken_table("programcourse"):
        text = declined(ask.get(f"/api/v1/programs/{OWN}/courses/"), 500)
    assert "permission denied" not in text and "programcourse" not in text


def test_too_many_requests(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_rates", Rates("2/minute"))
    ask = Api(university.root)
    assert [ask.get("/api/v1/jobs/").status_code for _ in range(2)] == [200, 200]
    answer = ask.get("/api/v2/programs/unknown/")
    declined(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_host_that_is_not_ours(university: University) -> None:
    declined(Api(university.root).get("/api/v3/programs/", Host="evil.example"), 400)


@pytest.mark.parametrize("language", ["es", "es-MX,en;q=0.5"])
def test_texts_are_in_the_callers_language(language: str, university: University) -> None:
    ask = Api(university.writer(), **{"Accept-Language": language})
    path = f"/api/v2/programs/{OWN}/enrollments/"
    assert declined(ask.get("/api/v2/programs/unknown/"), 404) == "No hay ningún programa con esta clave."
    body = [{"student_key": "x", "status": "enrolled"}, {"student_key": ""}]
    text = declined(ask.post(path, body), 400, "#2 student_key", "#2 status")
    assert text.startswith("Algunos elementos")
    assert "permiso" in declined(ask.get(f"/api/v2/programs/{OWN}/reports"), 403, "read_reports")
    assert "sesión" in declined(Api(**{"Accept-Language": language}).get("/api/v1/jobs/"), 401)


@pytest.mark.parametrize("path", ["/oauth2/token/", "/oauth2/token", "/oauth2/access_token/", "/oauth2/access_token"])
def test_tokens_come_from_both_addresses(path: str, university: University) -> None:
    from django.test import Client as HttpClient

    from matricula.access.clients.writes import ClientRequest, save_clients
    from matricula.journal.writes import new_operation

    save_clients(new_operation(None, "command"), [ClientRequest("sis", "a-secret-of-the-sis", university.writer().pk)])
    form = {"grant_type": "client_credentials", "client_id": "sis", "client_secret": "a-secret-of-the-sis"}
    answer = HttpClient().post(path, {**form, "token_type": "jwt"})
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    assert Api(Authorization=f"JWT {token}").get(f"/api/v1/programs/{OWN}/").status_code == 200
