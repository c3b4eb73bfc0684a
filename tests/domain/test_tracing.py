"""Traces: spans of requests, statements, jobs and calls to others, and no person in any of them."""

import asyncio
import io
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from matricula.feed.webhooks.sending import send
from matricula.foundation.database import JSON_LINES, copy_out
from matricula.foundation.tracing import begin_tracing, is_tracing, span, trace_id, trace_statement
from matricula.server.front import Front, environ_of
from matricula.server.spool import Answer, Budget
from matricula.worker import tasks
from tests.conftest import BASE, KEY, World, make_account
from tests.unit.test_front import Client
from tests.webhooks import RESOLVE, receiver
from tests.wire.test_request_ids import Lines


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    # the connection of the test was made before
    monkeypatch.setattr(connections["default"], "execute_wrappers", [trace_statement])
    begin_tracing(None, "tests", SimpleSpanProcessor(made))
    yield made
    begin_tracing(None, "tests")


def ask(path: str, method: str = "GET") -> int:
    """In this thread, and so in the transaction of the test."""
    client = Client(path)
    client.scope["method"], client.scope["headers"] = method, [(b"host", b"localhost")]
    environ = {**environ_of(client.scope), "wsgi.input": io.BytesIO()}
    answer = Answer(Budget(2**20), lambda: None)
    Front(WSGIHandler())._run(environ, answer)
    return answer.status


def texts(exporter: InMemorySpanExporter) -> str:
    return " ".join(made.to_json() for made in exporter.get_finished_spans())


def test_nothing_is_traced_unless_it_is_wanted() -> None:
    assert not is_tracing()
    assert connections.create_connection("default").execute_wrappers == []
    with span("x", a="b") as made:
        made.set_attribute("c", 1)
        assert trace_id() is None


def test_new_connections_trace_their_statements(exporter: InMemorySpanExporter) -> None:
    assert connections.create_connection("default").execute_wrappers == [trace_statement]


def test_a_request_and_its_statements_are_one_trace_without_people(
    world: World, exporter: InMemorySpanExporter
) -> None:
    assert ask(f"{BASE}/{KEY}/enrollments/zoraida@example.org?q=zoraida") == 401
    assert ask("/login/", "ZORAIDA") in {403, 405}
    assert ask("/courses/zoraida/") == 302
    spans = exporter.get_finished_spans()
    requests = [made for made in spans if made.name == "request"]
    assert [dict(made.attributes or {})["http.response.status_code"] for made in requests][::2] == [401, 302]
    assert requests[0].attributes is not None
    assert requests[0].attributes["http.route"] == f"{BASE}/{{course_key}}/enrollments/{{email_or_username}}"
    assert "zoraida" not in texts(exporter).lower()


def test_statements_have_no_parameters(world: World, exporter: InMemorySpanExporter) -> None:
    # what is asked outside of a trace is none: workers look each second whether there is something to do
    assert world.learner.pk in set(type(world.learner).objects.values_list("pk", flat=True))
    assert exporter.get_finished_spans() == ()
    with span("request"):
        make_account("zoraida", email="zoraida@example.org")
        list(copy_out("select %s::text as name", ["zoraida"], JSON_LINES))
    spans = exporter.get_finished_spans()
    assert {made.name for made in spans} == {"request", "statement", "copy"}
    assert len({made.context.trace_id for made in spans if made.context}) == 1
    assert "zoraida" not in texts(exporter)
    copies = [made.attributes or {} for made in spans if made.name == "copy"]
    assert [made["db.query.text"] for made in copies] == ["select %s::text as name"]


def test_an_error_is_named_by_its_type_alone(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), span("request"):
        raise KeyError("zoraida")
    [made] = exporter.get_finished_spans()
    assert (made.attributes or {})["error.type"] == "KeyError"
    assert made.events == ()
    assert "zoraida" not in texts(exporter)


def test_jobs_and_calls_to_receivers_are_traced(
    world: World, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    job: Any = SimpleNamespace(id="0c8e4f7e-0000-4000-8000-000000000000", kind="course_enrollments")
    seen: list[str | None] = []
    monkeypatch.setattr(tasks, "permit_of_job", lambda _job: None)
    monkeypatch.setattr(tasks, "_carry_out", lambda _job, _stop: bool(seen.append(trace_id())))
    tasks.carry_out(job)
    with receiver() as made:
        asyncio.run(send(f"{made.url}/secret-path", {}, b"{}", resolve=RESOLVE, private=True))
    of_job, of_webhook = exporter.get_finished_spans()
    assert (of_job.attributes or {})["matricula.kind"] == "course_enrollments"
    assert of_job.context is not None and seen == [f"{of_job.context.trace_id:032x}"]
    assert dict(of_webhook.attributes or {}) == {"server.address": "127.0.0.1", "http.response.status_code": 204}
    assert "secret" not in texts(exporter)


def test_lines_of_the_log_have_the_trace(world: World, exporter: InMemorySpanExporter) -> None:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    try:
        ask("/login/")
    finally:
        logging.getLogger().removeHandler(handler)
    lines = [line for line in handler.found if line["event"] == "page"]
    [request] = [made for made in exporter.get_finished_spans() if made.name == "request"]
    assert request.context is not None
    assert [line["trace"] for line in lines] == [f"{request.context.trace_id:032x}"]
    assert (request.attributes or {})["matricula.request"] == lines[0]["request"]
