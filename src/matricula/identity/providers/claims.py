"""What a provider says about a person, as Matricula understands it. Plain Python."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matricula.foundation.text import boolean, key_problem, one_line, trim
from matricula.identity.providers.reading import Provider

_LONGEST_NAME = 150
# the most usernames that are tried for a new account
_TRIES = 9
_NOT_IN_USERNAMES = re.compile(r"[\s,@]+")


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a provider. ``email`` is only there where the provider, or the operator, vouches for it."""

    subject: str
    email: str | None = None
    # an address that no one vouches for was named
    unverified: bool = False
    usernames: tuple[str, ...] = ()
    first_name: str = ""
    last_name: str = ""
    # organization → student key
    student_keys: Mapping[str, str] = field(default_factory=dict)
    # the groups here that the provider's mapping names
    groups: frozenset[str] = frozenset()
    # the provider asked for a second factor
    second_factor: bool = False


def read_person(provider: Provider, subject: str, claims: Mapping[str, Any]) -> Person:
    """The person of verified claims; what isn't a text, or could be no name of anything, isn't there."""
    named = provider.claims
    email = _text(claims, named.email)
    verified = email is not None and _is_verified(provider, email, claims.get(named.email_verified))
    return Person(
        subject=subject,
        email=email if verified else None,
        unverified=email is not None and not verified,
        usernames=_usernames(_text(claims, named.username), email),
        first_name=one_line(_text(claims, named.first_name) or "", _LONGEST_NAME),
        last_name=one_line(_text(claims, named.last_name) or "", _LONGEST_NAME),
        student_keys={
            one.organization: key for one in provider.student_keys if (key := _text(claims, one.claim)) is not None
        },
        groups=_groups(provider, claims),
        second_factor=bool(set(provider.second_factor) & set(_texts(claims.get("amr")))),
    )


def _is_verified(provider: Provider, email: str, said: Any) -> bool:
    if isinstance(said, list) and len(said) == 1:
        (said,) = said
    if isinstance(said, str):
        said = boolean(said, letters=True) or False
    if said is None:
        domain = email.rpartition("@")[2].lower()
        return domain in {known.lower() for known in provider.verified_domains}
    return said is True


def _usernames(preferred: str | None, email: str | None) -> tuple[str, ...]:
    """The names to try for a new account: without the domain, which a username can't have."""
    first = next((name for text in (preferred, email) if text and (name := _username(text))), None)
    return () if first is None else (first, *(f"{first}-{number}" for number in range(2, _TRIES + 1)))


def _username(text: str) -> str:
    return _NOT_IN_USERNAMES.sub("-", text.partition("@")[0]).strip("-")


def _groups(provider: Provider, claims: Mapping[str, Any]) -> frozenset[str]:
    if provider.groups is None:
        return frozenset()
    mapped = provider.groups.map
    return frozenset(mapped[said] for said in _texts(claims.get(provider.groups.claim)) if said in mapped)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that is one line of text and could be a name of something; of SAML, the only value of a list."""
    value = claims.get(name)
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if not isinstance(value, str):
        return None
    value = trim(value)
    return value if key_problem(value) is None else None


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
