"""Kept answers are encrypted: there are people in them, and secrets that are shown once.

The key follows from ``SECRET_KEY``, which is not in the database: a stolen backup reveals no answer.
"""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


class AnswerUnreadable(Exception):
    """The answer was encrypted with another ``SECRET_KEY``."""


def encrypt(identity: bytes, plain: bytes) -> bytes:
    """Return an answer as it is stored; it is good for this identity alone."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, plain, identity)


def decrypt(identity: bytes, stored: bytes) -> bytes:
    """Return what was encrypted for an identity. Errors: ``AnswerUnreadable``."""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(stored[:_NONCE], stored[_NONCE:], identity)
    except InvalidTag:
        raise AnswerUnreadable from None


@lru_cache(1)
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"matricula.answers").derive(secret_key.encode()))
