"""What runs before every page: who is reading, and may they? One look-up that checks as it finds.

A view of the console is made by one of these decorators; ``permission`` on it names who may see it, in the words of
the permission table of the tests.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls.converters import IntConverter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.access.permissions import CARRIED_BY, Permission
from matricula.access.permits import Permit, Permits, Session, permit_of
from matricula.access.reads import (
    Caller,
    ProgramAccess,
    find_caller_by_account,
    find_program_caller_by_account,
)
from matricula.access.statuses import Feature
from matricula.batches.rights import About, permit_about
from matricula.console.charts import churn_of, curve_of
from matricula.console.parts import show_part
from matricula.foundation.text import holds_nul
from matricula.foundation.transactions import RightLost, acting
from matricula.history.curves import CurvePoint, spread
from matricula.journal.replicas import read_for

_DAYS = 60
View = Callable[..., HttpResponseBase]
SIGNED_IN, MANAGES_COURSE, OPERATOR = "signed in", "manages the course", "operator"
_NEEDED: Mapping[str, Promise] = {
    MANAGES_COURSE: gettext_lazy("This page is for the staff and the instructors of the course, and for global staff."),
    OPERATOR: gettext_lazy("This page is for administrators."),
    Permission.READ_METADATA: gettext_lazy("For this page you need to be allowed to see this program."),
    Permission.READ_ENROLLMENTS: gettext_lazy("For this page you need to be allowed to see this program's students."),
    Permission.WRITE_ENROLLMENTS: gettext_lazy("For this you need to be allowed to change this program's students."),
    Permission.READ_REPORTS: gettext_lazy("For this page you need to be allowed to see this program's reports."),
}


def signed_in(view: View) -> View:
    """A page for everyone who is signed in: ``view(request, caller, …)``."""

    def check(request: HttpRequest, **_: Any) -> tuple[Any, ...]:
        caller, _program = find_program_caller_by_account(_account_id(request), None) or _gone()
        return (caller,)

    return _page(view, check, SIGNED_IN, lambda _: {})


def takes_file(view: View) -> View:
    """A page whose form has a file, or a list as long as one: only such pages are sent more than a form holds."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


def by_replica(view: View) -> View:
    """Beneath the others: a page that may be read from a replica, which is some seconds behind (decision 0049)."""
    view.by_replica = True  # type: ignore[attr-defined]
    return view


def changes_password(view: View) -> View:
    """Beneath ``signed_in``: the page ends the reader's own sessions, and so the one with which it was sent."""
    view.changes_password = True  # type: ignore[attr-defined]
    return view


def operators(view: View) -> View:
    """A page for operators (superusers): ``view(request, caller, …)``."""

    def check(request: HttpRequest, **_: Any) -> tuple[Any, ...]:
        caller, _program = find_program_caller_by_account(_account_id(request), None) or _gone()
        if not caller.is_superuser:
            raise _denied(OPERATOR)
        return (caller,)

    return _page(view, check, OPERATOR, lambda _: {"is_operator": True})


def of_course(view: View) -> View:
    """A page for those who manage the course run ``key`` of the address: ``view(request, caller, course, …)``."""

    def check(request: HttpRequest, key: str, **_: Any) -> tuple[Any, ...]:
        caller, access = find_caller_by_account(_account_id(request), _plain(key)) or _gone()
        if access is None:
            raise Http404
        if not access.may_manage:
            raise _denied(MANAGES_COURSE)
        return caller, access.course

    return _page(view, check, MANAGES_COURSE, lambda _, course: {"course_id": course.id}, "key")


def of_program(permission: Permission) -> Callable[[View], View]:
    """A page for those who hold ``permission`` on the program ``key`` of the address: ``view(request, caller, access,
    …)``.
    """

    def decorate(view: View) -> View:
        def check(request: HttpRequest, key: str, **_: Any) -> tuple[Any, ...]:
            caller, access = find_program_caller_by_account(_account_id(request), _plain(key)) or _gone()
            if access is None:
                raise Http404
            if permission not in access.permissions:
                raise _denied(permission)
            return caller, access

        return _page(view, check, permission, lambda _, access: _right_on(access, permission), "key")

    return decorate


