"""Granting and withdrawing roles, features and memberships."""

from collections.abc import Sequence

from django.db import connection

_ADMIT = """
with due as (
    delete from matricula_pendingmember p using matricula_account a
    where a.email_key = p.email_key and a.is_active and a.id = any(%s) returning p.group_id, a.id as account_id
)
insert into matricula_membership (group_id, account_id) select group_id, account_id from due on conflict do nothing
"""


def admit_pending_members(account_ids: Sequence[int]) -> None:
    """Memberships that waited for the addresses of these active accounts take effect."""
    with connection.cursor() as cursor:
        cursor.execute(_ADMIT, [list(account_ids)])
