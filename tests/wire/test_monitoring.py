"""What the service says about itself: whether it is ready, its metrics, and the files in deploy/ that use them."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from django.db import connection
from django.utils import timezone
from procrastinate import JobContext

from matricula.cli.check import check_service
from matricula.feed.webhooks.reads import count_webhooks
from matricula.history.seals.writes import seal_journal
from matricula.jobs.writes import record_job
from matricula.journal.statuses import COMMAND
from matricula.models import Job, JournalEntry, LmsConnection, OutgoingMail, Seal, Tally, Webhook
from matricula.monitoring.readiness import Checks, check_readiness
from matricula.monitoring.readings import read_metrics
from matricula.monitoring.requests import RequestCounts
from matricula.worker import tasks
from tests.conftest import World, as_superuser

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def beat() -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")


def problems(checks: Checks) -> set[str]:
    return {name for name, check in checks.items() if check.problem}


def samples() -> dict[str, dict[tuple[str, ...], float]]:
    """Sample → labels → value."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for metric in read_metrics():
        for sample in metric.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


# --- Ready ---


def test_a_service_is_ready_with_its_tables_and_a_worker(world: World) -> None:
    assert problems(check_readiness()) == {"worker"}
    beat()
    checks = check_readiness()
    assert problems(checks) == set()
    assert checks["worker"].facts == {"workers": 1}


def test_a_missing_migration_is_a_problem(world: World) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'matricula' and name like '0038%'")
    beat()
    checks = check_readiness()
    assert problems(checks) == {"migrations"}
    assert checks["migrations"].facts == {"missing": 1}


def test_a_job_that_waits_for_long_is_a_problem(world: World) -> None:
    beat()
    job = record_job("course_enrollments", actor_id=None, source=COMMAND, course_id=None, options={})
    assert problems(check_readiness()) == set()
    Job.objects.filter(pk=job).update(created=timezone.now() - timedelta(minutes=11), state="pending")
    checks = check_readiness()
    assert problems(checks) == {"queue"}
    assert checks["queue"].facts["oldest_waiting_seconds"] >= 660


# --- Metrics ---


def test_rows_written_are_counted_once_each_by_subject_and_transition(world: World, final_at_once: None) -> None:
    world.enroll("sam", "staff", "new@example.org")
    world.unenroll("sam")
    seal_journal()
    world.enroll("sam")
    seal_journal()
    seal_journal()
    counted: dict[tuple[str, ...], float] = {}
    for pair in JournalEntry.objects.values_list("subject", "transition"):
        counted[pair] = counted.get(pair, 0) + 1
    assert samples()["matricula_changes_total"] == counted
    assert sum(counted.values()) > 5


def test_mails_are_counted_as_they_leave(world: World, mailoutbox: list[Any]) -> None:
    world.enroll("sam", "new@example.org", email=True)
    waiting = OutgoingMail.objects.filter(due__isnull=False).count()
    OutgoingMail.objects.filter(to="new@example.org").update(to="no address")
    before = samples()
    assert before["matricula_mails"][("waiting",)] == waiting == 2
    assert before["matricula_mails_tried_total"] == {("sent",): 0, ("failed",): 0, ("given_up",): 0}
    tasks.deliver_mail(cast(JobContext, SimpleNamespace(should_abort=lambda: False)))
    after = samples()
    assert after["matricula_mails"][("waiting",)] == 0
    assert after["matricula_mails_tried_total"] == {("sent",): 1, ("failed",): 0, ("given_up",): 1}
    assert len(mailoutbox) == 1


def test_what_a_connector_has_sent_is_counted_by_connection(world: World) -> None:
    assert samples().get("matricula_lms_rows") is None
    LmsConnection.objects.create(name="campus", url="http://lms", client_id="c", client_secret_env="LMS_SECRET")
    found = samples()
    assert found["matricula_lms_rows"] == {
        ("campus", state): 0 for state in ("waiting", "sent", "confirmed", "rejected")
    }
    assert found["matricula_lms_failing"] == found["matricula_lms_differences"] == {("campus",): 0}


def test_what_can_not_be_read_is_said_and_the_rest_is_there(world: World) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(
            "create or replace function matricula_journal_is_elsewhere() returns boolean language sql stable"
            " return true"
        )
    found = samples()
    failed = {name for (name,), value in found["matricula_reading_failed"].items() if value}
    assert failed == {"seals"}
    assert "matricula_seal_age_seconds" not in found
    assert "matricula_database_connections" in found


def test_no_metric_names_a_person(world: World, final_at_once: None) -> None:
    world.enroll("sam", "quixada@example.org", reason="Quixada asked")
    seal_journal()
    text = RequestCounts().render("", read_metrics())[1].decode()
    assert "matricula_changes_total" in text
    for word in ("sam", "quixada", "Quixada", "example.org", "North"):
        assert word not in text


# --- The files that use them ---


@pytest.fixture
def names(world: World) -> set[str]:
    """The names of all series."""
    found = {metric.name for metric in [*read_metrics(), *RequestCounts().metrics()]}
    ends = ("", "_total", "_info", "_bucket", "_sum", "_count")
    return {name + end for name in found for end in ends}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in PANELS for target in panel["targets"])


def test_every_query_uses_metrics_that_exist_and_every_metric_is_shown(names: set[str]) -> None:
    used = {name for text in expressions() for name in re.findall(r"\bmatricula_\w+", text)}
    assert used - names == set()
    shown = {re.sub("_(total|info|bucket)$", "", name) for name in used}
    found = {metric.name for metric in [*read_metrics(), *RequestCounts().metrics()]}
    assert found - shown == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alert_has_a_reason_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert set(rule["annotations"]) == {"summary", "reason", "action"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"Matricula[A-Z]\w+", rule["alert"])
    assert rule["expr"].count("(") == rule["expr"].count(")")


def test_the_dashboard_is_whole() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in PANELS)
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}


# --- matricula check ---


def lines(capsys: pytest.CaptureFixture[str]) -> str:
    check_service()
    return capsys.readouterr().out


def test_check_reports_webhooks_that_fail(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def hook(**how: Any) -> None:
        Webhook.objects.create(
            id=f"00000000-0000-4000-8000-{Webhook.objects.count():012}",
            owner=world.instructor,
            url="https://receiver.example.org/",
            created=timezone.now(),
            secret="x",
            xact=0,
            entry=0,
            **how,
        )

    long_ago = timezone.now() - timedelta(hours=1)
    hook()
    hook(failing_since=timezone.now())
    assert "ebhook" not in lines(capsys)
    hook(failing_since=long_ago)
    hook(off_since=long_ago, off_reason="failing", failing_since=long_ago)
    hook(off_since=long_ago, off_reason="switched_off")
    text = lines(capsys)
    assert "1 webhook has been failing for more than 10 minutes." in text
    assert "1 webhook was switched off after three days of failed deliveries." in text
    assert count_webhooks()[:5] == (1, 2, 1, 1, 0)


def test_check_reports_changes_that_are_not_sealed(
    world: World, final_at_once: None, capsys: pytest.CaptureFixture[str]
) -> None:
    late = "that are not sealed yet"
    seal_journal()
    world.enroll("sam")
    assert late not in lines(capsys)
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update matricula_seal set at = now() - interval '1 hour'")
        cursor.execute(
            "update matricula_journalentry set at = now() - interval '1 hour' where id = (select max(id) from"
            " matricula_journalentry)"
        )
        cursor.execute("set local session_replication_role = origin")
    assert late in lines(capsys)
    seal_journal()
    assert late not in lines(capsys)
    assert Seal.objects.count() >= 2 and Tally.objects.exists()
