"""Readers of the console: a browser without scripts."""

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client as HttpClient

# every screen is loaded before a test gives one of them smaller pages: what others take from it is then as it is
from matricula.batches.plans.reads import find_plan
from matricula.console import urls  # noqa: F401
from matricula.models import Account, Group
from tests.conftest import KEY, World
from tests.university import University

COURSE = f"/courses/{KEY}/"


class Reader:
    """Somebody who is signed in, and reads pages."""

    def __init__(self, account: Account) -> None:
        self.account_id = account.pk
        self.http = HttpClient()
        self.http.force_login(account)

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        answer = self.http.get(path, headers=headers)
        assert answer.status_code == status, (path, answer.status_code)
        return text_of(answer)

    def part(self, path: str) -> str:
        """What htmx gets."""
        return self.get(path, **{"HX-Request": "true"})

    def post(self, path: str, status: int = 302, /, **fields: Any) -> str:
        """Where the form leads to; for another status than 302, the page."""
        answer = self.http.post(path, fields)
        assert answer.status_code == status, (path, answer.status_code, text_of(answer)[:2000])
        return answer["Location"] if status == 302 else text_of(answer)

    def apply(self, address: str, status: int = 302, /, **fields: Any) -> str:
        """Applies the plan of this page as it is; leads to the job that did, where one did."""
        answer = self.post(f"{address}apply/", status, fingerprint=fingerprint_of(address), **fields)
        found = find_plan(plan_id_of(address))
        return f"/jobs/{found.applied_by}/" if status == 302 and found and found.applied_by else answer


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def words_of(page: str) -> str:
    """The words that a reader sees, with single spaces."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def plan_id_of(address: str) -> uuid.UUID:
    return uuid.UUID(address.split("/")[2])


def fingerprint_of(address: str) -> str:
    """What the forms of a plan's page say that their reader saw."""
    found = find_plan(plan_id_of(address))
    return (found and found.fingerprint) or ""


@pytest.fixture
def instructor(world: World) -> Reader:
    return Reader(world.instructor)


@pytest.fixture
def operator(university: University) -> Reader:
    return Reader(university.root)


@pytest.fixture
def team(operator: Reader) -> Group:
    assert operator.post("/access/groups/new/", name="team", reason="a new office").startswith("/access/groups/")
    return Group.objects.get(name="team")
