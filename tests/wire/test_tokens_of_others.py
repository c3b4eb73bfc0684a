"""Tokens of other sites: what they allow, and each reason to reject one (front-ends: Tokens of another site)."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from structlog.testing import capture_logs

from matricula.access.issuers import keys as keys_module
from matricula.access.issuers.tokens import Person
from matricula.identity.accounts import change_account
from matricula.identity.claims import make_claimed
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseEnrollment, JournalEntry, OperationRecord
from tests.conftest import BASE, KEY, OTHER_KEY, Api, World
from tests.domain.races import together
from tests.university import OWN, University
from tests.wire.answers import content
from tests.wire.test_permissions import session
from tests.withdrawing import everything, withdrawn

ISS, AUD = "https://login.campus.example.org", "matricula"
LIST = f"{BASE}/{KEY}/enrollments"
SCHEMES = ("JWT", "Bearer", "jwt")
PAIR = ("edx-jwt-cookie-header-payload", "edx-jwt-cookie-signature")


@cache
def private_key(name: str) -> Any:
    """One of each name for all tests: making an RSA key takes its time."""
    return ec.generate_private_key(ec.SECP256R1()) if name == "ec" else rsa.generate_private_key(65537, 2048)


def public(name: str, **more: Any) -> dict[str, Any]:
    algorithm = jwt.get_algorithm_by_name("ES256" if name == "ec" else "RS256")
    return {**algorithm.to_jwk(private_key(name).public_key(), as_dict=True), "kid": name, **more}  # type: ignore[attr-defined]


def jwks(*names: str) -> str:
    return json.dumps({"keys": [public(name) for name in names]})


def make_jwt(key: str = "one", *, algorithm: str = "RS256", kid: str | None = None, **claims: Any) -> str:
    """A token of the campus for the instructor; a claim None is left out, and so is the kid ''."""
    now = int(time.time())
    given = {"iss": ISS, "aud": AUD, "exp": now + 300, "iat": now, "preferred_username": "instructor", **claims}
    given = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(given, private_key(key), algorithm, headers={"kid": kid or key} if kid != "" else {})


def entry(**keys: Any) -> dict[str, Any]:
    found = {
        "name": "campus", "iss": ISS, "aud": AUD, "algorithms": ["RS256", "ES256"], "jwks_file": "keys.json",
        "claim": "preferred_username", "claim_is": "username", "scopes": ["read", "write"], **keys,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


Trusting = Callable[..., None]


@pytest.fixture
def trusting(settings: Any, tmp_path: Path) -> Trusting:
    """Trusts the issuers that are given, or the campus with what is named."""
    (tmp_path / "keys.json").write_text(jwks("one", "ec"))

    def trust(*entries: dict[str, Any], **keys: Any) -> None:
        file = tmp_path / f"issuers-{time.monotonic_ns()}.yaml"
        file.write_text(yaml.safe_dump(list(entries) or [entry(**keys)]))
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, issuers=file)

    return trust


def by(token: str, scheme: str = "JWT") -> Api:
    return Api(Authorization=f"{scheme} {token}")


def status(token: str, path: str = LIST) -> int:
    return by(token).get(path).status_code


# --- What is accepted ---


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [("one", "RS256", "one"), ("ec", "ES256", "ec"), ("ec", "ES256", "")]
)
def test_a_token_of_a_trusted_issuer_is_its_account(
    world: World, trusting: Trusting, scheme: str, key: str, algorithm: str, kid: str
) -> None:
    trusting()
    api = by(make_jwt(key, algorithm=algorithm, kid=kid), scheme)
    assert api.get(LIST).status_code == 200
    assert api.post(LIST, {"identifiers": ["sam"]}).status_code == 200
    assert api.get(f"{BASE}/{OTHER_KEY}/enrollments").status_code == 403
    assert CourseEnrollment.objects.get().account == world.learner
    written = JournalEntry.objects.get(subject="course_enrollment")
    assert OperationRecord.objects.get(pk=written.operation).actor_id == world.instructor.pk


@pytest.mark.parametrize(
    "address",
    [LIST, "/api/record/v1/operations", "/api/v3/programs/", f"/api/v2/programs/{OWN}/"],
)
def test_each_contract_takes_it(university: University, trusting: Trusting, address: str) -> None:
    trusting()
    Account.objects.filter(username="instructor").update(is_superuser=True)
    assert Api().get(address).status_code == 401
    answer = by(make_jwt()).get(address)
    assert answer.status_code == 200, content(answer)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"preferred_username": "INSTRUCTOR"}, 200),
        ({"preferred_username": " instructor "}, 200),
        ({"aud": ["another", AUD]}, 200),
        ({"exp": 4102444800.5}, 200),
        ({"scopes": ["user_id", "email"]}, 200),
        ({"scope": "openid profile"}, 200),
        ({"scope": "openid read"}, 200),
        ({"scopes": ["write"]}, 403),
    ],
)
def test_claims_that_are_good(world: World, trusting: Trusting, claims: dict[str, Any], expected: int) -> None:
    trusting()
    assert status(make_jwt(**claims)) == expected


def test_clocks_may_be_a_minute_off(world: World, trusting: Trusting) -> None:
    trusting()
    now = int(time.time())
    assert status(make_jwt(exp=now - 30)) == 200
    assert status(make_jwt(iat=now + 30, nbf=now + 30)) == 200


def test_an_issuer_grants_no_more_than_its_scopes(world: World, trusting: Trusting) -> None:
    trusting(scopes=["read"])
    api = by(make_jwt(scopes=["read", "write"]))
    assert api.get(LIST).status_code == 200
    assert api.post(LIST, {"identifiers": ["sam"]}).status_code == 403
    assert not CourseEnrollment.objects.exists()


def test_audiences_of_one_issuer_have_entries_of_their_own(world: World, trusting: Trusting) -> None:
    trusting(entry(scopes=["read"]), entry(name="shop", aud="shop"))
    assert by(make_jwt()).post(LIST, {"identifiers": ["sam"]}).status_code == 403
    assert by(make_jwt(aud="shop")).post(LIST, {"identifiers": ["sam"]}).status_code == 200


@pytest.mark.parametrize(
    ("verified", "expected"), [(None, 200), (True, 200), ("true", 200), (False, 401), ("false", 401)]
)
def test_an_email_counts_unless_it_is_not_verified(
    world: World, trusting: Trusting, verified: Any, expected: int
) -> None:
    trusting(claim="email", claim_is="email")
    email = "Instructor@Example.org"
    assert status(make_jwt(preferred_username=None, email=email, email_verified=verified)) == expected


def test_own_tokens_are_accepted_as_before(world: World, api: Api, trusting: Trusting) -> None:
    trusting()
    assert api.get(LIST).status_code == 200


# --- What is rejected ---


def forged(header: dict[str, Any], signature: bytes = b"") -> str:
    """A token with any header."""
    head, payload, _ = make_jwt().split(".")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return ".".join([head, payload, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


def with_public_key(form: Any) -> str:
    """Signed with HS256, and the public key, which everyone has, as the secret."""
    if form == "jwk":
        secret = json.dumps(public("one")).encode()
    else:
        shown = private_key("one").public_key()
        secret = shown.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, payload, _ = forged({"alg": "HS256", "kid": "one", "typ": "JWT"}).split(".")
    sign = jwt.get_algorithm_by_name("HS256").sign(f"{head}.{payload}".encode(), secret)
    return f"{head}.{payload}.{base64.urlsafe_b64encode(sign).decode().rstrip('=')}"


def tampered(place: int) -> str:
    parts = make_jwt().split(".")
    if place == 1:
        parts[1] = make_jwt(preferred_username="admin").split(".")[1]
    else:
        parts[place] = parts[place][::-1]
    return ".".join(parts)


NOW = int(time.time())
REJECTED: dict[str, tuple[str, Callable[[], str]]] = {
    "no algorithm": ("algorithm", lambda: forged({"alg": "none", "kid": "one"})),
    "no algorithm, another case": ("algorithm", lambda: forged({"alg": "nOnE", "kid": "one"})),
    "algorithm missing": ("algorithm", lambda: forged({"kid": "one"})),
    "HS256 with the public key": ("algorithm", lambda: with_public_key("pem")),
    "HS256 with the public key as JWK": ("algorithm", lambda: with_public_key("jwk")),
    "an algorithm that isn't named": ("algorithm", lambda: make_jwt(algorithm="RS512")),
    "another kind of key": ("algorithm", lambda: make_jwt("ec", algorithm="ES256", kid="one")),
    "unknown key": ("key", lambda: make_jwt("two")),
    "no key named, and none of them fits": ("signature", lambda: forged({"alg": "RS256"})),
    "another's signature": ("signature", lambda: make_jwt("two", kid="one")),
    "no signature": ("signature", lambda: forged({"alg": "RS256", "kid": "one"})),
    "another header": ("form", lambda: tampered(0)),
    "another payload": ("signature", lambda: tampered(1)),
    "another audience": ("audience", lambda: make_jwt(aud="another")),
    "no audience": ("audience", lambda: make_jwt(aud=None)),
    "another issuer": ("issuer", lambda: make_jwt(iss="https://evil.example.org")),
    "an issuer of another kind": ("issuer", lambda: with_issuers(make_jwt())),
    "no issuer": ("issuer", lambda: make_jwt(iss=None)),
    "expired": ("expired", lambda: make_jwt(exp=NOW - 61)),
    "no exp": ("claim", lambda: make_jwt(exp=None)),
    "exp that is no number": ("form", lambda: make_jwt(exp="tomorrow")),
    "exp without end": ("form", lambda: make_jwt(exp=float("inf"))),
    "not yet": ("future", lambda: make_jwt(nbf=NOW + 3600)),
    "issued in the future": ("future", lambda: make_jwt(iat=NOW + 3600)),
    "no claim": ("claim", lambda: make_jwt(preferred_username=None)),
    "claim that is no text": ("claim", lambda: make_jwt(preferred_username=["instructor"])),
    "claim with NUL": ("claim", lambda: make_jwt(preferred_username="instruc\0tor")),
    "unknown person": ("account", lambda: make_jwt(preferred_username="nowhere")),
    "inactive person": ("account", lambda: make_jwt(preferred_username="later")),
    "email for a username": ("account", lambda: make_jwt(preferred_username="instructor@example.org")),
    "not a token": ("form", lambda: "a.b.c"),
    "three dots": ("form", lambda: ".."),
    "too long": ("form", lambda: make_jwt(more="x" * 20_000)),
}


def with_issuers(token: str) -> str:
    """The token with a list of issuers in its payload."""
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "iss": [ISS]}).encode()).decode().rstrip("=")
    return ".".join([head, changed, signature])


@pytest.mark.parametrize("what", REJECTED)
def test_every_other_token_is_401_and_the_log_says_why(world: World, trusting: Trusting, what: str) -> None:
    trusting()
    reason, make = REJECTED[what]
    token = make()
    with capture_logs() as logs:
        answer = by(token).get(LIST)
    assert answer.status_code == 401
    assert [line["reason"] for line in logs if line["event"] == "jwt_rejected"] == [reason]
    assert "example.org" not in str(logs)
    assert not any(len(part) > 20 and part in str(logs) for part in token.split("."))
    # no cookies of it either
    assert with_cookies(token).get(LIST, headers={"USE-JWT-COOKIE": "true"}).status_code == 401


def test_without_issuers_there_are_no_tokens_of_others(world: World) -> None:
    assert status(make_jwt()) == 401
    assert with_cookies(make_jwt()).get(LIST, headers={"USE-JWT-COOKIE": "true"}).status_code == 401


def test_what_was_found_good_is_so_until_it_expires(
    world: World, trusting: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting()
    token = make_jwt(exp=int(time.time()) + 5)
    assert [status(token), status(token)] == [200, 200]
    later = time.time() + 66
    monkeypatch.setattr("matricula.access.issuers.tokens.time.time", lambda: later)
    assert status(token) == 401


def test_an_account_that_is_switched_off_or_renamed_is_out_together(world: World, trusting: Trusting) -> None:
    trusting(entry(), entry(name="mail", aud="mail", claim="email", claim_is="email"))
    by_name, by_email = make_jwt(), make_jwt(aud="mail", email="instructor@example.org")
    assert [status(by_name), status(by_email)] == [200, 200]
    change_account(new_operation(None, "command"), world.instructor.pk, {"email": "new@example.org"})
    assert [status(by_name), status(by_email)] == [200, 401]
    change_account(new_operation(None, "command"), world.instructor.pk, {"is_active": False})
    assert status(by_name) == 401


def test_an_account_that_is_switched_off_meanwhile_writes_nothing(world: World, trusting: Trusting) -> None:
    trusting()
    before = everything()
    with withdrawn(lambda: Account.objects.filter(pk=world.instructor.pk).update(is_active=False)) as withdrawal:
        answer = by(make_jwt()).post(LIST, {"identifiers": ["sam"]})
    assert (withdrawal.fired, answer.status_code) == (True, 401)
    after = everything()
    assert [table for table in before if before[table] != after[table]] == ["account"]


# --- The pair of cookies ---


def with_cookies(token: str, *, csrf: bool = False) -> HttpClient:
    http = HttpClient(enforce_csrf_checks=True)
    if csrf:
        http.get("/login/")
    payload, _, signature = token.rpartition(".")
    http.cookies[PAIR[0]], http.cookies[PAIR[1]] = payload, signature
    return http


def post(http: HttpClient, *, csrf: bool = False, **headers: str) -> HttpResponseBase:
    headers |= {"X-CSRFToken": http.cookies["csrftoken"].value} if csrf else {}
    body = json.dumps({"identifiers": ["sam"]})
    return http.generic("POST", LIST, body, content_type="application/json", headers=headers)


def test_the_pair_of_cookies_counts_where_the_request_says_so(world: World, trusting: Trusting) -> None:
    trusting()
    http = with_cookies(make_jwt())
    assert http.get(LIST).status_code == 401
    assert http.get(LIST, headers={"USE-JWT-COOKIE": "false"}).status_code == 401
    assert http.get(LIST, headers={"USE-JWT-COOKIE": "true"}).status_code == 200


def test_the_pair_of_cookies_needs_the_csrf_token_to_write(world: World, trusting: Trusting) -> None:
    trusting()
    use = {"USE-JWT-COOKIE": "true"}
    assert post(with_cookies(make_jwt()), **use).status_code == 403
    http = with_cookies(make_jwt(), csrf=True)
    assert post(http, **use).status_code == 403
    assert post(http, csrf=True).status_code == 401
    assert not CourseEnrollment.objects.exists()
    assert post(http, csrf=True, **use).status_code == 200
    # and the scope, as every token
    trusting(scopes=["read"])
    assert post(http, csrf=True, **use).status_code == 403


@pytest.mark.parametrize("cut", ["payload", "signature", "both"])
def test_half_a_pair_of_cookies_is_none(world: World, trusting: Trusting, cut: str) -> None:
    trusting()
    http = with_cookies(make_jwt())
    for name in PAIR if cut == "both" else [PAIR[cut == "signature"]]:
        del http.cookies[name]
    assert http.get(LIST, headers={"USE-JWT-COOKIE": "true"}).status_code == 401


def test_a_bad_pair_of_cookies_does_not_end_a_session(world: World, trusting: Trusting) -> None:
    """It may be left from an earlier login, and a session is proof by itself; a header is not: it was meant."""
    trusting()
    ask = session(world.instructor)
    payload, signature = make_jwt(exp=NOW - 3600).rsplit(".", 1)
    cookie = ask.__closure__  # the client that holds the session
    http = next(cell.cell_contents for cell in cookie if isinstance(cell.cell_contents, HttpClient))  # type: ignore[union-attr]
    http.cookies[PAIR[0]], http.cookies[PAIR[1]] = payload, signature
    assert ask("GET", LIST, "", **{"USE-JWT-COOKIE": "true"}).status_code == 200
    assert ask("GET", LIST, "", Authorization=f"JWT {payload}.{signature}").status_code == 401


# --- Accounts for people who have none ---

NEW = {"preferred_username": "ana", "email": "ana@example.org", "given_name": "Ana", "family_name": "García"}


@pytest.mark.parametrize(("claim", "claim_is"), [("preferred_username", "username"), ("email", "email")])
def test_a_new_person_gets_an_account_and_what_waits_for_it(
    world: World, trusting: Trusting, claim: str, claim_is: str
) -> None:
    world.enroll("ana@example.org", auto_enroll=True)
    trusting(claim=claim, claim_is=claim_is)
    assert status(make_jwt(**NEW)) == 401
    trusting(claim=claim, claim_is=claim_is, create_accounts=True)
    assert [status(make_jwt(**NEW)) for _ in range(2)] == [403, 403]
    account = Account.objects.get(username="ana")
    assert (account.email, account.get_full_name(), account.is_active) == ("ana@example.org", "Ana García", True)
    assert not account.has_usable_password()
    assert CourseEnrollment.objects.get(account=account).is_active
    made = JournalEntry.objects.get(subject="account", account_id=account.pk)
    operation = OperationRecord.objects.get(pk=made.operation)
    assert (made.transition, operation.source, operation.actor_id) == ("registered", "api", None)
    assert "campus" in (operation.reason or "")


@pytest.mark.parametrize(
    ("claims", "claim_is"),
    [
        ({"email": "sam@example.org"}, "username"),
        ({"preferred_username": "SAM"}, "email"),
        ({"preferred_username": "later"}, "username"),
        ({"email": "later@example.org"}, "email"),
        ({"email": None}, "username"),
        ({"email": "no address"}, "username"),
        ({"email_verified": False}, "username"),
        ({"email_verified": False}, "email"),
        ({"preferred_username": None}, "email"),
        ({"preferred_username": "with space"}, "username"),
        ({"preferred_username": "..."}, "username"),
    ],
)
def test_no_account_is_made_of_less_nor_taken_over(
    world: World, trusting: Trusting, claims: dict[str, Any], claim_is: str
) -> None:
    trusting(claim="email" if claim_is == "email" else "preferred_username", claim_is=claim_is, create_accounts=True)
    before = list(Account.objects.order_by("id").values())
    assert status(make_jwt(**{**NEW, **claims})) == 401
    assert list(Account.objects.order_by("id").values()) == before


@pytest.mark.usefixtures("own_database")
def test_of_many_first_requests_one_makes_the_account() -> None:
    person = Person("ana", "ana@example.org")
    found = together(*[lambda: make_claimed(person, "campus", by_email=False)] * 4)
    assert {*found} == {Account.objects.get().pk}


# --- Keys behind an address ---


class KeyServer:
    """Serves keys, and counts; or answers with an error, or not at all until ``go`` is set."""

    def __init__(self) -> None:
        self.body, self.status, self.asked = jwks("one"), 200, 0
        self.go = threading.Event()
        self.go.set()
        self.url = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                outer.go.wait(30)
                self.send_response(outer.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(outer.body.encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/jwks"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield
        finally:
            self.go.set()
            server.shutdown()
            server.server_close()


@pytest.fixture
def key_server(trusting: Trusting, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """A trusted issuer whose keys are at an address; proxies of the machine are left alone."""
    monkeypatch.setenv("no_proxy", "*")
    server = KeyServer()
    with server.running():
        trusting(jwks_file=None, jwks_url=server.url)
        yield server


@pytest.fixture
def minutes_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of the keys."""
    gone = [0.0]
    clock = time.monotonic

    class Time:
        @staticmethod
        def monotonic() -> float:
            return clock() + gone[0]

    monkeypatch.setattr(keys_module, "time", Time)

    def move(seconds: float) -> None:
        gone[0] += seconds

    return move


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_keys_are_fetched_once(world: World, key_server: KeyServer) -> None:
    assert [status(make_jwt(more=n)) for n in range(3)] == [200, 200, 200]
    assert key_server.asked == 1


