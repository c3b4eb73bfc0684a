"""The document tells the truth about the Registrar API: schemathesis asks whatever it allows and forbids."""

import json
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from matricula.rest.contracts.registrar.urls import REGISTRAR_ADDRESSES
from matricula.rest.endpoint import encode
from matricula.rest.openapi import make_document
from matricula.rest.urls import ABOUT, ADDRESSES
from tests.conftest import KEY, Api, make_token
from tests.university import OWN, University
from tests.wire.answers import content
from tests.wire.test_openapi import CHECKS, REGISTRAR, ask_plenty, labels, one_connection, schema

# a copy, because schemathesis adds to its own
DOCUMENT: dict[str, Any] = json.loads(encode(make_document(ADDRESSES, ABOUT)))
QUERIES = {
    path: {p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"}
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method == "get"
}


@pytest.fixture
def headers(university: University) -> dict[str, str]:
    ask = Api(university.writer("first"))
    body = [{"student_key": key, "status": "enrolled"} for key in ("S-1001", "S-1", "S-2")]
    assert ask.post(f"/api/v1/programs/{OWN}/enrollments/", body).status_code == 200
    return {"Authorization": f"Bearer {make_token(university.writer('asker', course_roles=True))}"}


def unfit_checks(path: str, status: int) -> list[str]:
    """Checks that expect other answers than the contract gives."""
    if status == 413:
        return ["negative_data_rejection"]
    # 422 is no refusal: it is the map of a request in which nothing could be done, as the document says;
    # and no schema tells a good file from a bad one
    if status == 422 or (status == 400 and path.endswith("/upload/")):
        return ["positive_data_acceptance"]
    return []


def ask(case: schemathesis.Case, headers: dict[str, str]) -> None:
    # a stored program and course run, or all answers were 404
    stored = {"program_key": OWN, "course_id": KEY}
    replaced = [name for name in stored if len(case.path_parameters.get(name, "")) % 4]
    case.path_parameters |= {name: stored[name] for name in replaced}
    with one_connection():
        response = case.call(headers=headers)
        unfit = unfit_checks(case.path, response.status_code)
        # what was wrong was the path that is not sent, or names in the query that nobody knows and everybody ignores
        if replaced and case.method == "GET" and not set(case.query or {}) & QUERIES[case.path]:
            unfit.append("negative_data_rejection")
        excluded = [CHECKS.get_one(name) for name in unfit]
        case.validate_response(response, excluded_checks=excluded, headers=headers)
    assert response.status_code < 500


@pytest.mark.parametrize("label", labels(schema.include(path_regex=REGISTRAR)))
def test_api_keeps_to_its_document(label: str, headers: dict[str, str]) -> None:
    assert ask_plenty(label, lambda case: ask(case, headers)) >= 1


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(a.template, m, DOCUMENT["paths"][a.template][m.lower()]) for a in REGISTRAR_ADDRESSES for m in a.methods]


def checked(part: dict[str, Any]) -> None:
    """The example fits its own schema."""
    root = {"components": DOCUMENT["components"], **part["schema"]}
    jsonschema_rs.validate(root, part["example"])


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=lambda x: x if isinstance(x, str) else "")
def test_examples_are_there_and_fit(path: str, method: str, operation: dict[str, Any]) -> None:
    parts = [(int(s), media, part) for s, r in operation["responses"].items() for media, part in r["content"].items()]
    assert min(parts)[0] < 300 and max(parts)[0] >= 400
    for status, media, part in parts:
        if status < 300 and media == "application/json":
            checked(part)
        if status >= 400 and status != 422:
            assert part["schema"]["$ref"].endswith("/Detail")
    if "requestBody" in operation and "application/json" in operation["requestBody"]["content"]:
        checked(operation["requestBody"]["content"]["application/json"])


def test_versions_are_documented_alike() -> None:
    def plain(version: str) -> dict[str, Any]:
        found = {p.removeprefix(f"/api/{version}"): i for p, i in DOCUMENT["paths"].items() if f"/{version}/" in p[:8]}
        return dict(json.loads(json.dumps(found).replace(f'_{version}"', '"')))

    assert plain("v1") == plain("v2")
    names = [o["operationId"] for item in DOCUMENT["paths"].values() for k, o in item.items() if k != "parameters"]
    assert len(names) == len(set(names))


def test_the_examples_of_the_document_work(university: University) -> None:
    ask = Api(university.writer())
    path = "/api/v1/programs/{program_key}/enrollments/"
    example = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = ask.post(path.format(program_key=OWN), example)
    assert answer.status_code == 200, content(answer)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_job_that_was_started_is_found_by_the_link_of_the_document(version: str, university: University) -> None:
    path = f"/api/{version}/programs/{{program_key}}/enrollments/"
    ask = Api(university.writer())
    started = ask.get(path.format(program_key=OWN)).json()
    link = DOCUMENT["paths"][path]["get"]["responses"]["202"]["links"]["job"]
    [found] = [p for p, i in DOCUMENT["paths"].items() if i.get("get", {}).get("operationId") == link["operationId"]]
    assert link["parameters"] == {"job_id": "$response.body#/job_id"}
    assert started["job_url"].endswith(found.format(job_id=started["job_id"]))
    assert ask.get(started["job_url"]).json()["job_id"] == started["job_id"]
