"""A right that is withdrawn between the look-up that found it and the write: for every address, one way to prove it.

The withdrawal happens on the test's own connection, behind the n-th statement that asks who is calling. So it comes
after the checks, as with a request whose body is held back, wherever the address reads its body.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Withdraw = Callable[[], object]
# what people and programs have, and who may do what; not the marks that reading leaves
_WRITTEN = (
    "account", "courseenrollment", "preenrollment", "programenrollment", "programcourseenrollment", "grade", "job",
    "jobchunk", "journalentry", "outgoingmail", "courserole", "rolegrant", "featuregrant", "group", "membership",
    "pendingmember", "client", "plan", "planreview", "snapshot", "webhook", "webhookdelivery",
    "lmsrow", "lmsusername", "lmsdifference", "lmsmissinggrade",
)  # fmt: skip


class Withdrawal:
    """``fired``: the statement behind which it should happen came."""

    def __init__(self, withdraw: Withdraw, look_up: int) -> None:
        self.fired = False
        self._withdraw, self._left = withdraw, look_up

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        # the look-ups of callers; that of the transaction that writes holds what it finds
        if "a.is_active" in sql and "for share" not in sql and "a.language" in sql and not self.fired:
            self._left -= 1
            if self._left == 0:
                # read before other statements take the cursor's place
                self.fired = True
                self._withdraw()
        return answer


@contextmanager
def withdrawn(withdraw: Withdraw, look_up: int = 1) -> Iterator[Withdrawal]:
    """Withdraws once, behind the look-up with this number."""
    withdrawal = Withdrawal(withdraw, look_up)
    with connection.execute_wrapper(withdrawal):
        yield withdrawal


def everything() -> dict[str, list[Any]]:
    """All that a request may change, row by row."""
    found = {}
    with connection.cursor() as cursor:
        for table in _WRITTEN:
            cursor.execute(f"select t::text from matricula_{table} t order by 1")  # noqa: S608  ours
            found[table] = cursor.fetchall()
        cursor.execute("select count(*) from procrastinate_jobs")
        found["queue"] = cursor.fetchall()
        cursor.execute("select t::text from mfa_authenticator t order by 1")
        found["factors"] = cursor.fetchall()
        for name, table in (("tokens", "accesstoken"), ("codes", "grant")):
            cursor.execute(f"select id from oauth2_provider_{table} order by 1")  # noqa: S608  ours
            found[name] = cursor.fetchall()
    return found
