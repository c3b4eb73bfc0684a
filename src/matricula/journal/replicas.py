"""Who may be answered from a replica: those of whose own changes it has all."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from matricula.foundation.database import fetch_all
from matricula.foundation.postgresql import replicas

T = TypeVar("T")
# An operation is written by the transaction of its first changes, and once more when it ends. One that was started
# earlier may have been committed later: some are looked at.
_LATEST = """
select xmin::text::bigint from matricula_operation where actor_id = %s order by started desc limit 20
"""
_SPAN = 1 << 32
_FIRST_NORMAL = 3


def read_for(account_id: int | None, function: Callable[[], T]) -> T:
    """What the function returns, from the replica if it may be used and has all changes of the account, else from the
    primary; ``account_id`` None: of no one.
    """
    return replicas.read(function) if _may_use(account_id) else function()


def read_blocks_for(account_id: int | None, blocks: Generator[T, None, Any]) -> Generator[T, None, Any]:
    """The blocks, read as ``read_for`` reads."""
    return replicas.read_blocks(blocks) if _may_use(account_id) else blocks


def _may_use(account_id: int | None) -> bool:
    found = replicas.usable()
    if found is None:
        return False
    if account_id is None or all(_is_before(xmin, found.xmin) for (xmin,) in fetch_all(_LATEST, [account_id])):
        return True
    replicas.count_read("primary")
    return False


def _is_before(transaction: int, xmin: int) -> bool:
    """Whether a transaction, known by its last 32 bits, is below ``xmin``; as PostgreSQL compares them."""
    return transaction < _FIRST_NORMAL or 0 < (xmin - transaction) % _SPAN < _SPAN // 2
