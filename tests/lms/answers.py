"""What the test LMS answers: its rules, as the contract describes them, over ``state.py``. No network here."""

import base64
import json
import math
import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from tests.lms.state import Call, Fault, Json, Seat, State, User

ENROLLMENT = "/api/enrollment/v1/enrollment"
ENROLLMENTS = "/api/enrollment/v1/enrollments"
ALLOWED = "/api/enrollment/v1/enrollment_allowed/"
PAGE, GRADE_PAGE = 100, 50
_MINUTE = 60.0


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    base: str = "http://lms"
    user: User | None = None
    has_key: bool = False

    @property
    def body(self) -> Json:
        """The body as it was sent: JSON, or a form."""
        if "form" in self.headers.get("content-type", ""):
            return dict(parse_qsl(self.raw.decode()))
        return json.loads(self.raw) if self.raw else None

    @property
    def trusted(self) -> bool:
        """Whether the caller may act for others."""
        return self.has_key or (self.user is not None and self.user.staff)


@dataclass
class Reply:
    """One answer; ``delay``: seconds until it is sent."""

    status: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def said(status: int, body: Json) -> Reply:
    """An answer with JSON."""
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json"})


def message(status: int, text: str) -> Reply:
    """An answer with words."""
    return said(status, {"message": text})


def answer(state: State, asked: Asked) -> Reply:
    """Answers one request, logs it, and applies the faults that were ordered."""
    fault = _fault_of(state, asked)
    if fault and fault.lie is not None:
        reply = _lie(state, asked, fault)
    elif fault and fault.status is not None and not fault.after:
        reply = _failure(fault)
    else:
        reply = _answer(state, asked)
        if fault and fault.status is not None:
            reply = _failure(fault)
    reply.delay = fault.delay if fault else 0.0
    body = {} if asked.path == "/oauth2/access_token" else asked.body
    state.calls.append(Call(state.clock.now(), asked.method, asked.path, asked.query, body, reply.status))
    return reply


def _fault_of(state: State, asked: Asked) -> Fault | None:
    for fault in state.faults:
        about = fault.user is None or fault.user in json.dumps([asked.body, asked.query, asked.path])
        if f"{asked.method} {asked.path}".startswith(fault.call) and about and fault.times != 0:
            if fault.times is not None:
                fault.times -= 1
            return fault
    return None


def _failure(fault: Fault) -> Reply:
    reply = said(fault.status or 500, fault.body) if fault.body is not None else Reply(fault.status or 500)
    reply.headers |= fault.headers
    return reply


def _lie(state: State, asked: Asked, fault: Fault) -> Reply:
    body = asked.body or {}
    key = body.get("course_details", {}).get("course_id", "")
    told = {"user": body.get("user"), "mode": body.get("mode"), "is_active": body.get("is_active"), "course": key}
    return said(200, told | (fault.lie or {}))


def _answer(state: State, asked: Asked) -> Reply:
    if (asked.method, asked.path) == ("POST", "/oauth2/access_token"):
        return _give_token(state, asked)
    asked.has_key = state.api_key is not None and asked.headers.get("x-edx-api-key") == state.api_key
    token = asked.headers.get("authorization", "").removeprefix("JWT ")
    username, ends = state.tokens.get(token, ("", 0.0))
    if state.clock.now() >= ends:
        return said(401, {"detail": "Signature has expired." if username else "Authentication credentials were wrong."})
    asked.user = state.users[username]
    if not asked.has_key and (wait := _throttled(state, username)):
        reply = said(429, {"detail": f"Request was throttled. Expected available in {wait} seconds."})
        reply.headers["retry-after"] = str(wait)
        return reply
    for method, pattern, handler in _ADDRESSES:
        found = re.fullmatch(pattern, asked.path)
        if found and method == asked.method:
            return handler(state, asked, *map(unquote, found.groups()))
    return Reply(404, b"<h1>Not Found</h1>", {"content-type": "text/html"})


def _throttled(state: State, username: str) -> int:
    """Seconds to wait, or 0: at most so many calls in any 60 seconds."""
    if state.throttle is None:
        return 0
    now, recent = state.clock.now(), state.recent.setdefault(username, deque())
    while recent and recent[0] <= now - _MINUTE:
        recent.popleft()
    if len(recent) >= state.throttle:
        return max(1, math.ceil(recent[0] + _MINUTE - now))
    recent.append(now)
    return 0


