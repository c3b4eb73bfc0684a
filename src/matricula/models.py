"""All tables, gathered for Django; each belongs to its own package, and only that package imports it from there."""

from matricula.access.models import (
    Client,
    CourseRole,
    FeatureGrant,
    Group,
    Membership,
    PendingMember,
    RoleGrant,
)
from matricula.batches.plans.models import Plan, PlanReview
from matricula.catalog.models import Course, Organization, Program, ProgramCourse
from matricula.connections.models import LmsConnection, LmsCoverage
from matricula.connectors.open_edx.models import LmsDifference, LmsRow, LmsState, LmsUsername
from matricula.disclosures.models import Disclosure
from matricula.enrollments.store.models import (
    CourseEnrollment,
    PreEnrollment,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    RosterBlock,
    RosterCount,
    StudentCount,
)
from matricula.feed.webhooks.models import Delivery, Webhook
from matricula.grades.models import Grade
from matricula.guessing.models import FailureCount, KnownAddress
from matricula.history.moments.models import ProgramDay, RosterDay, StudentDay
from matricula.history.seals.models import Seal
from matricula.history.snapshots.models import Snapshot
from matricula.idempotency.models import StoredAnswer
from matricula.identity.providers.models import ExternalLogin
from matricula.jobs.models import Job, JobChunk, JobSlice
from matricula.journal.models import Change, JournalEntry, JournalRedaction, OperationRecord
from matricula.learners.models import Account, StudentIdentity
from matricula.notices.models import OutgoingMail
from matricula.retirement.models import Retirement
from matricula.tallies.models import Tally

__all__ = [
    "Account",
    "Change",
    "Client",
    "Course",
    "CourseEnrollment",
    "CourseRole",
    "Delivery",
    "Disclosure",
    "ExternalLogin",
    "FailureCount",
    "FeatureGrant",
    "Grade",
    "Group",
    "Job",
    "JobChunk",
    "JobSlice",
    "JournalEntry",
    "JournalRedaction",
    "KnownAddress",
    "LmsConnection",
    "LmsCoverage",
    "LmsDifference",
    "LmsRow",
    "LmsState",
    "LmsUsername",
    "Membership",
    "OperationRecord",
    "Organization",
    "OutgoingMail",
    "PendingMember",
    "Plan",
    "PlanReview",
    "PreEnrollment",
    "Program",
    "ProgramCourse",
    "ProgramCourseEnrollment",
    "ProgramDay",
    "ProgramEnrollment",
    "Retirement",
    "RoleGrant",
    "RosterBlock",
    "RosterCount",
    "RosterDay",
    "Seal",
    "Snapshot",
    "StoredAnswer",
    "StudentCount",
    "StudentDay",
    "StudentIdentity",
    "Tally",
    "Webhook",
]
