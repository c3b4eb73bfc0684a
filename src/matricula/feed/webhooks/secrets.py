"""The secrets of webhooks: made here, kept encrypted, and used to sign (Standard Webhooks).

They are needed to sign, so a hash won't do. They are encrypted with a key that follows from ``SECRET_KEY``, which is
not in the database: a stolen backup forges no delivery.
"""

import base64
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from standardwebhooks import Webhook as Signer

_PREFIX = "whsec_"
_BYTES = 32


class SecretUnreadable(Exception):
    """The secret was encrypted with another ``SECRET_KEY``; only a new one helps."""


def new_secret() -> str:
    """Return a new secret, as receivers get it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def encrypt(secret: str) -> str:
    """Return the secret as it is stored."""
    return _fernet().encrypt(secret.encode("ascii")).decode("ascii")


def decrypt(stored: str) -> str:
    """Return a stored secret. Errors: ``SecretUnreadable``."""
    try:
        return _fernet().decrypt(stored.encode("ascii")).decode("ascii")
    except InvalidToken:
        raise SecretUnreadable from None


def signed_headers(message_id: str, at: datetime, body: bytes, stored: list[str]) -> dict[str, str]:
    """Return the headers of a delivery, with a signature for each of the stored secrets; ``at``: in UTC.

    Errors: ``SecretUnreadable``.
    """
    signatures = [Signer(decrypt(secret)).sign(message_id, at, body.decode()) for secret in stored]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"matricula.webhooks").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