def _give_token(state: State, asked: Asked) -> Reply:
    form = asked.body
    client = state.clients.get(form.get("client_id"))
    if client is None or client["secret"] != form.get("client_secret"):
        return said(401, {"error": "invalid_client"})
    if form.get("grant_type") != "client_credentials":
        return said(400, {"error": "unsupported_grant_type"})
    if form.get("token_type") != "jwt":
        return said(200, {"access_token": "an-opaque-token", "token_type": "Bearer", "expires_in": 3600})
    token = secrets.token_urlsafe(24)
    state.tokens[token] = (client["user"], state.clock.now() + state.token_seconds)
    return said(200, {"access_token": token, "token_type": "JWT", "expires_in": state.token_seconds})


def _record(state: State, username: str, key: str, seat: Seat) -> Json:
    return {
        "created": "2027-01-10T00:00:00Z",
        "mode": seat.mode,
        "is_active": seat.is_active,
        "user": username,
        "course_details": {"course_id": key, "course_name": state.runs[key].title},
    }


def _post_enrollment(state: State, asked: Asked) -> Reply:
    body = asked.body
    username, is_active = body.get("user"), body.get("is_active", True)
    key = (body.get("course_details") or {}).get("course_id")
    run = state.runs.get(key)
    if not asked.trusted:
        return _not_trusted(asked, username, body.get("mode"))
    if not key:
        return message(400, "Course ID must be specified to create a new enrollment.")
    if username not in state.users:
        return message(406, f"The user {username} does not exist.")
    if not isinstance(is_active, bool):
        return message(400, f"'{is_active}' is an invalid enrollment activation status.")
    if run is None:
        return message(400, f"No course '{key}' found for enrollment")
    if run.embargo or (run.closed and not body.get("force_enrollment")):
        return message(403, "Users from this location cannot access the course." if run.embargo else "Closed.")
    if any(not {"namespace", "name", "value"} <= set(a) for a in body.get("enrollment_attributes") or []):
        return message(400, "An attribute needs namespace, name and value.")
    return _change_seat(state, body, username, key)


def _not_trusted(asked: Asked, username: str, mode: str | None) -> Reply:
    if asked.user is None or username != asked.user.username:
        return Reply(404)
    return message(403, f"User does not have permission to create enrollment with mode [{mode}].")


def _change_seat(state: State, body: Json, username: str, key: str) -> Reply:
    mode, is_active = body.get("mode"), body.get("is_active", True)
    seat, modes = state.seats.get((username, key)), state.runs[key].modes
    other_mode = seat is not None and mode is not None and seat.mode != mode
    if seat is not None and other_mode and seat.is_active != is_active and not is_active:
        words = f"Enrollment mode mismatch: active mode={seat.mode}, requested mode={mode}. Won't deactivate."
        return message(400, words)
    if mode is not None and mode not in modes:
        words = f"The [{mode}] course mode is expired or otherwise unavailable for course run [{key}]."
        return message(400, words)
    seat = state.enroll(username, key, mode, is_active)
    seat.attributes = body.get("enrollment_attributes") or seat.attributes
    return said(200, _record(state, username, key, seat))


def _get_enrollment(state: State, asked: Asked, username: str, key: str) -> Reply:
    if not asked.trusted and (asked.user is None or username != asked.user.username):
        return Reply(404)
    if key not in state.runs:
        return message(400, f"An error occurred while retrieving enrollments for user '{username}' in course '{key}'")
    seat = state.seats.get((username, key))
    if seat is None:
        return Reply(200, state.null, {"content-type": "application/json"})
    return said(200, _record(state, username, key, seat))


