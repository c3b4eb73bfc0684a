"""Downloads and the signed links to their files on the wire (registrar-api: Jobs)."""

import csv
import io
import json
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from matricula.foundation.files import delete_file, signed_link, write_file
from matricula.jobs.reads import find_job
from matricula.models import Account, FeatureGrant, Job
from matricula.worker.tasks import carry_out
from tests.conftest import KEY, Api
from tests.university import EXTERNAL, EXTRA, OWN, UNMANAGED, University
from tests.wire.answers import content, declined

STUDENTS, ALL = "enrollments", "course_enrollments"
ONE, GRADES = (f"courses/{KEY}/{what}" for what in ("enrollments", "grades"))
KINDS = {
    STUDENTS: "list_program_enrollments",
    ALL: "list_all_course_run_enrollments",
    ONE: "list_course_run_enrollments",
    GRADES: "get_course_run_grades",
}
COLUMNS = {
    STUDENTS: ["student_key", "status", "account_exists"],
    ALL: ["course_id", "student_key", "status", "account_exists"],
    ONE: ["course_id", "student_key", "status", "account_exists"],
}
SECRET = "S-1001"


def address(kind: str, program: str = OWN, version: str = "v1", slash: str = "/", query: str = "") -> str:
    return f"/api/{version}/programs/{program}/{kind}{slash}{query}"


@pytest.fixture
def reader(university: University) -> Account:
    writer = Api(university.writer())
    body = [{"student_key": SECRET, "status": "enrolled"}]
    assert writer.post(address(STUDENTS), body).status_code == 200
    for course in (KEY, EXTRA):
        path = address(f"courses/{course}/enrollments")
        assert writer.post(path, [{"student_key": SECRET, "status": "active"}]).status_code == 200
    return university.holder("read_enrollments", name="reader")


@pytest.fixture
def api(reader: Account) -> Api:
    return Api(reader)


def job_of(api: Api, answer: Any) -> dict[str, Any]:
    """The job as it is shown once the worker is done with it."""
    assert answer.status_code == 202, content(answer)
    job = find_job(uuid.UUID(answer.json()["job_id"]))
    assert job is not None
    carry_out(job)
    shown: dict[str, Any] = api.get(answer.json()["job_url"]).json()
    assert shown["state"] == "Succeeded"
    return shown


