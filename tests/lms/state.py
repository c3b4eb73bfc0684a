"""What is in the test LMS: people, course runs, enrollments, invitations, grades; its clock, faults, log of calls."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

Json = Any


class Clock:
    """Time that goes ``speed`` times as fast as on the wall, and can be moved on by hand."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed, self._began, self._moved = speed, time.monotonic(), 0.0

    def now(self) -> float:
        """Seconds since the LMS was started."""
        return (time.monotonic() - self._began) * self._speed + self._moved

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._moved += seconds


class StoppedClock(Clock):
    """Time that passes only by ``advance``: hours of simulation in a moment, and each run alike."""

    def now(self) -> float:
        return self._moved

    def sleep(self, seconds: float) -> None:
        """Waiting takes no time."""
        self.advance(seconds)


@dataclass
class User:
    """A person's account in the LMS."""

    username: str
    email: str
    staff: bool = False


@dataclass
class Run:
    """A course run; the first mode is that of people who enroll without one."""

    key: str
    modes: list[str] = field(default_factory=lambda: ["audit", "honor", "verified"])
    title: str = "A course run"
    closed: bool = False
    embargo: bool = False


@dataclass
class Seat:
    """An enrollment in the LMS; never deleted there either."""

    number: int
    mode: str
    is_active: bool
    attributes: list[Json] = field(default_factory=list)


@dataclass
class Fault:
    """What happens to calls whose ``METHOD /path`` begins with ``call``, ``times`` times (None: until it is removed).

    ``status``: answered instead of what the LMS would say; ``after``: having done it. ``lie``: fields of the answer
    that are said to be different, and nothing is done. ``user``: only calls about this person.
    """

    call: str = ""
    times: int | None = None
    status: int | None = None
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    lie: dict[str, Json] | None = None
    after: bool = False
    delay: float = 0.0
    user: str | None = None


@dataclass(frozen=True)
class Call:
    """One call as it came, and what was answered."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    body: Json
    status: int


class State:
    """Everything in the LMS."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.clients = {"matricula": {"secret": "matricula-secret", "user": "matricula"}}
        self.api_key: str | None = "lms-api-key"
        # calls a minute without the key
        self.throttle: int | None = 120
        self.token_seconds = 3600
        # what "not enrolled" is: the text null, or no text at all, as the LMS has done both
        self.null = b"null"
        self.users: dict[str, User] = {"matricula": User("matricula", "matricula@lms.example.org", staff=True)}
        self.runs: dict[str, Run] = {}
        self.seats: dict[tuple[str, str], Seat] = {}
        self.invitations: dict[tuple[str, str], bool] = {}
        # None: could not be computed
        self.grades: dict[tuple[str, str], Json] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.recent: dict[str, deque[float]] = {}
        # address → who had it when it was last looked for
        self._found: dict[str, str] = {}

    def register(self, username: str, email: str, *, staff: bool = False) -> None:
        """A new account; invitations of its address with ``auto_enroll`` become enrollments."""
        self.users[username] = User(username, email, staff)
        for (invited, key), auto_enroll in list(self.invitations.items()):
            if invited.lower() == email.lower() and auto_enroll and key in self.runs:
                self.enroll(username, key, self.runs[key].modes[0])

    def enroll(self, username: str, key: str, mode: str | None, is_active: bool = True) -> Seat:
        """What self-service does: no one is asked."""
        seat = self.seats.get((username, key))
        if seat is None:
            number = len(self.seats) + 1
            seat = self.seats[username, key] = Seat(number, mode or self.runs[key].modes[0], is_active)
        seat.mode, seat.is_active = mode or seat.mode, is_active
        return seat

    def with_email(self, email: str) -> User | None:
        """The account with exactly this address."""
        user = self.users.get(self._found.get(email, ""))
        if user is None or user.email != email:
            self._found = {user.email: user.username for user in reversed(self.users.values())}
            user = self.users.get(self._found.get(email, ""))
        return user

    def load(self, given: Json) -> None:
        """Adds to the state, or changes it: what the control address is sent."""
        for name in {"api_key", "throttle", "token_seconds"} & set(given):
            setattr(self, name, given[name])
        for client_id, client in given.get("clients", {}).items():
            self.clients[client_id] = client
        for run in given.get("runs", []):
            self.runs[run["key"]] = Run(**run)
        for user in given.get("users", []):
            self.register(**user)
        for seat in given.get("enrollments", []):
            self.enroll(seat["user"], seat["course_id"], seat.get("mode"), seat.get("is_active", True))
        for invitation in given.get("invitations", []):
            self.invitations[invitation["email"], invitation["course_id"]] = invitation.get("auto_enroll", False)
        for grade in given.get("grades", []):
            self.grades[grade["user"], grade["course_id"]] = grade.get("grade")
        if "faults" in given:
            self.faults = [Fault(**fault) for fault in given["faults"]]
        self.clock.advance(given.get("advance", 0))

    def dump(self) -> Json:
        """The state as the control address shows it."""
        return {
            "users": [asdict(user) for user in self.users.values()],
            "runs": [asdict(run) for run in self.runs.values()],
            "enrollments": [
                {"user": user, "course_id": key, "mode": seat.mode, "is_active": seat.is_active}
                for (user, key), seat in self.seats.items()
            ],
            "invitations": [
                {"email": email, "course_id": key, "auto_enroll": auto}
                for (email, key), auto in self.invitations.items()
            ],
            "grades": [{"user": user, "course_id": key, "grade": grade} for (user, key), grade in self.grades.items()],
        }
