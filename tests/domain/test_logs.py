"""No line of the log names a person, whatever an error says and whatever is asked for."""

import ast
import io
import json
import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.test import Client as HttpClient

from matricula.foundation.logs import without_values
from tests.broken_rows import break_rows
from tests.conftest import BASE, KEY, Api, World, make_account

ADDRESS = "somebody.private@example.org"
SOURCE = Path(__file__).parents[2] / "src" / "matricula"
# what lines say beside their event: ids, templates, numbers, and words of the program
SAID = {
    # states of an enum, and numbers of them: **
    "None",
    "account", "address", "again_in_seconds", "attempts", "client", "count", "deliveries", "delivery",
    "disclosure", "error", "exc_info", "files", "given_up", "issuer", "job", "jobs", "kind", "lms", "mail",
    "method", "milliseconds", "ms", "of", "on", "owner", "parts", "problem", "provider", "reading", "reason",
    "remedy", "route", "rows", "scopes", "sign_ups", "status", "task", "unfinished_snapshots",
    "waiting_students", "webhook", "webhook_deliveries", "what",
}  # fmt: skip


@pytest.fixture
def written() -> Any:
    """What the log's own handler writes."""
    made = logging.config.DictConfigurator(settings.LOGGING)
    formatter = made.configure_formatter(dict(settings.LOGGING["formatters"]["lines"]))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_what_the_database_refused_is_not_repeated(written: io.StringIO, world: World) -> None:
    make_account("private", email=ADDRESS)
    for log in (structlog.get_logger("matricula.x"), logging.getLogger("matricula.y")):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("update matricula_account set email = %s where id = %s", [ADDRESS, world.learner.pk])
        except Exception:
            log.exception("it failed")
    lines = written.getvalue()
    assert lines.count("account_email_unique") >= 2
    assert ADDRESS not in lines
    # what PostgreSQL quotes of the row
    assert "DETAIL" not in lines


def test_a_page_that_breaks_names_nobody(written: io.StringIO, world: World) -> None:
    make_account("private", email=ADDRESS)
    break_rows("outgoingmail", "true", message=f"no idea what to do with {ADDRESS}")
    http = HttpClient(raise_request_exception=False)
    assert http.post("/account/activate/", {"email": ADDRESS}).status_code == 500
    assert "no idea what to do with <address>" in written.getvalue()
    assert ADDRESS not in written.getvalue()


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for page in sorted(SOURCE.rglob("*.py")):
        text = page.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "_log." in text else ():
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "_log"
            ):
                yield f"{page.relative_to(SOURCE)}:{node.lineno}", node


def test_lines_say_an_event_and_known_facts_alone() -> None:
    calls = list(log_calls())
    assert len(calls) > 40
    for place, call in calls:
        events = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        assert len(call.args) == len(events) == 1 and str(events[0]).islower(), (
            f"{place}: the event is one constant word"
        )
        assert {str(keyword.arg) for keyword in call.keywords} <= SAID, f"{place}: could this name a person?"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("KeyError: 'Ana Quixada'", "KeyError: <value>"),
        ('DataError: invalid input for type bigint: "ana"', "DataError: invalid input for type bigint: <value>"),
        ('x: violates constraint "account_email_unique"', 'x: violates constraint "account_email_unique"'),
        ("x: wrong\nDETAIL:  Failing row contains (1, ana).\nCONTEXT:  COPY, line 1: ana", "x: wrong"),
        ("Traceback:\n  File \"a.py\", line 1, in b\n    c['ana']\nKeyError: 1", None),
    ],
)  # fmt: skip
def test_messages_of_exceptions_quote_no_values(said: str, kept: str | None) -> None:
    assert without_values(said) == (said if kept is None else kept)


def test_typical_requests_leave_no_name_in_the_log(written: io.StringIO, api: Api, world: World) -> None:
    """Names and addresses are in paths, queries, bodies and forms; some requests fail, and some break."""
    person = make_account("quixada", email="quixada@example.org", first_name="Zoraida", last_name="Quixada")
    http = HttpClient(raise_request_exception=False)
    http.force_login(world.staff)
    api.post("enrollments", {"identifiers": ["quixada", "quixada.new@example.org"], "reason": "Zoraida asked"})
    api.get("enrollments/quixada@example.org")
    api.get("enrollments/quixada")
    statuses = [
        http.get("/people/", {"q": "quixada"}).status_code,
        http.get(f"/courses/{KEY}/", {"q": "Zoraida"}).status_code,
        http.get(f"/quixada/{person.email}/").status_code,
        http.get("/api/quixada@example.org").status_code,
        HttpClient().post("/login/", {"login": "quixada@example.org", "password": "quixada-zoraida"}).status_code,
        HttpClient().post("/account/password/reset/", {"email": "quixada@example.org"}).status_code,
        HttpClient().post("/signup/", {"username": "quixada2", "email": "zoraida@example.org"}).status_code,
    ]
    break_rows("courseenrollment", "true", message='no idea what to do with "Zoraida Quixada"')
    broken = http.post(
        f"{BASE}/{KEY}/enrollments", json.dumps({"identifiers": ["quixada"], "mode": "verified"}), "application/json"
    )
    lines = written.getvalue()
    assert 404 in statuses and 200 in statuses
    assert lines.count("request=") >= len(statuses) and "Traceback" in lines, broken.content
    for word in ("quixada", "zoraida", "example.org"):
        assert word not in lines.lower()
