"""Whom the reader looked at last: kept in the session, and shown again only where they still may be seen."""

from django.http import HttpRequest

_KEPT = 8
_NAME = "recent_people"


def remember_person(request: HttpRequest, account_id: int) -> None:
    """Put a person first among those looked at."""
    seen = list_recent(request)
    if seen[:1] != [account_id]:
        request.session[_NAME] = [account_id, *(one for one in seen if one != account_id)][:_KEPT]


def list_recent(request: HttpRequest) -> list[int]:
    """The accounts looked at, the latest first."""
    return [one for one in request.session.get(_NAME, []) if isinstance(one, int)]
