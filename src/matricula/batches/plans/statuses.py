"""The words of plans (record-api: Plans)."""

from enum import StrEnum


class PlanState(StrEnum):
    """Where a plan is on its way."""

    PLANNING = "planning"
    READY = "ready"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FAILED = "failed"


class PlanKind(StrEnum):
    """What the rows of a plan are about."""

    COURSE_ENROLLMENTS = "course_enrollments"
    PROGRAM_ENROLLMENTS = "program_enrollments"
    PROGRAM_COURSE_ENROLLMENTS = "program_course_enrollments"
    UNDO = "undo"
    MERGE = "merge"


class Scope(StrEnum):
    """Whether the rows are all that is to be, or only what is to change."""

    ROWS = "rows"
    ALL = "all"


class Decision(StrEnum):
    """What a reviewer decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class RowState(StrEnum):
    """What became of a row of a plan."""

    PLANNED = "planned"
    EXCLUDED = "excluded"
    APPLIED = "applied"
    STALE = "stale"
    REJECTED = "refused"


class OnStale(StrEnum):
    """What is done about rows that are no longer as the plan saw them."""

    REFUSE = "refuse"
    SKIP = "skip"


APPLICABLE = (PlanState.READY, PlanState.APPROVED)
OPEN = (PlanState.READY, PlanState.HELD, PlanState.APPROVED)