def acting_about(
    request: HttpRequest, caller: Caller, parts: Sequence[About], features: frozenset[Feature] = frozenset()
) -> AbstractContextManager[None]:
    """What is written within is written only while the reader may write about each of the parts (``batches.rights``),
    with the ``features``, in the session of this request.
    """
    permit = permit_about(parts, features, account_id=caller.account_id, session=_session(request))
    return acting(permit.hold)


def acting_by(
    request: HttpRequest, caller: Caller, permit: Callable[..., Permit | Permits]
) -> AbstractContextManager[None]:
    """What is written within is written only under a permit, made for the reader in the session of this request."""
    return acting(permit(account_id=caller.account_id, session=_session(request)).hold)


def _session(request: HttpRequest) -> Session:
    user = cast(Any, request.user)
    return Session(user.password, user.generation)


def _right_on(access: ProgramAccess, permission: Permission | None) -> dict[str, Any]:
    return {"program_id": access.program.id, "permission": permission, "features": access.features}


def _acting(
    request: HttpRequest, caller: Caller, *, ends_own: bool = False, **right: Any
) -> AbstractContextManager[None]:
    """What is written within is written only while the reader may still do this, in the session of this request."""
    session = None if ends_own else _session(request)
    return acting(permit_of(caller, session=session, **right).hold)


def _page(
    view: Any,
    check: Callable[..., tuple[Any, ...]],
    permission: str,
    right: Callable[..., Mapping[str, Any]],
    checked: str = "",
) -> View:
    """``right``: what the view's transactions ask for, of what ``check`` has found (``access.permits.Permit``)."""

    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        found = check(request, **rest)
        others = {name: value for name, value in rest.items() if name != checked}
        try:
            with _acting(request, found[0], ends_own=getattr(view, "changes_password", False), **right(*found)):
                show = partial(view, request, *found, **others)
                is_read = getattr(view, "by_replica", False) and request.method in ("GET", "HEAD")
                answer = read_for(found[0].account_id, show) if is_read else show()
        except RightLost as lost:
            raise _denied(permission) from lost
        # people's data: nothing of it stays in a shared cache
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return cast(HttpResponseBase, answer)

    page.permission = permission  # type: ignore[attr-defined]
    # also asked before a large body is taken
    page.check = check  # type: ignore[attr-defined]
    return page


def show_curve(request: HttpRequest, points: Sequence[CurvePoint], *, of: str) -> HttpResponse:
    """How many were enrolled over time, and who joined and left: two pictures, and the table of the latest days.

    ``of``: the page that it is a part of (``console.parts``).
    """
    today = datetime.now(UTC).date()
    shown = {
        "curve": curve_of(spread(points, today)),
        "churn": churn_of([(point.day, point.came, point.went) for point in points], today),
        "points": points[::-1][:_DAYS],
    }
    return show_part(request, "matricula/_curve.html", shown, of=of, title=_("Enrollments over time"))


class IdConverter(IntConverter):
    """The id of a row in an address: what is longer is none."""

    regex = "[0-9]{1,18}"


def _to_login(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        # a part of a page whose session has ended: the whole page goes to the login, and comes back
        shown = _shown_address(request)
        login = redirect_to_login(f"{shown.path}?{shown.query}" if shown.query else shown.path)["Location"]
        return HttpResponse(headers={"HX-Redirect": login})
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
    if holds_nul(key):
        raise Http404
    return key


def _gone() -> Any:
    raise PermissionDenied(_("This account was switched off after you had logged in."))


def _denied(permission: str) -> PermissionDenied:
    """What the error page says about the right that is missing."""
    needed = str(_NEEDED.get(permission, ""))
    roles = [role.value for role, carried in CARRIED_BY.items() if permission in carried]
    given_by = _("Roles that allow it: %(roles)s.") % {"roles": ", ".join(roles)} if roles else ""
    return PermissionDenied(f"{needed} {given_by}".strip())
