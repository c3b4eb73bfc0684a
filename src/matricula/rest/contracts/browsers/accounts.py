"""Looking up accounts: one's own, and for global staff those of others."""

from django.http import HttpResponse

from matricula.foundation.folding import fold
from matricula.foundation.text import holds_nul
from matricula.learners.reads import Learner, find_confirmed
from matricula.rest import errors
from matricula.rest.contracts.browsers.schemas import AccountShown, AccountsQuery
from matricula.rest.endpoint import AnyCall, Call, PlainCall, answer_json
from matricula.rest.errors import BrokenRequest, Message, invalid_fields
from matricula.rest.pictures import plain_picture


def get_account(call: PlainCall) -> HttpResponse:
    """200: the account with this username. 404: there is none, or it is someone else's."""
    username = call.path["username"]
    caller = call.signed_in
    if not caller.is_global_staff and fold(username) != fold(caller.username):
        raise _unknown()
    return answer_json(_shown(call, _find(username, by_email=False)))


def find_accounts(call: Call[AccountsQuery, None]) -> HttpResponse:
    """200: the account with this email address or username, in an array of one. 404: there is none."""
    email, username = call.query.email, call.query.username
    if (email is None) == (username is None):
        problem = Message("Name one account, by email or by username.")
        raise invalid_fields({"email": problem, "username": problem})
    found = _find(email, by_email=True) if email is not None else _find(username or "", by_email=False)
    return answer_json([_shown(call, found)])


def _find(text: str, *, by_email: bool) -> Learner:
    key = fold(text)
    # one key can be the username of one account and the address of another
    people = [] if holds_nul(key) else find_confirmed([key]).get(key, [])
    found = next((one for one in people if (one.is_address if by_email else one.is_username)), None)
    if found is None:
        raise _unknown()
    return found


def _shown(call: AnyCall, person: Learner) -> AccountShown:
    return AccountShown(person.username, person.full_name, person.email, plain_picture(call.request))


def _unknown() -> BrokenRequest:
    return BrokenRequest(
        errors.RESOURCE_NOT_FOUND, Message("There is no such account, or you don't have access to it.")
    )
