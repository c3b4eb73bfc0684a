"""The document tells the truth about the Record API: schemathesis asks whatever it allows and forbids."""

import json
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest
import schemathesis

from matricula.rest.contracts.record.urls import RECORD_ADDRESSES
from matricula.rest.endpoint import encode
from matricula.rest.openapi import make_document
from matricula.rest.urls import ABOUT, ADDRESSES
from tests.conftest import KEY, Api, make_token
from tests.university import University
from tests.wire.answers import content
from tests.wire.test_openapi import CHECKS, RECORD, ask_plenty, labels, one_connection, schema
from tests.wire.test_record_permissions import ABOUT as A_PLAN
from tests.wire.test_record_permissions import OF_PROGRAM, stored

# a copy, because schemathesis adds to its own
DOCUMENT: dict[str, Any] = json.loads(encode(make_document(ADDRESSES, ABOUT)))


@pytest.fixture
def ids(university: University) -> dict[str, str]:
    """Those of a plan that waits and of an operation, both about the program."""
    return stored(Api(university.root), OF_PROGRAM)


@pytest.fixture
def headers(university: University, ids: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(university.root)}"}


def unfit_checks(case: schemathesis.Case, response: Any) -> list[str]:
    """Checks that expect other answers than the contract gives: which rows belong to a kind, which course runs and
    programs there are, what is in a file, and which rows a plan has, only the service can tell.
    """
    if response.status_code == 413:
        return ["negative_data_rejection"]
    return ["positive_data_acceptance"] if response.status_code in {400, 404, 409} else []


def ask(case: schemathesis.Case, headers: dict[str, str], ids: dict[str, str]) -> None:
    # a stored plan and operation, or all answers were 404
    replaced = [name for name in ids if name in case.path_parameters]
    case.path_parameters |= {name: ids[name] for name in replaced}
    with one_connection():
        response = case.call(headers=headers)
        unfit = unfit_checks(case, response)
        # what was wrong was the path that is not sent, or a body of another kind that isn't read; or nothing, where a
        # path is its own example and there is no more to send
        is_example = unquote(case.path_parameters.get("course_key", "")) == KEY and not case.query
        if replaced or is_example or response.status_code == 415:
            unfit.append("negative_data_rejection")
        excluded = [CHECKS.get_one(name) for name in unfit]
        case.validate_response(response, excluded_checks=excluded, headers=headers)
    assert response.status_code < 500


@pytest.mark.parametrize("label", labels(schema.include(path_regex=RECORD)))
def test_api_keeps_to_its_document(label: str, headers: dict[str, str], ids: dict[str, str]) -> None:
    assert ask_plenty(label, lambda case: ask(case, headers, ids)) >= 1


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(a.template, m, DOCUMENT["paths"][a.template][m.lower()]) for a in RECORD_ADDRESSES for m in a.methods]


def checked(part: dict[str, Any]) -> None:
    """The example fits its own schema."""
    root = {"components": DOCUMENT["components"], **part["schema"]}
    jsonschema_rs.validate(root, part["example"])


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=lambda x: x if isinstance(x, str) else "")
def test_examples_are_there_and_fit(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"].items()
    parts = [(int(s), media, part) for s, r in responses for media, part in r.get("content", {}).items()]
    statuses = [int(s) for s, _ in responses]
    assert parts and min(statuses) < 300 and max(statuses) >= 400
    for status, media, part in parts:
        if status < 300 and media == "application/json":
            checked(part)
        if status >= 400:
            assert part["schema"]["$ref"].endswith("/RecordError")
    if "requestBody" in operation:
        checked(operation["requestBody"]["content"]["application/json"])


def test_the_examples_of_the_document_work(university: University) -> None:
    ask = Api(university.root)
    for name in ("kim", "helen"):
        ask.post("enrollments", {"identifiers": [name]})
    path = "/api/record/v1/plans"
    example = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = ask.post(path, example)
    assert answer.status_code == 201, content(answer)


def test_a_plan_that_was_started_is_found_by_the_link_of_the_document(university: University) -> None:
    link = DOCUMENT["paths"]["/api/record/v1/plans"]["post"]["responses"]["202"]["links"]["plan"]
    [found] = [p for p, i in DOCUMENT["paths"].items() if i.get("get", {}).get("operationId") == link["operationId"]]
    assert link["parameters"] == {"plan_id": "$response.body#/plan_id"}
    plan = Api(university.root).post("/api/record/v1/plans", A_PLAN).json()  # type: ignore[attr-defined]
    assert plan["plan_url"].endswith(found.format(plan_id=plan["plan_id"]))


def test_both_ways_to_send_rows_are_documented() -> None:
    body = DOCUMENT["paths"]["/api/record/v1/plans"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
