"""Uploads on the wire (registrar-api: Uploads)."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient

from matricula.jobs.reads import find_job
from matricula.models import FeatureGrant, Job, ProgramCourseEnrollment, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.conftest import KEY, Api
from tests.university import EXTERNAL, EXTRA, OWN, UNMANAGED, University
from tests.wire.answers import content, declined

PROGRAM, COURSES = "enrollments/upload", "course_enrollments/upload"
GOOD = {
    PROGRAM: b"student_key,status\r\nS-1,enrolled\r\n",
    COURSES: f"course_id,student_key,status\r\n{KEY},S-1,active\r\n".encode(),
}
BOUND = "part-of-a-test"
FORM = f"multipart/form-data; boundary={BOUND}"


def form(file: bytes | None, *, name: str = "file", before: bytes = b"", end: str = "--\r\n") -> bytes:
    """A body of one part, and maybe others before it."""
    body = before
    if file is not None:
        head = f'--{BOUND}\r\nContent-Disposition: form-data; name="{name}"; filename="a.csv"\r\n\r\n'
        body += head.encode() + file + b"\r\n"
    return body + f"--{BOUND}{end}".encode()


def address(kind: str, program: str = OWN, version: str = "v1", slash: str = "/") -> str:
    return f"/api/{version}/programs/{program}/{kind}{slash}"


def send(api: Api, file: bytes | None, kind: str = PROGRAM, program: str = OWN, **more: Any) -> HttpResponseBase:
    return api("POST", address(kind, program), form(file, **more), content_type=FORM)


def result(api: Api, answer: HttpResponseBase) -> tuple[str, bytes]:
    """The job's text and the result file, once the worker has done its part."""
    job_url = answer.json()["job_url"]  # type: ignore[attr-defined]
    job = find_job(uuid.UUID(answer.json()["job_id"]))  # type: ignore[attr-defined]
    assert job is not None
    carry_out(job)
    shown = api.get(job_url).json()
    assert shown["state"] == "Succeeded"
    return shown["text"], content(Api().get(shown["result"]))


@pytest.fixture
def writer(university: University) -> Api:
    return Api(university.writer())


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", [PROGRAM, COURSES])
def test_an_upload(kind: str, version: str, slash: str, writer: Api, university: University) -> None:
    answer = writer("POST", address(kind, version=version, slash=slash), form(GOOD[kind]), content_type=FORM)
    assert answer.status_code == 202, content(answer)
    body = answer.json()
    assert set(body) == {"job_id", "job_url"}
    assert body["job_url"] == f"http://testserver/api/{version}/jobs/{body['job_id']}/"
    assert writer.get(body["job_url"]).json()["state"] == "Queued"
    assert [job["job_id"] for job in writer.get(f"/api/{version}/jobs/").json()] == [body["job_id"]]
    text, file = result(writer, answer)
    if kind == PROGRAM:
        assert (text, file) == ("200", GOOD[kind])
        assert ProgramEnrollment.objects.get().status == "enrolled"
    else:
        assert (text, file) == ("422", GOOD[kind].replace(b"active", b"not-in-program"))
    assert writer.get(f"/api/{version}/jobs/").json() == []


def test_course_ids_are_told_as_they_were_uploaded(writer: Api) -> None:
    result(writer, send(writer, b"student_key,status\nS-1,enrolled\nS-2,enrolled\n"))
    rows = f"course_id,student_key,status\n{EXTERNAL},S-1,active\n{EXTRA},s-1,active\n{KEY},S-2,active\nno,S-2,active\n"
    text, file = result(writer, send(writer, rows.encode(), COURSES))
    assert text == "207"
    assert file.decode() == rows.replace("\n", "\r\n").replace("no,S-2,active", "no,S-2,course-not-found")
    assert ProgramCourseEnrollment.objects.count() == 3


def test_course_staff_is_taken_where_the_feature_is_on(writer: Api, university: University) -> None:
    result(writer, send(writer, GOOD[PROGRAM]))
    rows = f"course_id,student_key,status,course_staff\r\n{KEY},S-1,active,yes\r\n".encode()
    _text, file = result(writer, send(writer, rows, COURSES))
    assert file == f"course_id,student_key,status\r\n{KEY},S-1,active\r\n".encode()
    FeatureGrant.objects.create(feature="course_roles", account_id=Job.objects.latest("created").actor_id)
    _text, file = result(writer, send(writer, rows, COURSES))
    assert file == rows.replace(b"yes", b"True")
    declined(send(writer, rows.replace(b"yes", b"maybe"), COURSES), 400, "Row 2", "course_staff")


