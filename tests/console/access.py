"""What the tests of access share."""

import base64
import re
from typing import Any

from django.test import Client as HttpClient

from matricula.models import Change
from tests.journal import changes, without_version
from tests.university import OWN

ACCESS = "/access/"
ROLE = {"role": "read_reports", "place": "program", "key": OWN, "reason": "new registrar"}
CLIENT = {"client_id": "grades", "who": "instructor", "scopes": ["read"], "reason": "nightly grades"}


def last() -> Change:
    entry = changes().order_by("-id").first()
    assert entry is not None
    return entry


def told(entry: Change) -> tuple[Any, ...]:
    before, after = without_version(entry.before), without_version(entry.after)
    return entry.subject, entry.transition, before, after, entry.reason, entry.source


def ask(client_id: str, secret: str, **fields: str) -> Any:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    fields = {"grant_type": "client_credentials", **fields}
    return HttpClient().post("/oauth2/token/", fields, headers={"Authorization": f"Basic {basic}"})


def secret_on(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found is not None
    return found[1]
