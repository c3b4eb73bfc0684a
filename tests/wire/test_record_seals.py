"""GET /seals and /seals/latest (record-api: Evidence)."""

import io
import sys
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from matricula.grades.writes import GradeRequest, save_grades
from matricula.history.seals import writes
from matricula.history.seals.reads import find_latest
from matricula.history.seals.writes import seal_journal
from matricula.journal.writes import new_operation
from matricula.models import Seal
from matricula.rest.contracts.record.urls import BASE
from matricula.retirement.runs import run_retirements
from matricula.retirement.writes import Whom, request_retirement
from tests.conftest import Api, World, as_superuser, make_account
from tests.wire.answers import refused
from tests.wire.test_record_permissions import make_seal

LATEST, SEALS = f"{BASE}/seals/latest", f"{BASE}/seals"


def test_before_the_first_seal(api: Api) -> None:
    refused(api.get(LATEST), 404)
    assert api.get(SEALS).json() == {"results": [], "cursor": None}


def test_seals_are_followed_from_the_one_that_one_has(api: Api) -> None:
    ids = [make_seal(day).pk for day in (1, 2, 3, 4)]
    latest = api.get(LATEST).json()
    assert latest == {
        "seal_id": ids[3],
        "at": "2026-11-04T00:00:00Z",
        "first_change_id": 4,
        "last_change_id": 4,
        "changes": 1,
        "digest": "00" * 32,
    }

    def seen(query: str) -> list[int]:
        found, cursor = [], ""
        while True:
            page = api.get(f"{SEALS}?page_size=2{query}{cursor}").json()
            found += [seal["seal_id"] for seal in page["results"]]
            if page["cursor"] is None:
                return found
            cursor = f"&cursor={page['cursor']}"

    assert seen("") == ids
    assert seen(f"&since={ids[1]}") == ids[2:]
    assert seen("&since=2026-11-02T00:00:00Z") == ids[1:]
    assert seen("&since=2026-11-02T02:00:00%2B01:00") == ids[2:]
    assert seen(f"&since={'9' * 30}") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-11-02T00:00:00", "since"),
        ("since=-1", "since"),
        ("cursor=x", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
    ],
)
def test_nonsense_is_named(query: str, field: str, api: Api) -> None:
    refused(api.get(f"{SEALS}?{query}"), 400, field)


@pytest.mark.usefixtures("final_at_once")
def test_the_program_of_the_docs_recomputes_the_seals(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the feed and the seals as they are on the wire; only the connection is this process."""
    monkeypatch.setattr(writes, "LARGEST", 5)
    world.enroll("sam", "new@example.org", reason="año \u2028 \U0001f600 </script>\n\t\x7f")
    save_grades(new_operation(None, "api"), [GradeRequest(world.course.id, world.learner.pk, 1.0, "A", True)])
    seal_journal()
    root, found = make_account("root", is_superuser=True), find_latest()
    program = (Path(__file__).parents[2] / "docs/seals.md").read_text("utf-8").split("```python\n")[1].split("```")[0]
    ask = Api(root)
    monkeypatch.setattr(sys, "argv", ["verify_seals.py", "http://testserver", "token"])
    opened = lambda request: io.BytesIO(ask.get(request.full_url).content)  # type: ignore[attr-defined]  # noqa: E731
    monkeypatch.setattr(urllib.request, "urlopen", opened)
    assert found is not None
    assert found.id > 1
    exec(program, {})  # noqa: S102  of our own page
    assert capsys.readouterr().out == f"{Seal.objects.count()} seals match. The last digest is {found.digest.hex()}.\n"
    request_retirement(Whom("sam"), actor_id=None, reason=None)
    with as_superuser():
        run_retirements()
    exec(program, {})  # noqa: S102  of our own page
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{Seal.objects.count()} seals match. The last digest is {found.digest.hex()}."
    assert second.startswith("Traces of people were removed from ")
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update matricula_journalentry set reason = 'another' where id = %s", [found.position.id])
    with pytest.raises(SystemExit, match=f"Seal {found.id} of .* doesn't match"):
        exec(program, {})  # noqa: S102  of our own page
