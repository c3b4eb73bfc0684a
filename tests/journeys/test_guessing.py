"""Guessing at a running service with two web processes: limited across both, and nobody is kept out for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.journeys.conftest import Service
from tests.journeys.test_learner import send_form

HOME, ATTACKER, ELSEWHERE = "198.51.100.1", "203.0.113.9", "192.0.2.77"
RIGHT_SECRET, RIGHT_PASSWORD = "a-secret-for-tests-only", "a-password-for-tests"


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test is the proxy: what it writes into X-Forwarded-For counts."""
    monkeypatch.setenv("MATRICULA_TRUSTED_PROXIES", "127.0.0.0/8")
    monkeypatch.setenv("MATRICULA_WEB_WORKERS", "2")


def ask(service: Service, secret: str, address: str) -> requests.Response:
    """Asks for a token; each time on a new connection, which any of the processes may get."""
    return requests.post(
        f"{service.url}/oauth2/token/",
        data={"grant_type": "client_credentials"},
        auth=("north-sis", secret),
        headers={"X-Forwarded-For": f"6.6.6.6, {address}"},
        timeout=30,
    )


def log_in(service: Service, browser: requests.Session, password: str, address: str) -> requests.Response:
    browser.headers["X-Forwarded-For"] = address
    return send_form(browser, f"{service.url}/login/", login="nora", password=password)


def once_taken(attempt: Any) -> requests.Response:
    """The answer once the attempt is taken: waits as long as it is told."""
    deadline = time.monotonic() + 180
    while (answer := attempt()).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(int(answer.headers["Retry-After"]))
    return answer  # type: ignore[no-any-return]


def test_guessing_is_limited_across_processes_and_nobody_is_kept_out(behind_a_proxy: None, service: Service) -> None:
    assert ask(service, RIGHT_SECRET, HOME).status_code == 200
    answers = [ask(service, "wrong", ATTACKER)]
    while answers[-1].status_code != 429:
        answers.append(ask(service, "wrong", ATTACKER))
    with ThreadPoolExecutor(8) as pool:
        answers += pool.map(lambda _number: ask(service, "wrong", ATTACKER), range(60 - len(answers)))
    assert {answer.status_code for answer in answers} == {401, 429}
    # each process by itself would have taken five at least, and the first delays are over soon on a slow machine
    assert sum(answer.status_code == 401 for answer in answers) < 15
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["error"] == "slow_down"
    assert ask(service, RIGHT_SECRET, HOME).status_code == 200
    assert once_taken(lambda: ask(service, RIGHT_SECRET, ELSEWHERE)).status_code == 200

    home, attacker = requests.Session(), requests.Session()
    assert log_in(service, home, RIGHT_PASSWORD, HOME).url == f"{service.url}/"
    send_form(home, f"{service.url}/logout/")
    while (limited := log_in(service, attacker, "wrong", ATTACKER)).status_code != 429:
        assert limited.status_code == 200
    assert int(limited.headers["Retry-After"]) >= 1
    assert log_in(service, home, RIGHT_PASSWORD, HOME).url == f"{service.url}/"
    taken = once_taken(lambda: log_in(service, requests.Session(), RIGHT_PASSWORD, ELSEWHERE))
    assert taken.url == f"{service.url}/"
    log = service.log.read_text()
    assert "attempts_limited" in log
    assert not any(word in log for word in ("nora", HOME, ATTACKER, ELSEWHERE))
