"""What every test on the wire looks at: the error object, people of a list, and a worker that works here."""

import uuid
from typing import Any

from django.http.response import HttpResponseBase

from matricula.batches.runs import run_chunk
from matricula.jobs.reads import find_job
from matricula.jobs.writes import complete_job
from matricula.rest.errors import STATUS_OF

_CODES = {status: code for code, status in STATUS_OF.items()}


def content(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]


def refused(response: HttpResponseBase, status: int, *fields: str) -> dict[str, Any]:
    """The error object, once it is exactly what the contract says; ``fields`` are those at problem."""
    assert response.status_code == status, content(response)
    assert response.headers["Content-Type"] == "application/json"
    error: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    expected = {"error_code", "developer_message", "user_message", "status_code"} | (
        {"field_errors"} if fields else set()
    )
    assert set(error) == expected
    assert error["error_code"] == _CODES[status]
    assert error["status_code"] == status
    assert set(error.get("field_errors", ())) == set(fields)
    messages = [error, *error.get("field_errors", {}).values()]
    for each in messages:
        assert each["developer_message"].strip()
        assert each["user_message"].strip()
    for problem in error.get("field_errors", {}).values():
        assert set(problem) == {"developer_message", "user_message"}
    text = response.content.decode()  # type: ignore[attr-defined]
    assert not any(trace in text for trace in ("Traceback", 'File "', "psycopg", "django.", "<html", "<!doctype"))
    return error


def declined(response: HttpResponseBase, status: int, *parts: str) -> str:
    """The text of the Registrar API's error object, once it is exactly that; ``parts`` stand in it."""
    assert response.status_code == status, content(response)
    assert response.headers["Content-Type"] == "application/json"
    error = response.json()  # type: ignore[attr-defined]
    assert set(error) == {"detail"}
    text = error["detail"]
    assert isinstance(text, str)
    assert text.strip()
    for part in parts:
        assert part in text
    assert not any(trace in text for trace in ("Traceback", 'File "', "psycopg", "django.", "<html", "<!doctype"))
    return text


def usernames(response: HttpResponseBase) -> list[str]:
    assert response.status_code == 200, content(response)
    return [row["username"] for row in response.json()["results"]]  # type: ignore[attr-defined]


def work(task_id: str) -> None:
    """What the worker does with a task."""
    job = find_job(uuid.UUID(task_id))
    assert job is not None
    while run_chunk(job):
        pass
    complete_job(job.id)
