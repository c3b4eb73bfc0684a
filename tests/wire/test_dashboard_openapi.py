"""The document tells the truth about the calls of the instructor dashboard."""

import pytest
import schemathesis

from tests.conftest import KEY, World, make_token
from tests.wire.test_openapi import CHECKS, DASHBOARD, ask_plenty, labels, one_connection, schema


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    world.enroll("sam", "elsewhere")
    world.enroll("invited@example.org", auto_enroll=True)
    return {"Authorization": f"Bearer {make_token(world.admin)}"}


def ask(case: schemathesis.Case, headers: dict[str, str]) -> None:
    # a stored course run and person, or all answers were 404 and 400
    stored = {"course_key": KEY, "email_or_username": "sam"}
    replaced = {name for name in stored if len(case.path_parameters.get(name, "")) % 4}
    case.path_parameters |= {name: stored[name] for name in replaced}
    with one_connection():
        response = case.call(headers=headers)
        unfit = set()
        if response.status_code == 413 or replaced:
            unfit.add("negative_data_rejection")
        # who is known, and which course runs there are, no document can say
        if response.status_code == 400 and {*response.json()} & {"email_or_username", "courses"}:
            unfit.add("positive_data_acceptance")
        excluded = [CHECKS.get_one(name) for name in unfit]
        case.validate_response(response, excluded_checks=excluded, headers=headers)
    assert response.status_code < 500


@pytest.mark.parametrize("label", labels(schema.include(path_regex=DASHBOARD)))
def test_api_keeps_to_its_document(label: str, headers: dict[str, str]) -> None:
    assert ask_plenty(label, lambda case: ask(case, headers)) >= 1