def _list_enrollments(state: State, asked: Asked) -> Reply:
    if not asked.trusted:
        return said(403, {"detail": "You do not have permission to perform this action."})
    key = asked.query.get("course_id")
    rows = sorted((seat.number, user) for (user, run), seat in state.seats.items() if key in (None, run))
    after = _position(asked)
    page = [row for row in rows if row[0] > after][:PAGE]
    results = [
        {
            "created": "2027-01-10T00:00:00Z",
            "mode": state.seats[user, key or ""].mode,
            "is_active": state.seats[user, key or ""].is_active,
            "user": user,
            "course_id": key,
        }
        for _, user in page
    ]
    more = bool(page) and page[-1][0] < rows[-1][0]
    return said(200, {"next": _next(asked, page[-1][0]) if more else None, "previous": None, "results": results})


def _position(asked: Asked) -> int:
    cursor = asked.query.get("cursor")
    return int(base64.urlsafe_b64decode(cursor)) if cursor else 0


def _next(asked: Asked, position: int) -> str:
    cursor = base64.urlsafe_b64encode(str(position).encode()).decode()
    query = {**asked.query, "cursor": cursor}
    return f"{asked.base}{asked.path}?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())


def _post_allowed(state: State, asked: Asked) -> Reply:
    email, key = asked.body.get("email"), asked.body.get("course_id")
    if not asked.trusted:
        return said(403, {"detail": "You do not have permission to perform this action."})
    if not email or key not in state.runs:
        return message(400, f"No course '{key}' found for enrollment")
    if (email, key) in state.invitations:
        return message(409, f"An enrollment allowed with email {email} and course {key} already exists.")
    state.invitations[email, key] = auto_enroll = bool(asked.body.get("auto_enroll"))
    return said(201, {"email": email, "course_id": key, "auto_enroll": auto_enroll})


def _delete_allowed(state: State, asked: Asked) -> Reply:
    body = asked.body or {}
    if not asked.trusted:
        return said(403, {"detail": "You do not have permission to perform this action."})
    if not body.get("email") or not body.get("course_id"):
        return message(400, "The body needs email and course_id.")
    if state.invitations.pop((body["email"], body["course_id"]), None) is None:
        return message(404, f"An enrollment allowed with email {body['email']} doesn't exist.")
    return Reply(204)


def _find_account(state: State, asked: Asked) -> Reply:
    user = state.with_email(asked.query.get("email", ""))
    return said(200, [{"username": user.username, "email": user.email}]) if user else Reply(404)


def _course(state: State, _asked: Asked, key: str) -> Reply:
    run = state.runs.get(key)
    if run is None:
        return message(400, f"No course found for course ID '{key}'")
    modes = [{"slug": mode, "name": mode.title()} for mode in run.modes]
    return said(200, {"course_id": key, "course_name": run.title, "course_modes": modes})


def _list_grades(state: State, asked: Asked, key: str) -> Reply:
    if not asked.trusted:
        return said(403, {"detail": "You do not have permission to perform this action."})
    if key not in state.runs:
        return said(404, {"developer_message": "The course does not exist.", "error_code": "course_does_not_exist"})
    graded = sorted(
        (seat.number, user)
        for (user, run), seat in state.seats.items()
        if run == key and seat.is_active and state.grades.get((user, key)) is not None
    )
    after = _position(asked)
    page = [row for row in graded if row[0] > after][:GRADE_PAGE]
    results = [
        {"username": user, "email": state.users[user].email, "course_id": key} | state.grades[user, key]
        for _, user in page
    ]
    more = bool(page) and page[-1][0] < graded[-1][0]
    return said(200, {"next": _next(asked, page[-1][0]) if more else None, "previous": None, "results": results})


_ADDRESSES: list[tuple[str, str, Callable[..., Reply]]] = [
    ("POST", ENROLLMENT, _post_enrollment),
    ("GET", ENROLLMENT + "/([^,/]+),([^/]+)", _get_enrollment),
    ("GET", ENROLLMENTS + "/?", _list_enrollments),
    ("POST", ALLOWED, _post_allowed),
    ("DELETE", ALLOWED, _delete_allowed),
    ("GET", "/api/user/v1/accounts", _find_account),
    ("GET", "/api/enrollment/v1/course/([^/]+)", _course),
    ("GET", "/api/grades/v1/courses/([^/]+)/", _list_grades),
]


def sent(state: State, method: str, path: str = "") -> list[Any]:
    """The bodies of the calls to an address, in their order."""
    return [call.body for call in state.calls if call.method == method and call.path.startswith(path)]
