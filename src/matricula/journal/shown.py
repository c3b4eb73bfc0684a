"""States of the journal as the contract shows them (record-api: Changes)."""

from typing import Any

import msgspec
from msgspec import UNSET

from matricula.journal.states import CourseState, State, StudentCourseState


def show_state(state: State | None) -> dict[str, Any]:
    """A state as a flat object; an empty one where there is nothing."""
    if state is None:
        return {}
    if isinstance(state, CourseState):
        return _course_state(state)
    shown: dict[str, Any] = msgspec.to_builtins(state)
    shown.pop("v", None)
    if isinstance(state, StudentCourseState):
        shown.setdefault("course_staff", False)
    return shown


def _course_state(state: CourseState) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if state.enrollment is not UNSET:
        shown = {"mode": state.enrollment.mode, "is_active": state.enrollment.is_active}
    if state.pre_enrollment is not UNSET:
        invitation = state.pre_enrollment
        shown["allowed_mode" if shown else "mode"] = invitation.mode
        shown |= {"allowed": True, "auto_enroll": invitation.auto_enroll, "bound": invitation.bound}
    return shown
