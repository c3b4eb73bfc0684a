"""Calls to an Open edX LMS over HTTP: tokens, time limits, pages. An answer is returned as it came, whatever it is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import quote

import httpx

from matricula.connections.reads import Connection
from matricula.connectors.open_edx.clocks import Clock
from matricula.connectors.open_edx.rules import Answer, Call, Problem, find_problem
from matricula.connectors.open_edx.statuses import Do, ProblemKind
from matricula.foundation.certificates import tls_context
from matricula.foundation.tracing import span

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Seconds: for a connection, and for each part of an answer."""
# a token is replaced this many seconds before its end
_EARLY = 300.0
_ENROLLMENT = "/api/enrollment/v1/enrollment"
_ALLOWED = "/api/enrollment/v1/enrollment_allowed/"
_AGENT = "Matricula"


class ConnectionFailed(Exception):
    """A call that is not about one person got no answer that can be used; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem


@dataclass
class _Token:
    """The token of a service account, until it is replaced; ``ends`` in seconds since 1970."""

    text: str | None = None
    ends: float = 0.0
    lock: Lock = field(default_factory=Lock)


# (LMS, client): a process keeps a token for as long as it lasts, whatever it does in between
_tokens: dict[tuple[str, str], _Token] = {}


class LmsClient:
    """One LMS. It may be used by several threads at once."""

    def __init__(
        self, connection: Connection, clock: Clock, transport: httpx.BaseTransport | None = None, size: int = 8
    ) -> None:
        self._connection, self._clock = connection, clock
        limits = httpx.Limits(max_connections=size, max_keepalive_connections=size)
        headers = {"user-agent": _AGENT, "accept": "application/json"}
        self._http = httpx.Client(
            base_url=connection.url,
            timeout=TIMEOUT,
            transport=transport,
            limits=limits,
            headers=headers,
            verify=tls_context(),
            follow_redirects=False,
            # proxies of the environment
            trust_env=True,
        )
        own = _Token()
        self._token = own if transport else _tokens.setdefault((connection.url, connection.client_id), own)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def send(self, call: Call, course: str, operation: str | None) -> Answer:
        """Make a call about a person and a course run; ``operation``: what the LMS keeps with an enrollment."""
        match call.do:
            case Do.LOOK_UP:
                return self.ask("GET", f"/api/user/v1/accounts?email={quote(call.email or '', safe='')}")
            case Do.READ:
                return self.ask("GET", f"{_ENROLLMENT}/{quote(call.username or '', safe='')},{quote(course, safe='')}")
            case Do.ENROLL:
                body = _enrollment(call, course, operation) | {"mode": call.mode, "is_active": True}
                return self.ask("POST", _ENROLLMENT, body)
            case Do.END:
                # with a mode, the LMS compares it, and may not end the enrollment
                return self.ask("POST", _ENROLLMENT, _enrollment(call, course, operation) | {"is_active": False})
        invited = {"email": call.email, "course_id": course}
        if call.do is Do.WITHDRAW:
            return self.ask("DELETE", _ALLOWED, invited)
        return self.ask("POST", _ALLOWED, invited | {"auto_enroll": call.auto_enroll})

    def get_course(self, course: str) -> Answer:
        """Ask for a course run with its modes."""
        return self.ask("GET", f"/api/enrollment/v1/course/{quote(course, safe='')}")

    def enrollments_address(self, course: str) -> str:
        """Return the first page of the enrollments of a course run."""
        return f"/api/enrollment/v1/enrollments?course_id={quote(course, safe='')}"

    def grades_address(self, course: str) -> str:
        """Return the first page of the grades of a course run."""
        return f"/api/grades/v1/courses/{quote(course, safe='')}/"

    def ask(self, method: str, address: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Make one call, and a second one with a new token after a 401."""
        token = self._get_token()
        if isinstance(token, Answer):
            return token
        answer = self._call(method, address, body, token)
        if answer.status == 401:
            self.drop_token(token)
            token = self._get_token()
            answer = token if isinstance(token, Answer) else self._call(method, address, body, token)
        return answer

    def drop_token(self, token: str | None = None) -> None:
        """Have a new token fetched for the next call; given a token, only if that is still in use."""
        with self._token.lock:
            if token is None or self._token.text == token:
                self._token.text = None

    def _call(self, method: str, address: str, body: Mapping[str, Any] | None, token: str) -> Answer:
        headers = {"authorization": f"JWT {token}"}
        if name := self._connection.api_key_env:
            key = os.environ.get(name)
            if not key:
                return _not_set(name)
            headers["x-edx-api-key"] = key
        return self._exchange(method, address, headers=headers, json=body)

    def _exchange(self, method: str, address: str, **given: Any) -> Answer:
        try:
            # neither the path nor the query, which name people
            with span("LMS", is_client=True, server_address=self._http.base_url.host) as made:
                response = self._http.request(method, address, **given)
                made.set_attribute("http.response.status_code", response.status_code)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            return Answer(problem=ProblemKind.UNREACHABLE, words=f"the LMS can't be reached: {_line(error)}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(problem=ProblemKind.BROKEN, words=f"the LMS didn't answer: {_line(error)}")
        return _answer(response)

    def _get_token(self) -> str | Answer:
        """Return the token of this process, a new one where there is none that lasts; or why there is none."""
        with self._token.lock:
            if self._token.text is not None and self._clock.now() < self._token.ends:
                return self._token.text
            connection = self._connection
            secret = os.environ.get(connection.client_secret_env)
            if not secret:
                return _not_set(connection.client_secret_env)
            form = {"grant_type": "client_credentials", "client_id": connection.client_id, "client_secret": secret}
            answer = self._exchange("POST", "/oauth2/access_token", data=form | {"token_type": "jwt"})
            if answer.problem is not None or answer.status == 429 or answer.status >= 500:
                return answer
            token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
            if answer.status != 200 or not isinstance(token, str):
                words = f"the LMS gave no token (it answered {answer.status}): check client_id and its secret"
                return Answer(problem=ProblemKind.CREDENTIALS, words=words)
            seconds = answer.body.get("expires_in")
            lasts = float(seconds) if isinstance(seconds, int | float) else 0.0
            self._token.text, self._token.ends = token, self._clock.now() + max(lasts - _EARLY, lasts / 2)
            return token


def _enrollment(call: Call, course: str, operation: str | None) -> dict[str, Any]:
    attributes = [{"namespace": "matricula", "name": "operation", "value": operation}] if operation else []
    return {
        "user": call.username,
        "course_details": {"course_id": course},
        "force_enrollment": True,
        "enrollment_attributes": attributes,
    }


def _answer(response: httpx.Response) -> Answer:
    wait = response.headers.get("retry-after", "")
    retry_after = float(wait) if wait.isascii() and wait.isdigit() else None
    text = response.content.strip()
    if not text:
        # no enrollment: some versions answer with no text at all
        return Answer(response.status_code, None, response.status_code == 200, retry_after)
    try:
        return Answer(response.status_code, response.json(), True, retry_after)
    except ValueError:
        return Answer(response.status_code, None, False, retry_after)


def _not_set(name: str) -> Answer:
    return Answer(problem=ProblemKind.CREDENTIALS, words=f"the variable {name} is not set for this process")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def read_page(answer: Answer) -> tuple[list[Any], str | None]:
    """Return the results of a page, and the address of the next one. Errors: ``ConnectionFailed``."""
    problem = find_problem(None, answer)
    body = answer.body if isinstance(answer.body, dict) else {}
    if problem is None and (answer.status != 200 or not isinstance(body.get("results"), list)):
        said = body.get("detail") or body.get("message") or body.get("developer_message") or "no list"
        problem = Problem(ProblemKind.CREDENTIALS, f"the LMS answered {answer.status}: {_line(Exception(said))}")
    if problem is not None:
        raise ConnectionFailed(problem)
    following = body.get("next")
    return body["results"], following if isinstance(following, str) and following else None


def same_host(address: str, url: str) -> str:
    """Return the path and query of a next page: what an LMS behind a proxy says of its host is not always right."""
    parts = httpx.URL(address)
    base = httpx.URL(url).raw_path.decode().rstrip("/")
    path = parts.raw_path.decode()
    return path.removeprefix(base) if base else path
