"""Plans that merge two accounts of one person (record-api: Plans)."""

import uuid

from django.utils.translation import gettext

from matricula.access.permits import permit_of
from matricula.batches.kinds import MERGE
from matricula.batches.merging.asking import MergeRejected, ask_merge
from matricula.batches.planning import make_plan
from matricula.batches.rights import may_write_about
from matricula.batches.runs import given_rows
from matricula.foundation.text import has_control_characters, trim
from matricula.foundation.transactions import acting
from matricula.journal.statuses import API
from matricula.learners.reads import find_by_name, names_of
from matricula.rest import errors
from matricula.rest.callers import signed_in_by
from matricula.rest.contracts.record.requested import checked_reason, plan_name
from matricula.rest.contracts.record.schemas import PlanBody
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message, invalid_field, invalid_fields, text_message


def make_merge(call: AnyCall, body: PlanBody) -> uuid.UUID:
    """Makes the plan; its id. Errors: 400, 403."""
    if not may_write_about(call.account_id, None, None):
        raise BrokenRequest(errors.PERMISSION_DENIED, Message("Only administrators can merge accounts."))
    kept_id, other_id = _account("kept", body.kept), _account("other", body.other)
    try:
        rows, options = ask_merge(
            kept_id,
            other_id,
            choices=body.choices,
            prefer=body.prefer,
            reason=checked_reason("defaults.reason", body.defaults.reason),
            actor_id=call.account_id,
        )
    except MergeRejected as rejected:
        raise invalid_fields({rejected.field: text_message(rejected.problem)}) from None
    names = names_of([kept_id, other_id])
    name = gettext("%(other)s into %(kept)s") % {"other": names[other_id][0], "kept": names[kept_id][0]}
    permit = permit_of(call.signed_in, session=signed_in_by(call.request), is_operator=True)
    with acting(permit.hold):
        return make_plan(
            MERGE,
            None,
            given_rows(rows, options),
            name=plan_name(body.name) or name,
            actor_id=call.account_id,
            source=API,
        )


def _account(field: str, identifier: str | None) -> int:
    if identifier is None:
        raise invalid_fields({field: Message("This is required.")})
    given = trim(identifier)
    found = None if has_control_characters(given) else find_by_name(given)
    if found is None:
        raise invalid_field(field, "There is no single account with this username or email address.")
    return found
