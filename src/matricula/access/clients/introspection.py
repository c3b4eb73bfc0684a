"""What a token is good for, said to the client that has it (RFC 7662)."""

import hashlib
from typing import Any

from matricula.access.models import Client
from matricula.foundation.database import fetch_all

# as the guards of the APIs find it; a client learns of its own tokens, a superuser's client of all
_FIND = """
select t.scope, k.client_id, a.username, a.id, extract(epoch from t.expires)::bigint,
    extract(epoch from t.created)::bigint
from oauth2_provider_accesstoken t
join matricula_client k on k.id = t.application_id
join matricula_account a on a.id = coalesce(t.user_id, k.user_id) and a.is_active
where t.token_checksum = %s and t.expires > clock_timestamp()
    and (k.id = %s or exists (select from matricula_account o where o.id = %s and o.is_superuser and o.is_active))
"""


def describe_token(token: str, client: Client) -> dict[str, Any] | None:
    """Return the words of RFC 7662 for a living access token that the client may ask about; None for any other."""
    checksum = hashlib.sha256(token.encode()).hexdigest()
    rows = fetch_all(_FIND, [checksum, client.pk, client.user_id])
    if not rows:
        return None
    scope, client_id, username, account_id, expires, created = rows[0]
    return {
        "active": True,
        "scope": scope,
        "client_id": client_id,
        "username": username,
        "sub": str(account_id),
        "token_type": "Bearer",
        "exp": expires,
        "iat": created,
    }
