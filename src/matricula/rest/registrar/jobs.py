"""Jobs: what was started, and how far it is (Contract 1, routes 15 and 16, section 4)."""

import uuid

from django.http import HttpResponse

from matricula.rest.checks import public_root
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.registrar.schemas import JobAccepted


def job_accepted(call: Call, job_id: uuid.UUID) -> HttpResponse:
    """202 JobAccepted, with the address of the job in the version of the request."""
    return answer_json(JobAccepted(job_id, f"{public_root(call)}{call.base}/jobs/{job_id}/"), 202)