def test_a_new_key_is_fetched_and_an_unknown_one_at_most_once_in_ten_seconds(
    world: World, key_server: KeyServer, minutes_pass: Callable[[float], None]
) -> None:
    assert status(make_jwt()) == 200
    key_server.body = jwks("one", "two")
    assert status(make_jwt("two")) == 200
    assert key_server.asked == 2
    assert [status(make_jwt("three", more=n)) for n in range(5)] == [401] * 5
    assert key_server.asked == 2
    minutes_pass(keys_module.PAUSE)
    assert [status(make_jwt("three", more=n)) for n in range(5)] == [401] * 5
    assert key_server.asked == 3


def test_a_new_key_that_no_token_names_is_found_too(world: World, key_server: KeyServer) -> None:
    assert status(make_jwt(kid="")) == 200
    key_server.body = jwks("two")
    assert status(make_jwt("two", kid="")) == 401
    until(lambda: status(make_jwt("two", kid="")) == 200)
    assert key_server.asked == 2


def test_a_key_that_was_withdrawn_is_no_longer_accepted(
    world: World, key_server: KeyServer, minutes_pass: Callable[[float], None]
) -> None:
    token = make_jwt()
    assert status(token) == 200
    key_server.body = jwks("two")
    assert status(make_jwt("two")) == 200
    # also where it was found to be good before
    assert status(token) == 401
    key_server.body = jwks("one")
    minutes_pass(keys_module.FRESH + 1)
    status(make_jwt("two"))
    until(lambda: status(token) == 200)