def rows(api: Api, kind: str, form: str = "csv") -> list[dict[str, Any]]:
    file = Api().get(job_of(api, api.get(address(kind, query=f"?fmt={form}")))["result"])
    text = content(file).decode()
    if form == "json":
        assert file.headers["Content-Type"] == "application/json"
        return list(json.loads(text))
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_download(kind: str, version: str, slash: str, api: Api) -> None:
    answer = api.get(address(kind, version=version, slash=slash))
    body = answer.json()
    assert set(body) == {"job_id", "job_url"}
    assert body["job_url"] == f"http://testserver/api/{version}/jobs/{body['job_id']}/"
    shown = job_of(api, answer)
    assert shown["name"] == f"{OWN}:read:{KINDS[kind]}"
    assert shown["text"] == ("204" if kind == GRADES else None)
    assert urlsplit(shown["result"]).path == f"/api/files/jobs/{body['job_id']}.json"


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("kind", COLUMNS)
def test_the_columns(kind: str, form: str, api: Api) -> None:
    found = rows(api, kind, form)
    assert [list(row) for row in found] == [COLUMNS[kind]] * (2 if kind == ALL else 1)
    assert found[0]["account_exists"] == (False if form == "json" else "False")
    if kind != STUDENTS:
        # the external key where there is one
        assert [row["course_id"] for row in found] == [EXTERNAL, EXTRA][: len(found)]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_features_are_those_of_the_time_when_the_job_was_made(form: str, api: Api, reader: Account) -> None:
    later = api.get(address(STUDENTS, query=f"?fmt={form}"))
    for feature in ("names_in_downloads", "course_roles"):
        FeatureGrant.objects.create(feature=feature, account=reader)
    assert "username" not in content(Api().get(job_of(api, later)["result"])).decode()
    assert list(rows(api, STUDENTS, form)[0]) == [*COLUMNS[STUDENTS], "username", "email"]
    for kind in (ONE, ALL):
        assert list(rows(api, kind, form)[0]) == [*COLUMNS[kind], "course_staff"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["xml", "CSV", "", "json%00", "csv%20"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_another_format(form: str, kind: str, method: str, api: Api) -> None:
    answer = api(method, address(kind, query=f"?fmt={form}"))
    assert answer.status_code == 404
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_head_never_starts_a_job(kind: str, api: Api, university: University) -> None:
    answer = api("HEAD", address(kind, query="?fmt=csv"))
    assert (answer.status_code, content(answer)) == (200, b"")
    assert Api()("HEAD", address(kind)).status_code == 401
    assert Api(university.holder("read_metadata"))("HEAD", address(kind)).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_checks(kind: str, api: Api, university: University) -> None:
    assert Api().get(address(kind, "no-such")).status_code == 401
    declined(api.get(address(kind, "no-such", query="?fmt=x")), 404, "program")
    declined(Api(university.holder("read_metadata")).get(address(kind, query="?fmt=x")), 403, "read_enrollments")
    declined(Api(university.root).get(address(kind, UNMANAGED)), 403, "read_enrollments")
    if "courses/" in kind:
        declined(api.get(address(kind.replace("CS101", "No"), query="?fmt=x")), 404, "course run")
        declined(Api(university.holder("read_reports")).get(address(kind.replace("CS101", "No"))), 403)
        assert api.get(address(kind.replace(KEY, quote(EXTERNAL, safe="")))).status_code == 202
    assert Job.objects.count() == ("courses/" in kind)


# --- Links ---


@pytest.fixture
def link(api: Api) -> str:
    return str(job_of(api, api.get(address(STUDENTS, query="?fmt=csv")))["result"])


def plain(answer: Any, status: int) -> str:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return content(answer).decode()


def test_a_link_opens_without_credentials(link: str) -> None:
    file = Api().get(link)
    assert (file.status_code, file.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    name = urlsplit(link).path.rpartition("/")[2]
    assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    body = content(file)
    assert file.headers["Content-Length"] == str(len(body))
    assert body == f"student_key,status,account_exists\r\n{SECRET},enrolled,False\r\n".encode()
    head = Api()("HEAD", link)
    assert (head.status_code, content(head)) == (200, b"")
    assert head.headers["Content-Disposition"] == file.headers["Content-Disposition"]


def test_a_link_is_altered(link: str, api: Api) -> None:
    other = str(job_of(api, api.get(address(ALL)))["result"])
    path, signature = link.split("?signature=")
    for broken in (
        path,
        f"{path}?signature=",
        f"{path}?signature=%00",
        f"{path}?signature=%C3%A9",
        f"{path}?signature=::",
        f"{path}?signature={signature[:-1]}",
        f"{path}?signature={signature}x",
        f"{path}?signature={signature.upper()}",
        f"{path}/?signature={signature}",
        f"{path}:{signature.partition(':')[0]}?signature={signature.partition(':')[2]}",
        f"{other.partition('?')[0]}?signature={signature}",
        f"{path}?signature={other.partition('signature=')[2]}",
        f"{path.replace('/jobs/', '/jobs/../jobs/')}?signature={signature}",
        f"{path.replace('/jobs/', '/jobs%2F..%2Fjobs/')}?signature={signature}",
        f"/api/files/..%2Fsecret_key?signature={signature}",
        f"/api/files/%00?signature={signature}",
    ):
        assert "valid" in plain(api.get(broken), 403)
    assert "no es válido" in plain(api.get(path, **{"Accept-Language": "es"}), 403)


@pytest.mark.parametrize("name", ["../secret_key", "jobs/../../a", "/etc/passwd", ".hidden", "jobs//a", "a\nb"])
def test_no_name_leads_out_of_the_storage(name: str, db: None) -> None:
    with pytest.raises(ValueError, match="no name for a file"):
        signed_link(name, "http://testserver")
    with pytest.raises(ValueError, match="no name for a file"):
        write_file(name, [b""])


def test_a_link_expires_and_the_job_gives_a_new_one(link: str, api: Api, settings: Any) -> None:
    kept = settings.ENVIRONMENT
    settings.ENVIRONMENT = replace(kept, result_link_seconds=-1)
    assert "expired" in plain(Api().get(link), 403)
    settings.ENVIRONMENT = kept
    job_id = urlsplit(link).path.rpartition("/")[2].removesuffix(".csv")
    assert Api().get(api.get(f"/api/v1/jobs/{job_id}/").json()["result"]).status_code == 200


def test_a_file_that_is_no_longer_kept(link: str) -> None:
    delete_file(urlsplit(link).path.removeprefix("/api/files/"))
    for method in ("GET", "HEAD"):
        answer = Api()(method, link)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_other_methods_on_a_file(link: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = Api()(method, link)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_names_with_letters_of_every_kind(db: None) -> None:
    name = "reports/north/n-cs/Über sicht %26 + 1__2027-01-31.csv"
    write_file(name, [b"a", b"b"])
    file = Api().get(signed_link(name, "http://testserver"))
    assert content(file) == b"ab"
    assert "filename*=utf-8''%C3%9Cber" in file.headers["Content-Disposition"]
