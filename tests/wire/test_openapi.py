"""The OpenAPI document is true: schemathesis asks the API whatever the document allows and forbids."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.pytest.plugin import make_constants_value_source

from matricula.batches.runs import run_chunk
from matricula.jobs.reads import find_job
from matricula.jobs.writes import complete_job, fail_job
from matricula.rest.urls import ADDRESSES
from matricula.wsgi import application
from tests.conftest import BASE, KEY, Api, World, make_token

load_all_checks()
REGISTRAR = "^/api/v[0-9]+/"
RECORD = "^/api/record/v1/"
BROWSERS = "^/csrf/|^/login_refresh|^/api/user/v1/"
DASHBOARD = "^/api/instructor/v2/|^/courses/|^/api/bulk_enroll/"
V1 = "^/api/enrollment/v1/"
OTHERS = f"{REGISTRAR}|{RECORD}|{BROWSERS}|{DASHBOARD}|{V1}"
# keys and conditions that fit need a request before: tests/wire/test_idempotency.py and test_conditions.py have those
_OF_ANOTHER_REQUEST = {"Idempotency-Key", "If-Match", "If-None-Match"}


@schemathesis.hook
def before_load_schema(_context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    for item in raw_schema["paths"].values():
        for operation in (part for part in item.values() if isinstance(part, dict)):
            kept = [p for p in operation["parameters"] if p["name"] not in _OF_ANOTHER_REQUEST]
            operation["parameters"] = kept


schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
PLENTY = settings(
    max_examples=4, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
# Values of the right form that only the course run itself can tell from wrong ones: its modes, its own cursors, and
# identifiers that fit two accounts. The contract answers them with 400, which no document of all courses can foresee.
KNOWN_TO_THE_COURSE_ALONE = {"mode", "cursor"}


def labels(part: schemathesis.BaseSchema) -> list[str]:
    """The names of a part's operations: method and address."""
    return [result.ok().label for result in part.get_all_operations()]


