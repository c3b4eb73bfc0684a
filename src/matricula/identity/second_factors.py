"""Second factors that an operator removes: of someone who has lost the phone, the key and the codes."""

from allauth.mfa.models import Authenticator

from matricula.enrollments.store.standings import in_one_transaction
from matricula.identity.accounts import follow
from matricula.journal.writes import Operation, record_operation
from matricula.learners.rows import lock_rows, save_rows


def remove_second_factors(operation: Operation, account_id: int) -> int:
    """Removes the app, the keys and the recovery codes of an account, and ends its sessions; how many there were."""

    def write() -> int:
        row = next(iter(lock_rows(ids=[account_id])), None)
        found, _ = Authenticator.objects.filter(user_id=account_id).delete()
        if row is None or not found:
            return 0
        record_operation(operation)
        row.generation += 1
        follow(operation, save_rows([row]))
        return int(found)

    return in_one_transaction(write)