@pytest.mark.parametrize(("body", "code"), [("", 500), ("no JSON", 200), ('{"keys": []}', 200), ("[]", 200), ("", 302)])
def test_an_address_that_fails_is_401_and_then_good_once_it_answers(
    world: World, key_server: KeyServer, minutes_pass: Callable[[float], None], body: str, code: int
) -> None:
    good, key_server.body, key_server.status = key_server.body, body, code
    assert [status(make_jwt(more=n)) for n in range(3)] == [401, 401, 401]
    assert key_server.asked == 1
    key_server.body, key_server.status = good, 200
    minutes_pass(keys_module.PAUSE)
    until(lambda: status(make_jwt()) == 200)


def test_keys_stay_good_while_the_address_fails(
    world: World, key_server: KeyServer, minutes_pass: Callable[[float], None]
) -> None:
    assert status(make_jwt()) == 200
    key_server.status = 500
    minutes_pass(keys_module.FRESH + 1)
    assert status(make_jwt(more=1)) == 200
    until(lambda: key_server.asked == 2)
    assert status(make_jwt(more=2)) == 200


def test_a_slow_address_holds_no_request_with_a_known_key(
    world: World, key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request with the unknown key waits, as long as its patience lasts; the others are answered meanwhile."""
    assert status(make_jwt()) == 200
    key_server.go.clear()
    monkeypatch.setattr(keys_module, "PATIENCE", 0.05)
    assert status(make_jwt("two")) == 401
    until(lambda: key_server.asked == 2)
    # while that fetch goes on, nothing waits for it: known keys are good, others are not
    assert [status(make_jwt(more=n)) for n in range(3)] == [200, 200, 200]
    assert status(make_jwt("three")) == 401
    assert not key_server.go.is_set()
    assert key_server.asked == 2


def test_the_first_request_waits_once_and_not_for_long(
    world: World, key_server: KeyServer, minutes_pass: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    key_server.go.clear()
    monkeypatch.setattr(keys_module, "TIME_LIMIT", 0.05)
    assert [status(make_jwt(more=n)) for n in range(3)] == [401, 401, 401]
    until(lambda: key_server.asked == 1)
    minutes_pass(keys_module.PAUSE)
    assert status(make_jwt()) == 401
    until(lambda: key_server.asked == 2)
    key_server.go.set()
    monkeypatch.setattr(keys_module, "TIME_LIMIT", 3.0)
    minutes_pass(keys_module.PAUSE)
    until(lambda: status(make_jwt()) == 200)
