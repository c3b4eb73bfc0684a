"""What stands before every page: who is reading, and may they? One look-up that checks as it finds.

A view of the console is made by one of these decorators; ``permission`` on it names who may see it, in the words of
the permission table of the tests.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls.converters import IntConverter

from matricula.access.reads import find_caller_by_account, find_program_caller_by_account
from matricula.console.charts import curve_of
from matricula.console.inputs import entry_of
from matricula.enrollments.curves import CurvePoint, spread
from matricula.journal.reads import list_history

_DAYS = 60
View = Callable[..., HttpResponseBase]
SIGNED_IN, MANAGES_COURSE, OPERATOR = "signed in", "manages the course", "operator"


def signed_in(view: View) -> View:
    """A page for everybody who is signed in: ``view(request, caller, …)``."""

    def checked(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        caller, _ = find_program_caller_by_account(_account_id(request), None) or _gone()
        return view(request, caller, **rest)

    return _page(view, checked, SIGNED_IN)


def operators(view: View) -> View:
    """A page for operators (superusers): ``view(request, caller, …)``."""

    def checked(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        caller, _ = find_program_caller_by_account(_account_id(request), None) or _gone()
        if not caller.is_superuser:
            raise PermissionDenied
        return view(request, caller, **rest)

    return _page(view, checked, OPERATOR)


def of_course(view: View) -> View:
    """A page for those who manage the course run ``key`` of the address: ``view(request, caller, course, …)``."""

    def checked(request: HttpRequest, key: str, **rest: Any) -> HttpResponseBase:
        caller, access = find_caller_by_account(_account_id(request), _plain(key)) or _gone()
        if access is None:
            raise Http404
        if not access.may_manage:
            raise PermissionDenied
        return view(request, caller, access.course, **rest)

    return _page(view, checked, MANAGES_COURSE)


def of_program(permission: str) -> Callable[[View], View]:
    """A page for those who hold ``permission`` on the program ``key`` of the address: ``view(request, caller, access,
    …)``.
    """

    def decorate(view: View) -> View:
        def checked(request: HttpRequest, key: str, **rest: Any) -> HttpResponseBase:
            caller, access = find_program_caller_by_account(_account_id(request), _plain(key)) or _gone()
            if access is None:
                raise Http404
            if permission not in access.permissions:
                raise PermissionDenied
            return view(request, caller, access, **rest)

        return _page(view, checked, permission)

    return decorate


def _page(view: Any, checked: Callable[..., HttpResponseBase], permission: str) -> View:
    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        answer = checked(request, **rest)
        # people's data: nothing of it stays in a shared cache
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    page.permission = permission  # type: ignore[attr-defined]
    return page


def show_history(
    request: HttpRequest,
    about: Mapping[str, Any],
    limit: int,
    *,
    course_id: int | None = None,
    program_id: int | None = None,
) -> HttpResponse:
    """A page of the journal, the latest first, of a course run or a program; ``about`` holds it for the template."""
    before = entry_of(request, "before")
    entries = list_history(limit=limit + 1, before=before, course_id=course_id, program_id=program_id)
    older = entries[limit - 1].id if len(entries) > limit else None
    return render(request, "matricula/history.html", {**about, "entries": entries[:limit], "older": older})


def show_curve(request: HttpRequest, points: Sequence[CurvePoint]) -> HttpResponse:
    """How many were enrolled over time: a picture, and the table of the latest days beneath it."""
    picture = curve_of(spread(points, datetime.now(UTC).date()))
    return render(request, "matricula/_curve.html", {"curve": picture, "points": points[::-1][:_DAYS]})


class IdConverter(IntConverter):
    """The id of a row in an address: what is longer is none."""

    regex = "[0-9]{1,18}"


def _to_login(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        # a part of a page whose session has ended: the whole page goes to the login, and comes back
        shown = _shown_address(request)
        place = redirect_to_login(f"{shown.path}?{shown.query}" if shown.query else shown.path)["Location"]
        return HttpResponse(headers={"HX-Redirect": place})
    return redirect_to_login(request.get_full_path())


def _shown_address(request: HttpRequest) -> SplitResult:
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "/"))
    except ValueError:
        return urlsplit("/")


def _account_id(request: HttpRequest) -> int:
    return cast(int, request.user.pk)


def _plain(key: str) -> str:
    """PostgreSQL's text holds no NUL, and no key has one."""
    if "\x00" in key:
        raise Http404
    return key


def _gone() -> Any:
    # the account was switched off since the session began
    raise PermissionDenied
