"""Outcomes in the words that the dashboard reads."""

from matricula.enrollments.course.outcomes import error_text
from matricula.enrollments.course.testers import TesterOutcome
from matricula.enrollments.course.writes import EnrollmentOutcome
from matricula.enrollments.store.values import Person, Standing
from matricula.rest.contracts.dashboard.schemas import ModifyResult, PersonState, TestersResult, UpdateResult


def modify_result(outcome: EnrollmentOutcome) -> ModifyResult:
    """Of one identifier, without words."""
    if outcome.error is Person.TWO_ACCOUNTS:
        return ModifyResult(outcome.identifier, error=True)
    if outcome.error:
        return ModifyResult(outcome.identifier, invalid_identifier=True)
    before, after = _states(outcome)
    return ModifyResult(outcome.identifier, before, after)


def update_result(outcome: EnrollmentOutcome) -> UpdateResult:
    """Of one identifier, in the active language."""
    if outcome.error:
        is_ambiguous = outcome.error is Person.TWO_ACCOUNTS
        return UpdateResult(
            outcome.identifier,
            success=False,
            invalidIdentifier=not is_ambiguous,
            error=is_ambiguous,
            error_type=outcome.error.name.lower(),
            error_message=error_text(outcome.error, outcome.identifier),
        )
    before, after = _states(outcome)
    return UpdateResult(
        outcome.identifier, success=True, before=before, after=after, state_transition=outcome.transition
    )


def testers_result(outcome: TesterOutcome) -> TestersResult:
    """Of one identifier."""
    is_unknown = outcome.error not in {None, Person.TWO_ACCOUNTS}
    return TestersResult(outcome.identifier, outcome.error is not None, is_unknown, outcome.is_active)


def _states(outcome: EnrollmentOutcome) -> tuple[PersonState, PersonState]:
    has_account = outcome.account_id is not None
    return _state(outcome.before, has_account), _state(outcome.after, has_account)


def _state(standing: Standing, has_account: bool) -> PersonState:
    invitation = standing.invitation
    automatic = invitation is not None and invitation.auto_enroll
    return PersonState(has_account, standing.enrolled, standing.allowed, automatic)
