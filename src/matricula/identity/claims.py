"""The account that a token of another site names: found by its name, or made where the issuer may bring people."""

from matricula.access.issuers.tokens import Person
from matricula.enrollments.course.rules import looks_like_address
from matricula.enrollments.store.standings import in_one_transaction
from matricula.foundation.folding import fold
from matricula.identity.accounts import colliding, follow
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.learners.locks import lock_addresses, lock_usernames
from matricula.learners.reads import find_active
from matricula.learners.rows import lock_rows, unreferred
from matricula.learners.usernames import problems_of_new_usernames
from matricula.learners.writes import AccountRequest, save_accounts


def find_claimed(person: Person, *, by_email: bool) -> int | None:
    """The id of the active account with this name; None if there is none."""
    if by_email:
        return find_active(email_key=fold(person.email or ""))
    return find_active(username_key=fold(person.username or ""))


def make_claimed(person: Person, issuer: str, *, by_email: bool) -> int | None:
    """Makes an account for a person who has none, and enrolls it where it was invited; its id.

    None if it can't be one (no username, no email), or if an account has one of the two, active or not, and is
    another's. Of several requests at once, one makes it, and the others find it. An unconfirmed sign-up is no account,
    and gives way.
    """
    username, email = person.username, person.email
    if not username or not email or not looks_like_address(email):
        return None
    request = AccountRequest(username, email, person.first_name, person.last_name, is_active=True)

    def write() -> int | None:
        lock_addresses([fold(email)])
        lock_usernames([username])
        rows = lock_rows([fold(username)], [fold(email)])
        free = unreferred(row.id for row in rows if row.may_be_replaced)
        if any(row.id not in free for row in rows):
            return find_claimed(person, by_email=by_email)
        if problems_of_new_usernames([username]):
            return None
        with colliding():
            saved = save_accounts([request])
        operation = new_operation(None, API, f"First request with a token of {issuer}")
        follow(operation, saved.changes, saved.replaced)
        return saved.outcomes[0].account_id

    return in_one_transaction(write)
