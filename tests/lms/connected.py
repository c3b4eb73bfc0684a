"""A record and a test LMS that are connected, in one process and without waiting."""

import json
import os
from typing import Any

from django.db import connection as database

from matricula.connections.reads import Connection, find_connection
from matricula.connectors.open_edx.pushing import Pushed, push
from matricula.connectors.open_edx.targets import follow
from matricula.models import LmsConnection, LmsCoverage, LmsRow, Organization
from tests.conftest import wait_until_final
from tests.lms.state import State, StoppedClock
from tests.lms.transport import InProcess

KEY = "course-v1:North+CS101+2027_T1"
PEOPLE = ("admin", "staff", "instructor", "elsewhere", "sam")


class Connected:
    """A connection of the organization ``north``, and the LMS behind it, which knows the active people of the world."""

    def __init__(self, url: str = "http://lms", **fields: Any) -> None:
        self._begin()
        users = [{"username": name, "email": f"{name}@example.org"} for name in PEOPLE]
        self.state.load({"runs": [{"key": KEY}], "users": users})
        given = {"client_id": "matricula", "client_secret_env": "LMS_SECRET", "api_key_env": "LMS_KEY"} | fields
        row = LmsConnection.objects.create(name="lms", url=url, **given)
        LmsCoverage.objects.create(connection=row, organization=Organization.objects.get(key="north"))

    def _begin(self) -> None:
        os.environ["LMS_SECRET"], os.environ["LMS_KEY"] = "matricula-secret", "lms-api-key"
        self.clock = StoppedClock()
        self.state = State(self.clock)
        self.transport = InProcess(self.state)

    @classmethod
    def existing(cls) -> "Connected":
        """The connection ``lms`` that there is, and an empty LMS."""
        connected = cls.__new__(cls)
        connected._begin()
        return connected

    @property
    def connection(self) -> Connection:
        """The connection as it is now."""
        connection = find_connection("lms")
        assert connection is not None
        return connection

    def follow(self) -> None:
        """Take over what changed in the record."""
        if not database.in_atomic_block:
            wait_until_final()
        while follow(self.connection):
            pass

    def push(self, **given: Any) -> Pushed:
        """Send what waits, with one thread."""
        return push(self.connection, clock=self.clock, transport=self.transport, lanes=1, **given)

    def sync(self) -> Pushed:
        """Both."""
        self.follow()
        return self.push()

    def calls(self, *methods: str) -> list[str]:
        """What the LMS was asked since the last time, in short, without tokens."""
        found = [
            f"{call.method} {call.path.rstrip('/').rpartition('/')[2].partition(',')[0]} {call.status}"
            for call in self.state.calls
            if call.path != "/oauth2/access_token" and (not methods or call.method in methods)
        ]
        self.state.calls.clear()
        return found

    def seats(self) -> dict[str, tuple[str, bool]]:
        """Who is enrolled in the LMS."""
        return {user: (seat.mode, seat.is_active) for (user, _), seat in self.state.seats.items()}

    def faults(self, *faults: dict[str, Any]) -> None:
        """Order what goes wrong from now on."""
        self.state.load(json.loads(json.dumps({"faults": faults})))

    @staticmethod
    def states() -> dict[str, str]:
        """Address → the state of its row."""
        return dict(LmsRow.objects.values_list("email", "state"))
