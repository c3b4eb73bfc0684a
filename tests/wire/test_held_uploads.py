"""What a client of the Registrar API sees of an upload that waits for an approval."""

import uuid
from typing import Any

from matricula.batches.planning import review_plan
from matricula.batches.plans.reads import find_plan
from matricula.batches.plans.statuses import Decision
from matricula.jobs.reads import get_job
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.models import Program
from matricula.worker.tasks import carry_out
from tests.conftest import Api
from tests.domain.program_jobs import enroll, facts
from tests.university import University
from tests.wire.answers import content
from tests.wire.test_registrar_uploads import send

AWAY = "student_key,status\r\n" + "".join(f"S-{n:02},canceled\r\n" for n in range(12))


def waiting(university: University, api: Api) -> tuple[dict[str, Any], uuid.UUID]:
    """The answer 202, and the plan that the worker has made since."""
    Program.objects.filter(pk=facts().id).update(hold_uploads=True)
    enroll(*(f"S-{n:02}" for n in range(12)))
    answer: dict[str, Any] = send(api, AWAY.encode()).json()  # type: ignore[attr-defined]
    assert api.get(answer["job_url"]).json()["state"] == "Queued"
    plan_id = uuid.UUID(get_job(uuid.UUID(answer["job_id"])).waits_for)
    carry_out(get_job(plan_id))
    return answer, plan_id


def review(university: University, plan_id: uuid.UUID, decision: Decision, note: str | None = None) -> None:
    plan, by = find_plan(plan_id), university.root.pk
    assert plan is not None
    seen = plan.fingerprint or ""
    review_plan(plan_id, by, decision, fingerprint=seen, note=note, operation=new_operation(by, API, note))


def test_it_stays_in_progress_and_says_where_it_is_approved(university: University) -> None:
    api = Api(university.writer())
    answer, plan_id = waiting(university, api)
    job = api.get(answer["job_url"]).json()
    assert (job["state"], job["result"], job["progress"]) == ("In Progress", None, {"current": 0, "total": 12})
    assert job["text"].startswith("This upload exceeds a limit and is waiting for approval: http")
    assert job["text"].endswith(f"/plans/{plan_id}/")
    assert [one["job_id"] for one in api.get("/api/v1/jobs/").json()] == [answer["job_id"]]
    assert send(api, b"student_key,status\r\nx,enrolled\r\n").status_code == 409
    review(university, plan_id, Decision.APPROVED)
    job = api.get(answer["job_url"]).json()
    assert (job["state"], job["text"]) == ("In Progress", None)
    carry_out(get_job(uuid.UUID(answer["job_id"])))
    job = api.get(answer["job_url"]).json()
    assert (job["state"], job["text"], job["progress"]) == ("Succeeded", "200", {"current": 12, "total": 12})
    assert content(Api().get(job["result"])) == AWAY.encode()


def test_a_rejected_one_fails_with_the_reason(university: University) -> None:
    api = Api(university.writer())
    answer, plan_id = waiting(university, api)
    review(university, plan_id, Decision.REJECTED, "Half of the file is missing.")
    job = api.get(answer["job_url"]).json()
    assert (job["state"], job["text"], job["result"]) == ("Failed", "Half of the file is missing.", None)
    assert send(api, b"student_key,status\r\nx,enrolled\r\n").status_code == 202