@pytest.mark.parametrize("kind", [PROGRAM, COURSES])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(method: str, kind: str, writer: Api) -> None:
    answer = writer(method, address(kind))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_who_may(university: University) -> None:
    assert Api()("POST", address(PROGRAM, "no-such"), form(b""), content_type=FORM).status_code == 401
    reader = Api(university.holder("read_enrollments"))
    declined(send(reader, b"", program="no-such"), 404)
    declined(send(reader, None), 403, "write_enrollments")
    declined(send(Api(university.writer("half"), "read"), None), 403, "write")
    declined(send(Api(university.root), None, program=UNMANAGED), 403, "write_enrollments")
    assert not Job.objects.exists()


def test_a_session_needs_its_csrf_token(university: University) -> None:
    http = HttpClient(enforce_csrf_checks=True)
    http.force_login(university.writer("clicker"))
    body = {"data": form(GOOD[PROGRAM]), "content_type": FORM}
    declined(http.generic("POST", address(PROGRAM), **body), 403, "CSRF")
    http.get("/login/")
    http.cookies["csrftoken"] = token = "a" * 32
    answer = http.generic("POST", address(PROGRAM), headers={"X-CSRFToken": token}, **body)
    assert answer.status_code == 202


# --- The order of checks: 400 no part, 413, 409, 400 the file ---


@pytest.mark.parametrize("kind", [PROGRAM, COURSES])
def test_the_order_of_checks(kind: str, writer: Api, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, upload_limit=100)
    large, broken = b"x" * 101, b"\x00"
    unfinished = send(writer, GOOD[PROGRAM])
    declined(send(writer, large, kind, name="csv"), 400, "file")
    declined(send(writer, large, kind), 413, "100")
    declined(send(writer, broken, kind), 409)
    declined(send(writer, GOOD[kind], kind), 409)
    result(writer, unfinished)
    declined(send(writer, broken, kind), 400, "Row 1")
    assert send(writer, GOOD[kind], kind).status_code == 202


def test_the_limit_counts_the_file_alone(writer: Api, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, upload_limit=len(GOOD[PROGRAM]))
    other = f'--{BOUND}\r\nContent-Disposition: form-data; name="notes"; filename="b"\r\n\r\n{"x" * 500_000}\r\n'
    declined(send(writer, GOOD[PROGRAM] + b"\n", before=other.encode()), 413)
    assert send(writer, GOOD[PROGRAM], before=other.encode()).status_code == 202


def test_five_mebibytes_are_the_limit(writer: Api) -> None:
    file = b"student_key,status\n" + b"\n" * (5 * 1024 * 1024 - 19)
    declined(send(writer, file + b"\n"), 413)
    assert result(writer, send(writer, file)) == ("204", b"student_key,status\r\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form(None), FORM),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"x", FORM),
        (form(b"a").replace(b'; filename="a.csv"', b""), FORM),
        (form(b"a").replace(b'"a.csv"', b'""'), FORM),
        (form(b"a").replace(b"form-data", b"attachment").replace(b'name="file"; ', b""), FORM),
    ],
)
def test_no_part(body: bytes, kind: str, writer: Api) -> None:
    declined(writer("POST", address(PROGRAM), body, content_type=kind), 400)


@pytest.mark.parametrize(
    "kind",
    [
        "text/csv",
        "application/octet-stream",
        "multipart/mixed; boundary=x",
        "x",
        "",
        "application/json",
        "application/x-www-form-urlencoded",
    ],
)
def test_another_content_type(kind: str, writer: Api) -> None:
    declined(writer("POST", address(PROGRAM), GOOD[PROGRAM], content_type=kind), 415)


@pytest.mark.parametrize("cut", [5, 20, 40])
def test_an_upload_that_is_cut_off(cut: int, writer: Api) -> None:
    declined(writer("POST", address(PROGRAM), form(GOOD[PROGRAM])[:-cut], content_type=FORM), 400, "incomplete")


