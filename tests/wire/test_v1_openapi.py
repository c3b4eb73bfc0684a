"""The document tells the truth about the Enrollment API v1: schemathesis asks whatever it allows and forbids."""

from typing import Any

import pytest
import schemathesis

from tests.conftest import World, make_token
from tests.wire.test_openapi import CHECKS, V1, ask_plenty, labels, one_connection, schema


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    world.enroll("sam", "elsewhere")
    world.enroll("invited@example.org", auto_enroll=True)
    return {"Authorization": f"Bearer {make_token(world.admin)}"}


def ask(case: schemathesis.Case, headers: dict[str, str]) -> None:
    with one_connection():
        response = case.call(headers=headers)
        unfit = []
        # which course runs, modes, accounts and cursors there are, only the service can tell
        if response.status_code in {400, 404, 406, 409}:
            unfit.append("positive_data_acceptance")
        # the body is read up to the first rule that applies
        if case.operation.label.startswith("POST /api/enrollment/v1/enrollment") and response.status_code == 200:
            unfit.append("negative_data_rejection")
        excluded = [CHECKS.get_one(name) for name in unfit]
        case.validate_response(response, excluded_checks=excluded, headers=headers)
    assert response.status_code < 500


@pytest.mark.parametrize("label", labels(schema.include(path_regex=V1)))
def test_api_keeps_to_its_document(label: str, headers: dict[str, str]) -> None:
    assert ask_plenty(label, lambda case: ask(case, headers)) >= 1


def test_what_may_be_null_or_missing_is_said() -> None:
    paths: dict[str, Any] = schema.raw_schema["paths"]
    record = paths["/api/enrollment/v1/enrollment"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert {"type": "null"} in record["anyOf"]
    assert paths["/api/enrollment/v1/course/{course_key}"]["get"]["security"] == []


def test_each_operation_has_a_name_of_its_own() -> None:
    operations = [o for item in schema.raw_schema["paths"].values() for m, o in item.items() if m != "parameters"]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) > 40
