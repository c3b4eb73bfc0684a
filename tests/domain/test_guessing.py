"""The limiter of guessing: failures are counted by subject and by client address."""

from datetime import timedelta

import pytest
from django.db.models import F

from matricula.guessing.rules import Kind, Limit
from matricula.guessing.writes import (
    Attempt,
    begin_attempt,
    begin_client_attempt,
    count_request,
    delete_expired_attempts,
    end_attempt,
    fail_attempt,
)
from matricula.models import FailureCount, KnownAddress

pytestmark = pytest.mark.usefixtures("db")
HERE, THERE = "198.51.100.1", "203.0.113.9"
# as the real ones, but in hours: what a slow machine takes makes no difference
HOUR = 3600
PER_ADDRESS = Limit(free=20, fades=HOUR, first=HOUR, longest=HOUR)
LOGIN = Kind("login", Limit(free=5, fades=1000 * HOUR, first=HOUR, longest=100 * HOUR), PER_ADDRESS)
OWN_PASSWORD = Kind("own_password", LOGIN.by_subject, None)
CLIENT_SECRET = Kind("client_secret", LOGIN.by_subject, PER_ADDRESS)
PASSWORD_RESET = Kind("password_reset", Limit(free=3, fades=HOUR * 1000, first=HOUR, longest=100 * HOUR), PER_ADDRESS)


def fail(subject: str = "sam", address: str | None = HERE, known: str = "") -> Attempt:
    """One wrong password, if it is looked at."""
    attempt = begin_attempt(LOGIN, subject, address, known=known)
    if not attempt.wait:
        fail_attempt(attempt)
    return attempt


def fail_until_limited(subject: str = "sam", address: str | None = HERE, known: str = "") -> int:
    for times in range(400):
        if fail(subject, address, known).wait:
            return times
    raise AssertionError("it was never limited")


def wait_for(subject: str, address: str | None = THERE, known: str = "") -> int:
    """In hours, rounded up."""
    return hours(begin_attempt(LOGIN, subject, address, known=known).wait)


def hours(seconds: int) -> int:
    return -(-seconds // HOUR)


def pass_time(**how_long: float) -> None:
    """Everything that was counted happened earlier."""
    earlier = timedelta(**how_long)
    FailureCount.objects.update(zero_at=F("zero_at") - earlier, wait_until=F("wait_until") - earlier)
    KnownAddress.objects.update(seen=F("seen") - earlier)


def test_an_account_is_limited_from_every_address() -> None:
    assert fail_until_limited() == 5
    assert wait_for("sam", THERE) == 1
    assert wait_for("SAM", None) == 1
    assert wait_for("kim", HERE) == 0


def test_an_attempt_that_is_not_taken_makes_no_wait_longer() -> None:
    fail_until_limited()
    before = list(FailureCount.objects.order_by("key").values())
    for _ in range(20):
        assert fail().wait
    assert list(FailureCount.objects.order_by("key").values()) == before


def test_the_waits_grow_and_end() -> None:
    fail_until_limited()
    for waits in (1, 2, 4, 8):
        assert wait_for("sam") == waits
        pass_time(hours=waits)
        assert not fail().wait


def test_the_right_password_is_taken_once_the_wait_is_over_and_the_failures_are_forgotten() -> None:
    fail_until_limited()
    pass_time(hours=1)
    attempt = begin_attempt(LOGIN, "sam", HERE)
    assert attempt.wait == 0
    end_attempt(attempt)
    assert fail_until_limited() == 5


def test_a_known_device_passes_and_has_a_limit_of_its_own() -> None:
    fail_until_limited()
    assert wait_for("sam", HERE, known="device 1") == 0
    end_attempt(begin_attempt(LOGIN, "sam", HERE, known="device 1"))
    # the attack goes on: what the device did has not forgotten it
    assert wait_for("sam") > 0
    assert fail_until_limited(known="device 1") == 5
    assert wait_for("sam", HERE, known="device 2") == 0


def test_an_address_is_limited_over_all_accounts_but_far_later() -> None:
    for number in range(20):
        assert fail(f"person {number}").wait == 0
    assert wait_for("somebody else", HERE) > 0
    assert wait_for("somebody else", THERE) == 0
    assert wait_for("somebody else", HERE, known="device") == 0


def test_successes_do_not_count_against_an_address() -> None:
    for number in range(30):
        end_attempt(begin_attempt(LOGIN, f"person {number}", HERE))
    assert not FailureCount.objects.exists()


def test_kinds_do_not_limit_one_another() -> None:
    fail_until_limited()
    assert begin_attempt(OWN_PASSWORD, "sam", HERE).wait == 0
    assert begin_client_attempt(CLIENT_SECRET, "sam", HERE).wait == 0
    assert count_request(PASSWORD_RESET, "sam", HERE) == 0


def test_every_request_for_a_mail_counts() -> None:
    def ask(email: str, address: str = HERE) -> int:
        return hours(count_request(PASSWORD_RESET, email, address))

    assert [ask("sam@example.org") for _ in range(4)] == [0, 0, 0, 1]
    assert ask("SAM@example.org", THERE) == 1
    assert ask("kim@example.org", THERE) == 0
    pass_time(hours=1)
    assert ask("sam@example.org") == 0
    assert ask("sam@example.org") == 2


def test_a_program_is_known_by_the_address_that_it_succeeded_from() -> None:
    def client(address: str, right: bool) -> int:
        attempt = begin_client_attempt(CLIENT_SECRET, "north-sis", address)
        if not attempt.wait:
            (end_attempt if right else fail_attempt)(attempt)
        return hours(attempt.wait)

    assert client(HERE, right=True) == 0
    assert [client(THERE, right=False) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    assert client(HERE, right=True) == 0
    assert client("192.0.2.1", right=True) == 1
    assert [client(HERE, right=False) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    pass_time(days=2)
    assert client(HERE, right=True) == 0
    pass_time(days=89)
    delete_expired_attempts()
    assert KnownAddress.objects.count() == 1
    pass_time(days=2)
    delete_expired_attempts()
    assert not KnownAddress.objects.exists()


def test_neither_identifiers_nor_addresses_are_stored() -> None:
    fail("sam@example.org")
    end_attempt(begin_client_attempt(CLIENT_SECRET, "north-sis", HERE))
    stored = b" ".join(
        bytes(key) for model in (FailureCount, KnownAddress) for key in model.objects.values_list("key", flat=True)
    )
    assert len(stored) == 3 * 16 + 2
    assert not any(word in stored for word in (b"sam", b"north", HERE.encode()))


def test_faded_counts_are_deleted_and_others_stay() -> None:
    fail("sam", address=None)
    pass_time(hours=600)
    fail("kim", address=None)
    assert delete_expired_attempts() == 0
    pass_time(hours=600)
    assert delete_expired_attempts() == 1
    assert FailureCount.objects.count() == 1


def test_a_limited_attempt_costs_one_statement(django_assert_num_queries: object) -> None:
    fail_until_limited()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert fail().wait
    with django_assert_num_queries(1):  # type: ignore[operator]
        end_attempt(begin_attempt(LOGIN, "kim", HERE))