def ask_plenty(label: str, ask: Callable[[schemathesis.Case], object]) -> int:
    """Asks an operation with cases of every kind, as ``schema.parametrize()`` does; returns with how many.

    That makes them while pytest collects, in each process those of all operations: half of the time it collects.
    """
    asked = 0

    def test(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        ask(case)

    part = schema.include(name=label)
    [operation] = part.get_all_operations()
    build_operation_test(
        config=part.config, operation=operation.ok(), test_func=PLENTY(test), given_kwargs={}, feedback=_feedback()
    )()
    return asked


@cache
def _feedback() -> FeedbackSources:
    """The constants of the application, which are read from all of its source."""
    return FeedbackSources(constants_value_source=make_constants_value_source(schema))


@contextmanager
def one_connection() -> Iterator[None]:
    """The WSGI application keeps the connection, and with it the transaction, of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def instructor(world: World) -> dict[str, str]:
    world.enroll("sam", "elsewhere")
    world.enroll("invited@example.org", auto_enroll=True)
    return {"Authorization": f"Bearer {make_token(world.instructor)}"}


def ask(case: schemathesis.Case, headers: dict[str, str]) -> Any:
    with one_connection():
        response = case.call(headers=headers)
        excluded = []
        if response.status_code == 400 and set(response.json().get("field_errors", ())) & KNOWN_TO_THE_COURSE_ALONE:
            excluded.append(CHECKS.get_one("positive_data_acceptance"))
        case.validate_response(response, excluded_checks=excluded, headers=headers)
    return response


@pytest.mark.parametrize("label", labels(schema.exclude(path_regex=OTHERS)))
def test_api_keeps_to_its_document(label: str, instructor: dict[str, str]) -> None:
    assert ask_plenty(label, lambda case: ask(case, instructor)) >= 1


def test_tasks_that_were_started_are_found_by_the_links_of_the_document(instructor: dict[str, str]) -> None:
    statuses = set()

    class Walk(schema.exclude(path_regex=OTHERS).as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": instructor}

        def validate_response(self, response: Any, case: schemathesis.Case, **_: Any) -> None:
            statuses.add((case.operation.label.split("/")[-1], response.status_code))

    with one_connection():
        Walk.run(settings=settings(PLENTY, max_examples=8, stateful_step_count=4))
    assert ("{task_id}", 200) in statuses


TASK = f"{BASE}/{{course_key}}/tasks/{{task_id}}"


@pytest.fixture
def task(instructor: dict[str, str], world: World) -> uuid.UUID:
    answer = Api(world.instructor).post("enrollments", {"identifiers": ["sam", "nobody", "new@example.org"]})
    return uuid.UUID(answer.json()["task_id"])


def finish(task: uuid.UUID) -> None:
    job = find_job(task)
    assert job is not None
    while run_chunk(job):
        pass
    complete_job(task)


@pytest.mark.parametrize("state", ["pending", "completed", "failed"])
def test_a_task_of_each_state_is_as_documented(state: str, task: uuid.UUID, instructor: dict[str, str]) -> None:
    if state == "completed":
        finish(task)
    if state == "failed":
        fail_job(task, "It broke.")
    case = schema[TASK]["GET"].Case(path_parameters={"course_key": KEY, "task_id": str(task)})
    assert ask(case, instructor).json()["state"] == state


@pytest.mark.parametrize("form", ["json", "csv"])
def test_all_results_are_as_documented(form: str, task: uuid.UUID, instructor: dict[str, str]) -> None:
    finish(task)
    case = schema[TASK]["GET"].Case(path_parameters={"course_key": KEY, "task_id": str(task)})
    signature = ask(case, instructor).json()["result"]["results_url"].split("signature=")[1]
    results = schema[f"{TASK}/results"]["GET"].Case(
        path_parameters={"course_key": KEY, "task_id": str(task)}, query={"signature": signature, "format": form}
    )
    response = ask(results, {})
    assert response.status_code == 200
    assert form in response.headers["content-type"][0]


@pytest.fixture
def document() -> dict[str, Any]:
    return dict(Api().get("/api/openapi.json").json())


def test_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    for name, component in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(component), name
    operations = {result.ok().label for result in schema.get_all_operations()}
    # schemathesis leaves out the address from which it took the document
    assert operations | {"GET /api/openapi.json"} == {f"{m} {a.template}" for a in ADDRESSES for m in a.methods}


def test_document_has_every_address_and_method(document: dict[str, Any]) -> None:
    assert {path: {m.upper() for m in item if m != "parameters"} for path, item in document["paths"].items()} == {
        address.template: set(address.methods) for address in ADDRESSES
    }


def test_document_names_every_error_status(document: dict[str, Any]) -> None:
    endpoints = [(address.template, method, e) for address in ADDRESSES for method, e in address.methods.items()]
    assert len(endpoints) >= len(ADDRESSES) > 20
    for template, method, endpoint in endpoints:
        operation = document["paths"][template][method.lower()]
        by_headers = {304} if endpoint.has_etag and method == "GET" else set()
        by_headers |= {400, 409, 422} if method != "GET" else set()
        by_headers |= {412} if endpoint.held_state else set()
        assert {int(s) for s in operation["responses"]} == {*endpoint.answers, *endpoint.errors, *by_headers, 500}
        names = {p["name"] for p in operation["parameters"]}
        assert ("Idempotency-Key" in names) == (method != "GET")
        assert ("If-Match" in names) == (endpoint.held_state is not None)


def test_document_has_no_dangling_references(document: dict[str, Any]) -> None:
    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    found = set(references(document))
    assert found <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found


def test_document_needs_no_credentials_and_says_so(world: World) -> None:
    assert Api().get("/api/openapi.json").status_code == 200
    assert schema.raw_schema["paths"]["/api/openapi.json"]["get"]["security"] == []


def test_example_key_of_the_document_is_the_course_that_schemathesis_asks_for() -> None:
    parameters = schema.raw_schema["paths"][f"{BASE}/{{course_key}}/enrollments"]["parameters"]
    assert [p["example"] for p in parameters] == [KEY]
