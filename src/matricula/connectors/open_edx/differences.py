"""Comparing an LMS with the record, course run by course run: what differs is listed, and perhaps sent again."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from matricula.connections.reads import list_connected_courses
from matricula.connections.statuses import Owner
from matricula.connectors.open_edx.calls import PacedClient
from matricula.connectors.open_edx.comparing import Agreement, Difference, Here, compare
from matricula.connectors.open_edx.conditions import lock_state, record_comparison
from matricula.connectors.open_edx.models import LmsDifference
from matricula.connectors.open_edx.rows import retry_rows
from matricula.connectors.open_edx.rules import Seat
from matricula.connectors.open_edx.statuses import DifferenceKind, RowState, Wanted
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction

_HERE = """
select n.username, r.id, r.wanted, r.mode, r.state, r.is_claimed or r.updated >= %(since)s
from matricula_lmsrow r
join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
where r.connection_id = %(connection)s and r.course_id = %(course)s
order by r.id for update of r
"""
_PERHAPS = """
select a.username from matricula_lmsrow r
join matricula_account a on a.id = r.account_id
where r.connection_id = %(connection)s and r.course_id = %(course)s and r.state in ('waiting', 'absent')
    and not exists (
        select 1 from matricula_lmsusername n where n.connection_id = r.connection_id and n.account_id = r.account_id
    )
"""
_AGREE = """
update matricula_lmsrow r
set state = 'confirmed', words = null, is_unsure = false, tries = 0, next_try = 0, confirmed_mode = t.mode,
    confirmed_active = t.is_active, updated = now()
from unnest(%b::bigint[], %b::text[], %b::boolean[]) t(id, mode, is_active) where r.id = t.id
"""
_KNOW = """
update matricula_lmsrow r
set confirmed_mode = t.mode, confirmed_active = t.is_active,
    state = case when t.again then 'waiting' else r.state end, next_try = case when t.again then 0 else r.next_try end
from unnest(%b::bigint[], %b::text[], %b::boolean[], %b::boolean[]) t(id, mode, is_active, again) where r.id = t.id
"""
_SEND_AGAIN = """
with again as (
    update matricula_lmsdifference d set is_sent = true
    where d.connection_id = %s and d.id = any(%s) and d.row_id is not null returning d.row_id
)
update matricula_lmsrow r set state = 'waiting', words = null, tries = 0, next_try = 0
from again where r.id = again.row_id and r.state in ('confirmed', 'rejected')
"""


def find_differences(client: PacedClient) -> int:
    """Compare all course runs of a connection; return how many differences there are.

    People who had no account in the LMS are looked up again with the next push. Errors: ``ConnectionFailed``,
    ``Stopped``; what was compared until then stays.
    """
    connection = client.connection
    retry_rows(connection.id, RowState.ABSENT)
    count = 0
    for course_id, key in list_connected_courses(connection.id).items():
        since, there = timezone.now(), {}
        for page in client.pages(client.client.enrollments_address(key)):
            there.update(_seats(page))
        with one_transaction():
            count += _keep(client, course_id, since, there)
    record_comparison(connection.id)
    return count


def _seats(page: Sequence[object]) -> dict[str, Seat]:
    found = {}
    for record in page:
        if isinstance(record, dict) and isinstance(record.get("user"), str):
            found[record["user"]] = Seat(record.get("mode"), record.get("is_active") is True)
    return found


def _keep(client: PacedClient, course_id: int, since: datetime, there: dict[str, Seat]) -> int:
    connection = client.connection
    lock_state(connection.id)
    about = {"connection": connection.id, "course": course_id, "since": since}
    here = {
        username: Here(row_id, Wanted(wanted), mode, RowState(state), is_moving)
        for username, row_id, wanted, mode, state, is_moving in fetch_all(_HERE, about)
    }
    perhaps = {username for (username,) in fetch_all(_PERHAPS, about)}
    found = list(compare(here, there, perhaps))
    _agree([item for item in found if isinstance(item, Agreement)])
    differences = [item for item in found if isinstance(item, Difference)]
    again = {d.username for d in differences if _is_sent_again(d, connection.owner)}
    _know([d for d in differences if d.row_id is not None], again)
    now = timezone.now()
    LmsDifference.objects.filter(connection_id=connection.id, course_id=course_id).delete()
    LmsDifference.objects.bulk_create(
        [
            LmsDifference(
                connection_id=connection.id,
                course_id=course_id,
                row_id=d.row_id,
                username=d.username,
                kind=d.kind.value,
                here=d.here,
                there=d.there,
                is_sent=d.username in again,
                found=now,
            )
            for d in differences
        ],
        batch_size=1_000,
    )
    return len(differences)


def _is_sent_again(difference: Difference, owner: Owner) -> bool:
    is_here = difference.kind is DifferenceKind.DIFFERS and not difference.is_rejected
    return is_here and owner is Owner.MATRICULA


def _agree(agreements: Sequence[Agreement]) -> None:
    if agreements:
        seats = [a.seat for a in agreements]
        execute(_AGREE, [[a.row_id for a in agreements], [s.mode for s in seats], [s.is_active for s in seats]])


def _know(differences: Sequence[Difference], again: set[str]) -> None:
    """Record what is there: what is wanted next is compared with that, and not with what was confirmed once."""
    if differences:
        seats = [d.seat or Seat(None, False) for d in differences]
        columns = [[d.row_id for d in differences], [s.mode for s in seats], [s.is_active for s in seats]]
        execute(_KNOW, [*columns, [d.username in again for d in differences]])


def send_again(connection_id: int, difference_ids: Sequence[int]) -> int:
    """Let the record be sent again where the LMS differs; return for how many people."""
    with one_transaction():
        return execute(_SEND_AGAIN, [connection_id, list(difference_ids)])