def test_an_upload_in_chunks(writer: Api, settings: Any) -> None:
    def send(body: bytes) -> HttpResponseBase:
        return writer.chunked("POST", address(PROGRAM), body, FORM)

    assert result(writer, send(form(GOOD[PROGRAM]))) == ("200", GOOD[PROGRAM])
    declined(send(form(GOOD[PROGRAM])[:-5]), 400, "incomplete")
    declined(send(form(None)), 400, "missing")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, upload_limit=len(GOOD[PROGRAM]) - 1)
    declined(send(form(GOOD[PROGRAM])), 413)


def test_a_limit_above_what_is_drained_holds_in_chunks_too(
    writer: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.rest.multipart.UPLOAD_DRAINED", 100)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, upload_limit=300)
    file = b"student_key,status\n".ljust(300, b"\n")
    assert writer.chunked("POST", address(PROGRAM), form(file), FORM).status_code == 202
    declined(writer.chunked("POST", address(PROGRAM), form(file + b"\n"), FORM), 413)


def test_more_than_one_file(writer: Api) -> None:
    before = form(GOOD[PROGRAM].replace(b"S-1", b"S-0"), end="").removesuffix(f"--{BOUND}".encode())
    assert b"S-0" in result(writer, send(writer, GOOD[PROGRAM], before=before))[1]
    many = b"".join(
        f'--{BOUND}\r\nContent-Disposition: form-data; name="f{n}"; filename="f"\r\n\r\n\r\n'.encode()
        for n in range(200)
    )
    declined(send(writer, GOOD[PROGRAM], before=many), 400)


HEADER = b"student_key,status\n"


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        (b"", ("empty",)),
        (b"\xef\xbb\xbf", ("empty",)),
        (b"\n\n", ("empty",)),
        (HEADER + "Ñ-1,enrolled\n".encode("latin-1"), ("Row 2", "UTF-8")),
        ((HEADER + b"S-1,enrolled\n").decode().encode("utf-16"), ("Row 1", "UTF-8")),
        (HEADER + b"S-\x00,enrolled\n", ("Row 2", "control character")),
        (HEADER + b'S-1,enrolled\n"S-2,enrolled\n' + b"x,enrolled\n" * 1_000, ("Row 3", "quote")),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ("Row 1",)),
        (b"PK\x03\x04" + bytes(range(256)) * 50, ("Row 1",)),
        (b'{"student_key": "S-1", "status": "enrolled"}', ("Row 1",)),
        (b"student_key;" * 100_000, ("Row 1",)),
        (b"student_key,status," + b",".join(b"c%d" % n for n in range(1_000_000 // 2)), ("Row 1",)),
        (HEADER + b"S-1," + b"x" * 4_000_000, ("Row 2", "too long")),
        (HEADER + b"x," * 500_000, ("Row 2",)),
        (b"student_key\nS-1\n", ("Row 1", "status", "missing")),
        (HEADER + b"S-1,enrolled\n ,enrolled\n", ("Row 3", "student_key", "blank")),
        (HEADER + b"S-1,enrolled,x\n", ("Row 2",)),
        (HEADER + b"S-1\n", ("Row 2",)),
        (b"student_key,status,STATUS\nS-1,a,b", ("Row 1", "status")),
        (HEADER + b"k" * 256 + b",enrolled\n", ("Row 2", "student_key", "255")),
        (HEADER + "S\u20281,enrolled\n".encode(), ("Row 2", "student_key")),
        (HEADER + b'"S\n1",enrolled\n', ("Row 2", "student_key")),
    ],
)
def test_no_csv(file: bytes, parts: tuple[str, ...], writer: Api) -> None:
    declined(send(writer, file), 400, *parts)
    assert not Job.objects.exists()


def test_a_row_of_ten_megabytes(writer: Api, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, upload_limit=20_000_000)
    declined(send(writer, HEADER + b"S-1," + b"x" * 10_000_000), 400, "Row 2")
    declined(send(writer, b"c," * 5_000_000), 400, "Row 1")


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_spreadsheets_of_every_country(delimiter: bytes, writer: Api) -> None:
    file = b"\xef\xbb\xbfSTATUS,Student_Key,Name\r\n\r\nenrolled, S-1 ,Sam\r\n".replace(b",", delimiter)
    assert result(writer, send(writer, file)) == ("200", b"student_key,status\r\nS-1,enrolled\r\n")


def test_a_refusal_in_spanish(writer: Api) -> None:
    answer = writer("POST", address(PROGRAM), form(b""), content_type=FORM, **{"Accept-Language": "es"})
    assert declined(answer, 400).startswith("Se ha rechazado el archivo.")
