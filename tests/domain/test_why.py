"""What the answer to "why?" stands on: few statements, indexes that are whole, keys as the database folds them."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from matricula.cli import service
from matricula.cli.main import app
from matricula.history.why.course import explain_in_course
from matricula.history.why.identifiers import plain
from matricula.history.why.program import explain_in_program
from matricula.history.why.values import EVERYTHING
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task
from tests.conftest import KEY, World
from tests.domain.program_jobs import enroll, study
from tests.university import University, facts


def test_an_answer_takes_few_statements_whatever_there_is(university: University) -> None:
    world = university.world
    link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", world.learner.pk)])
    enroll("S-1", *(f"W-{n}" for n in range(5)))
    study(world.course.id, "S-1")
    for n in range(5):
        world.enroll("sam", mode="audit" if n % 2 else "verified")
        carry_out(get_job(start_enrollment_task(world.course, ["gone", f"gone{n}"], actor_id=world.instructor.pk)))
    with CaptureQueriesContext(connection) as asked:
        found = explain_in_course(world.course, "sam", EVERYTHING)
        rejected = explain_in_course(world.course, "gone", EVERYTHING)
    assert len(found.chain) > 5 and len(rejected.refused) == 5
    assert len(asked) <= 2 * 13, [query["sql"][:80] for query in asked]
    with CaptureQueriesContext(connection) as asked:
        assert explain_in_program(facts(), "W-3", EVERYTHING).waiting
    assert len(asked) <= 8


def test_an_account_is_in_a_program_under_one_key(university: University) -> None:
    enroll("OLD", "NEW")
    sam, organization = university.world.learner.pk, facts().organization_id
    for key in ("OLD", "NEW"):
        link_student_keys(new_operation(None, "command"), organization, [(key, sam)])
    found = [explain_in_program(facts(), key, EVERYTHING) for key in ("old", "new")]
    assert [answer.who.account_id for answer in found].count(sam) == 1


@pytest.mark.parametrize("index", ["job_chunk_rejected", "journal_by_student_key"])
def test_the_indexes_are_whole(db: None, index: str) -> None:
    """An index of a partitioned table counts once each part's own belongs to it."""
    query = """
    select i.indisvalid, (select count(*) from pg_inherits p where p.inhparent = i.indexrelid),
        (select count(*) from pg_inherits p where p.inhparent = i.indrelid)
    from pg_index i where i.indexrelid = to_regclass(%s)
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [index])
        [(is_valid, parts, tables)] = cursor.fetchall()
    assert is_valid and parts == tables


def test_rejected_keys_are_folded_as_the_question_is(db: None) -> None:
    keys = ["Sam", "sa\u200bm", "S\u00c9@X.org", "\u202ea\ufe0fb", "plain", "", "in\U000e0020"]
    query = "select matricula_rejected_keys(%s::text[], %s::jsonb, %s::int[], %s::jsonb)"
    codes = [0, 0, 0, 0, 1, 0, 0]
    before = json.dumps([{"key": "Bad\u200b", "reason": "x"}])
    with connection.cursor() as cursor:
        cursor.execute(query, [keys, '[["error"], ["enrolled"]]', codes, before])
        [(found,)] = cursor.fetchall()
        cursor.execute(query, [keys, '[["enrolled"], ["unchanged"]]', codes, None])
        [(nothing,)] = cursor.fetchall()
    wanted = {plain(key) for key, code in zip(keys, codes, strict=True) if key and code == 0}
    assert sorted(found) == sorted(wanted | {"bad"}) and nothing is None


def test_the_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_prepare_django", lambda: None)

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["why", *words])

    world.enroll("sam", mode="verified", reason="paid\nin cash")
    result = run(KEY, "sam")
    sentence, change = result.stdout.splitlines()
    assert sentence.startswith("Sam Learner has been enrolled as verified since") and "paid in cash" in change
    told = json.loads(run(KEY, "nobody@example.org", "--json").stdout)
    assert told["case"] == "unknown_address" and told["chain"] == []
    assert run("nothing", "sam").exit_code == 1
