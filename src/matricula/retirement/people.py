"""Whose traces are replaced, and by what: the pseudonyms (docs/retirement.md)."""

import base64
from collections.abc import Iterator
from functools import cached_property

import msgspec
from django.utils.crypto import salted_hmac

from matricula.foundation.folding import fold

DOMAIN = "retired.invalid"
"""Of the addresses: no mail can ever be sent to it (RFC 2606)."""
PREFIX = "retired-"
_SALT = "matricula.retirement"


def code_of(whom: str) -> str:
    """Return the pseudonym of a person: keyed with the secret key, and the same each time.

    ``whom`` is the id of the account, or of the retirement of a person without one: no name of the person is in it.
    """
    return PREFIX + _short(whom, 16)


def _short(text: str, length: int) -> str:
    digest = salted_hmac(_SALT, text, algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:length]


class Person(msgspec.Struct, frozen=True, dict=True):
    """Everything by which a person is known here: what they have now first, then what they had."""

    account_id: int | None
    code: str
    usernames: list[str] = []
    addresses: list[str] = []
    # with the organization
    keys: list[tuple[int, str]] = []
    # first and last name
    names: list[tuple[str, str]] = []
    # of all these, folded: what others have too
    shared: list[str] = []

    @cached_property
    def folded_shared(self) -> frozenset[str]:
        """What others have too."""
        return frozenset(self.shared)

    def username(self, text: str) -> str:
        """Return the pseudonym of a username; of another than the present one, with a mark of its own."""
        if text.startswith(self.code):
            return text
        return self.code if not self.usernames or fold(text) == fold(self.usernames[0]) else self._marked(text)

    def address(self, text: str) -> str:
        """Return the pseudonym of an address: two addresses stay two."""
        if text.startswith(self.code):
            return text
        is_first = not self.addresses or fold(text) == fold(self.addresses[0])
        return f"{self.code if is_first else self._marked(text)}@{DOMAIN}"

    def key(self, text: str) -> str:
        """Return the pseudonym of a student key: two keys stay two."""
        return text if text.startswith(self.code) else self._marked(text)

    def _marked(self, text: str) -> str:
        return f"{self.code}-{_short(f'{self.code} {fold(text)}', 6)}"

    def identifiers(self) -> Iterator[tuple[str, str]]:
        """Usernames, addresses and keys, each with its pseudonym."""
        for text in self.usernames:
            yield text, self.username(text)
        for text in self.addresses:
            yield text, self.address(text)
        for _, text in self.keys:
            yield text, self.key(text)
