"""The checks that every call of the dashboard passes: 401, 429, 405, 404, 403, all before the body."""

from matricula.access.grants import CourseRoleRequest, find_course_roles
from matricula.access.permits import permit_of
from matricula.access.statuses import COURSE_MANAGER_ROLES, CourseRole
from matricula.rest import errors
from matricula.rest.callers import authenticate_in_course, check_rate, check_scope, not_signed_in, signed_in_by
from matricula.rest.checks import check_method, course_key_of
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message

# who may call, in the words of the permission table
MANAGES_COURSE, INSTRUCTOR, GLOBAL_STAFF = "manages the course", "instructor of the course", "global staff"


def guard_manager(call: AnyCall) -> None:
    """Fills in the caller and the course run. Errors, then: 403 for those who don't manage it."""
    _find(call)
    if not (call.access and call.access.may_manage):
        raise _forbidden(Message("Only staff and instructors of this course run can do this."))
    _permit(call, COURSE_MANAGER_ROLES)


def guard_instructor(call: AnyCall) -> None:
    """Fills in the caller and the course run. Errors, then: 403; the role staff of the course run is not enough."""
    _find(call)
    if not is_instructor(call):
        raise _forbidden(Message("Only instructors of this course run can do this."))
    _permit(call, (CourseRole.INSTRUCTOR,))


def guard_global_staff(call: AnyCall) -> None:
    """Fills in the caller; only tokens count. Errors: 401, 429, 405, 403."""
    call.caller, _ = authenticate_in_course(call.request, None)
    if signed_in_by(call.request) is not None:
        raise not_signed_in()
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    if not call.signed_in.is_global_staff:
        raise _forbidden(Message("Only global staff can do this."))
    call.permit = permit_of(call.caller, is_global_staff=True)


def is_instructor(call: AnyCall) -> bool:
    """True for instructors of the course run of the address, and for global staff."""
    role = CourseRoleRequest(CourseRole.INSTRUCTOR, call.account_id, call.course.id)
    return call.signed_in.is_global_staff or bool(find_course_roles([role]))


def _find(call: AnyCall) -> None:
    call.caller, call.access = authenticate_in_course(call.request, course_key_of(call.path["course_key"]))
    check_rate(call.caller)
    check_method(call)
    if call.access is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))
    check_scope(call.request, call.caller)


def _permit(call: AnyCall, roles: tuple[CourseRole, ...]) -> None:
    session = signed_in_by(call.request)
    call.permit = permit_of(call.signed_in, session=session, course_id=call.course.id, course_roles=roles)


def _forbidden(message: Message) -> BrokenRequest:
    return BrokenRequest(errors.PERMISSION_DENIED, message)
