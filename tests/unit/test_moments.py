"""Moments picked on a page: a clock's time in a zone becomes one moment with offset, and nonsense becomes a message."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.http import HttpRequest, QueryDict
from django.utils import timezone as django_timezone

from matricula.console.history.moments import clock_of, moment_of, query_of

BEGINS = datetime(2026, 1, 5, 8, 30, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.TIME_ZONE = "America/Bogota"
    monkeypatch.setattr("matricula.console.history.moments.timezone.now", lambda: NOW)
    with django_timezone.override("Europe/Madrid"):
        yield


def query(**given: str) -> HttpRequest:
    request, values = HttpRequest(), QueryDict(mutable=True)
    values.update(given)
    request.GET = values  # type: ignore[assignment]
    return request


@pytest.mark.parametrize(
    ("text", "zone", "value", "is_whole"),
    [
        ("2026-07-01T09:00", "", "2026-07-01T09:00:00+02:00", False),
        ("2026-01-15 09:00", "", "2026-01-15T09:00:00+01:00", False),
        ("2026-07-01T09:00", "America/Bogota", "2026-07-01T09:00:00-05:00", False),
        ("2026-07-01T09:00", "Asia/Tokyo", "2026-07-01T09:00:00+02:00", False),
        ("2026-07-01T07:00:00Z", "", "2026-07-01T09:00:00+02:00", True),
        # the plus sign of an address that was typed
        ("2026-07-01T09:00:00 02:00", "", "2026-07-01T09:00:00+02:00", True),
        # the hour that comes twice is the first of the two
        ("2026-10-25T02:30", "", "2026-10-25T02:30:00+02:00", False),
    ],
)
def test_a_moment_has_its_offset(text: str, zone: str, value: str, is_whole: bool) -> None:
    moment = moment_of(query(as_of=text, zone=zone), "as_of", BEGINS)
    assert (moment.value, moment.is_whole, moment.problem) == (value, is_whole, "")
    assert moment.text == value[:16]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-03-29T02:30", "The clocks in Europe/Madrid went forward"),
        ("2026-11-27T14:00", "This moment is in the future."),
        ("2026-01-05T09:30", "This moment is before the first recorded change (Jan 5, 2026, 9:30 AM)."),
        ("0001-01-01T00:00", "This moment is before the first recorded change"),
    ],
)
def test_what_is_no_moment_of_the_past_has_a_message_and_stays_in_the_field(text: str, problem: str) -> None:
    moment = moment_of(query(as_of=text), "as_of", BEGINS)
    assert moment.problem.startswith(problem) and moment.at is None and moment.value == ""
    # the hour that did not exist is shown as the clocks had it
    assert moment.text == text.replace("T02:30", "T03:30")


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-07-01", "2026-02-30T09:00", "0001-01-01T00:00+12:00", "9999-12-31T23:59-12:00", "9" * 300],
)
def test_what_is_no_moment_at_all_is_quoted(text: str) -> None:
    moment = moment_of(query(as_of=text), "as_of", BEGINS)
    # a field for dates would show none of it
    assert (moment.at, moment.value, moment.text) == (None, "", "")
    assert moment.problem == f"“{text[:255]}” isn't a date and time. Enter one such as 2026-11-26T09:00."


def test_where_nothing_happened_there_is_no_past() -> None:
    assert moment_of(query(as_of="2026-07-01T09:00"), "as_of", None).problem.startswith("Nothing has been recorded")
    assert moment_of(query(), "as_of", None).problem == ""


def test_the_field_takes_what_the_server_takes() -> None:
    clock = clock_of(query(), BEGINS)
    assert (clock.zone, clock.zones) == ("Europe/Madrid", ("Europe/Madrid", "America/Bogota"))
    assert moment_of(query(as_of=clock.earliest), "as_of", BEGINS).problem == ""
    assert clock.latest == "2026-11-27T23:59"
    assert clock_of(query(zone="America/Bogota"), BEGINS).earliest == "2026-01-05T03:31"


def test_seconds_are_kept_in_the_address() -> None:
    exact = BEGINS + timedelta(days=1)
    moment = moment_of(query(as_of=exact.astimezone(timezone(timedelta(hours=1))).isoformat()), "as_of", BEGINS)
    assert moment.has_seconds and moment.text == "2026-01-06T09:30:20"
    assert query_of(moment, page="2") == "as_of=2026-01-06T09%3A30%3A20%2B01%3A00&page=2"
