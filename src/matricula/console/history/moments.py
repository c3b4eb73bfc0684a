"""Moments of the past, as they are picked on a page: in the reader's zone or the institution's, sent on with offset.

An address holds a moment with its offset, so that it means the same to everyone who is sent it. A field holds a clock's
time; the address of the form's answer is the one with offset.
"""

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matricula.console import inputs

ZONE = "zone"
# an address that was typed: the plus sign of an offset has become a blank
_OFFSET = re.compile(r"(\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) (\d\d:?\d\d)$")
_WITH_TIME = re.compile(r"\d[T ]\d\d:?\d\d")


@dataclass(frozen=True, slots=True)
class Moment:
    """What the field shows (the clock's time), and the moment that it means; ``problem`` where it means none.

    ``is_whole``: the address has it with its offset, and need not be sent on.
    """

    name: str
    text: str = ""
    at: datetime | None = None
    problem: str = ""
    is_whole: bool = True
    zone: tzinfo = field(default=UTC)

    @property
    def has_seconds(self) -> bool:
        """True if the field must take seconds, too."""
        return len(self.text) > len("2026-10-15T09:00")

    @property
    def value(self) -> str:
        """The moment as addresses have it, with offset; "" for none."""
        return self.at.astimezone(self.zone).isoformat() if self.at else ""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a picker of moments needs: the zones to choose from, and the earliest and latest day of its field."""

    zone: str
    zones: tuple[str, ...]
    earliest: str
    latest: str


def clock_of(request: HttpRequest, begins: datetime | None) -> Clock:
    """The clock of this reader, for a history that ``begins`` then (None: nothing has happened yet)."""
    zone = zone_of(request)
    # in whole minutes, as the field has them
    first = (begins + timedelta(seconds=59)).astimezone(zone).strftime("%Y-%m-%dT%H:%M") if begins else ""
    # the whole of today: a page stays open, and a future time is rejected when it is sent
    today = timezone.now().astimezone(zone).strftime("%Y-%m-%d")
    return Clock(str(zone), _zones(), first, f"{today}T23:59")


def zone_of(request: HttpRequest) -> tzinfo:
    """The zone that was chosen beside the field, of the reader's and the institution's; by default the reader's."""
    own = timezone.get_current_timezone()
    chosen = inputs.choice(request.GET, ZONE, _zones())
    return zoneinfo.ZoneInfo(chosen) if chosen and chosen != str(own) else own


def _zones() -> tuple[str, ...]:
    return tuple(dict.fromkeys([str(timezone.get_current_timezone()), settings.TIME_ZONE]))


def moment_of(request: HttpRequest, name: str, begins: datetime | None, *, in_form: bool = False) -> Moment:
    """The moment with this name in the address, or in the form that was sent, or why there is none.

    One before the history ``begins`` is none.
    """
    zone, text = zone_of(request), inputs.word(request.POST if in_form else request.GET, name).strip()
    if not text:
        return Moment(name, zone=zone)
    found = _read(text, zone)
    if found is None:
        words = {"given": text, "example": _example(zone)}
        # a field of a date shows nothing else
        return Moment(name, problem=_("“%(given)s” isn't a date and time. Enter one such as %(example)s.") % words)
    at, has_offset = found
    typed = at.astimezone(zone)
    if not has_offset and typed.replace(tzinfo=None) != datetime.fromisoformat(text):
        problem = _("The clocks in %(zone)s went forward: this time did not exist there. Enter another time.")
        return Moment(name, _clock_time(typed), None, problem % {"zone": zone}, zone=zone)
    problem = _out_of_range(at, begins)
    return Moment(name, _clock_time(typed), None if problem else at, problem, is_whole=has_offset, zone=zone)


def _read(text: str, zone: tzinfo) -> tuple[datetime, bool] | None:
    """The moment that was written, and whether with its offset; None for what is none."""
    if not _WITH_TIME.search(text):
        return None
    try:
        found = datetime.fromisoformat(_OFFSET.sub(r"\1+\2", text))
        at = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        at.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return at, found.tzinfo is not None


def _clock_time(local: datetime) -> str:
    """What a field shows."""
    return local.replace(tzinfo=None).isoformat(timespec="seconds" if local.second else "minutes")


def _example(zone: tzinfo) -> str:
    yesterday = timezone.now().astimezone(zone) - timedelta(days=1)
    return yesterday.strftime("%Y-%m-%dT09:00")


def _out_of_range(at: datetime, begins: datetime | None) -> str:
    if at > timezone.now():
        return _("This moment is in the future. Enter a past date and time.")
    if begins is None:
        return _("Nothing has been recorded here yet, so there is no past to show.")
    if at < begins:
        first = date_format(timezone.localtime(begins), "SHORT_DATETIME_FORMAT")
        return _("This moment is before the first recorded change (%(first)s). Enter a later date and time.") % {
            "first": first
        }
    return ""


def query_of(*moments: Moment, **others: str) -> str:
    """The query of an address with these moments, and with what else is given."""
    given: Mapping[str, str] = {moment.name: moment.value for moment in moments} | others
    return urlencode({name: value for name, value in given.items() if value})
