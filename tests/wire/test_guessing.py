"""Guessing at passwords and secrets over HTTP: who is limited, who is not, and what they are told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client as HttpClient
from oauth2_provider.models import AccessToken

from matricula.console.account import devices
from matricula.foundation.client_address import read_trusted_proxies
from matricula.guessing.limited import log_limited
from matricula.models import Client, FailureCount
from tests.conftest import PASSWORD, World, make_account
from tests.wire.test_login import REVOKE, SECRET, TOKEN, ask, basic, make_client

HERE, THERE = "198.51.100.1", "203.0.113.9"


def log_in(name: str, password: str = PASSWORD, address: str = HERE, http: HttpClient | None = None) -> Any:
    return (http or HttpClient()).post("/login/", {"login": name, "password": password}, REMOTE_ADDR=address)


def guess_until_limited(name: str, address: str = HERE) -> Any:
    for _ in range(60):
        answer = log_in(name, "wrong", address)
        if answer.status_code == 429:
            return answer
    raise AssertionError("it was never limited")


def pass_time(**how_long: float) -> None:
    earlier = timedelta(**how_long)
    FailureCount.objects.update(zero_at=F("zero_at") - earlier, wait_until=F("wait_until") - earlier)


def keep_waiting() -> None:
    """The wait is long enough for any machine."""
    pass_time(hours=-1)


def is_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "name", ["instructor", "instructor@example.org", "nobody", "nobody@example.org", "later", "staff"]
)
def test_wrong_passwords_are_limited_whether_or_not_there_is_an_account(name: str, world: World) -> None:
    answer = guess_until_limited(name)
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Content-Type"].startswith("text/html")
    page = answer.content.decode()
    assert "Too many attempts" in page
    assert "/account/password/reset/" in page
    assert name not in page


def test_every_spelling_is_the_same_account(world: World) -> None:
    guess_until_limited("instructor")
    keep_waiting()
    assert log_in("INSTRUCTOR").status_code == 429
    assert log_in(" Instructor ").status_code == 429


def test_the_right_password_waits_like_a_wrong_one_and_passes_later(world: World) -> None:
    guess_until_limited("instructor", THERE)
    keep_waiting()
    assert log_in("instructor").status_code == 429
    pass_time(hours=2)
    assert is_in(log_in("instructor"))
    assert is_in(log_in("instructor"))


def test_a_known_device_passes_while_the_account_is_attacked(world: World) -> None:
    known = HttpClient()
    assert is_in(log_in("instructor", http=known))
    known.post("/logout/")
    guess_until_limited("instructor", THERE)
    keep_waiting()
    assert log_in("instructor", address=THERE).status_code == 429
    assert is_in(log_in("Instructor", http=known))
    # also where its own address made too many attempts at other accounts
    FailureCount.objects.update(wait_until=F("wait_until") + timedelta(hours=1))
    known.post("/logout/")
    assert is_in(log_in("instructor", address=THERE, http=known))


def test_a_device_is_known_for_its_own_account_and_password_only(world: World) -> None:
    http = HttpClient()
    assert is_in(log_in("instructor", http=http))
    http.post("/logout/")
    make_account("instructor", password="another-password-entirely")
    for name in ("sam", "instructor"):
        guess_until_limited(name, THERE)
    keep_waiting()
    assert log_in("sam", http=http).status_code == 429
    assert log_in("instructor", "another-password-entirely", http=http).status_code == 429


def test_guessing_from_a_known_device_is_limited_too(world: World) -> None:
    http = HttpClient()
    assert is_in(log_in("instructor", http=http))
    http.post("/logout/")
    answers = [log_in("instructor", "wrong", http=http).status_code for _ in range(60)]
    assert 429 in answers
    keep_waiting()
    assert log_in("instructor", http=http).status_code == 429
    assert is_in(log_in("instructor"))


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "W10:1abc:xyz"])
def test_a_cookie_that_is_not_ours_is_no_device(cookie: str, world: World) -> None:
    http = HttpClient()
    http.cookies[devices.COOKIE] = cookie
    assert is_in(log_in("instructor", http=http))


def test_the_device_cookie_names_nobody_and_is_for_the_browser_only(world: World) -> None:
    http = HttpClient()
    log_in("instructor", http=http)
    cookie = http.cookies[devices.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) > 100 * 24 * 3600
    assert "instructor" not in cookie.value
    # six share a browser: the one who came first is forgotten
    for number in range(6):
        make_account(f"person{number}", password=PASSWORD)
        http.post("/logout/")
        assert is_in(log_in(f"person{number}", http=http))
    assert len(http.cookies[devices.COOKIE].value) < 1000


def test_a_missing_password_or_name_is_not_counted(world: World) -> None:
    for _ in range(20):
        assert log_in("instructor", "").status_code == 200
        assert log_in("", "x").status_code == 200
    assert not FailureCount.objects.exists()


def test_the_admin_has_no_login_of_its_own(world: World) -> None:
    http = HttpClient()
    for method in ("get", "post"):
        answer = getattr(http, method)("/admin/login/?next=/admin/matricula/", {"username": "admin", "password": "x"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login/?next=/admin/")
    assert http.get("/admin/").status_code == 302
    assert http.get("/admin/password_change/").status_code == 302
    http.force_login(world.learner)
    assert http.get("/admin/login/?next=/admin/").status_code == 403
    http.force_login(make_account("root", is_superuser=True))
    assert http.get("/admin/login/?next=/admin/", follow=True).request["PATH_INFO"] == "/admin/"
    assert http.get("/admin/password_change/").headers["Location"] == "/account/password/change/"


@pytest.mark.parametrize(("trusted", "addresses"), [((), 1), (("10.0.0.1",), 3), (("192.168.0.0/16",), 1), (("1",), 3)])
def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    trusted: tuple[str, ...], addresses: int, world: World, settings: Any
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trusted_proxies=read_trusted_proxies(trusted))
    for number in range(3):
        form = {"login": f"nobody{number}", "password": "x"}
        headers = {"X-Forwarded-For": f"6.6.6.6, 192.0.2.{number}"}
        HttpClient().post("/login/", form, REMOTE_ADDR="10.0.0.1", headers=headers)
    # and three accounts that do not exist
    assert FailureCount.objects.count() == 3 + addresses


def test_wrong_secrets_are_limited_and_say_so_as_oauth_does(world: World) -> None:
    make_client(world.instructor, "read")
    answers = [ask(basic(secret="wrong")) for _ in range(60)]
    assert answers[0].status_code == 401
    limited = next(answer for answer in answers if answer.status_code == 429)
    assert int(limited.headers["Retry-After"]) >= 1
    assert limited.headers["Content-Type"] == "application/json"
    assert "no-store" in limited.headers["Cache-Control"]
    assert limited.json()["error"] == "slow_down"
    keep_waiting()
    # the other place that checks a secret, and another way to send it
    assert HttpClient().post(REVOKE, {"token": "x"}, headers=basic()).status_code == 429
    assert ask(client_id="registrar", client_secret="x").status_code == 429
    assert ask(basic()).status_code == 429
    pass_time(hours=2)
    assert ask(basic()).status_code == 200


def test_an_unknown_client_is_limited_like_a_known_one(world: World) -> None:
    make_client(world.instructor, "read")
    known, unknown = ([ask(basic(name, "wrong")) for _ in range(6)] for name in ("registrar", "somebody"))
    assert [a.status_code for a in known][:4] == [a.status_code for a in unknown][:4] == [401] * 4
    assert known[0].content == unknown[0].content


def test_a_client_passes_from_the_address_that_it_uses_while_it_is_attacked_from_elsewhere(world: World) -> None:
    make_client(world.instructor, "read")

    def token(secret: str, address: str) -> int:
        fields = {"grant_type": "client_credentials"}
        return int(HttpClient().post(TOKEN, fields, headers=basic(secret=secret), REMOTE_ADDR=address).status_code)

    assert token(SECRET, HERE) == 200
    assert 429 in [token("wrong", THERE) for _ in range(60)]
    keep_waiting()
    assert token(SECRET, THERE) == 429
    assert token(SECRET, HERE) == 200


def test_no_grant_lets_a_client_guess_at_peoples_passwords(world: World) -> None:
    make_client(world.instructor, "read")
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.update(authorization_grant_type="password")
    answer = ask(basic(), grant_type="password", username="instructor", password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert not AccessToken.objects.exists()


def test_one_secret_is_checked_in_one_request(world: World) -> None:
    """With a header that is wrong and a body that is right, two could be tried."""
    make_client(world.instructor, "read")
    make_client(world.instructor, "read", client_id="other")
    answer = ask(basic(secret="wrong"), client_id="other", client_secret=SECRET)
    assert answer.status_code == 401


def test_other_errors_than_a_wrong_secret_are_not_counted(world: World) -> None:
    make_client(world.instructor, "read")
    for _ in range(20):
        assert ask(basic(), scope="admin").status_code == 400
        assert ask(basic("registrar", "x"), grant_type="nonsense").status_code == 400
    assert not FailureCount.objects.exists()


def test_the_log_counts_and_names_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    guess_until_limited("instructor@example.org")
    for _ in range(5):
        log_limited("login")
    lines = [record.getMessage() for record in caplog.records if record.name == "matricula.guessing"]
    assert len([line for line in lines if "'login'" in line]) <= 1
    assert not any("instructor" in record.getMessage() or HERE in record.getMessage() for record in caplog.records)
