"""The file of identity providers: YAML → ``Provider``, or every problem with its place and remedy.

No Django in here. The file is that of ``MATRICULA_SIGN_ON``, which may be the institution file: then its section
``sign_on`` is read. Secrets are never in it, only the names of the variables that hold them.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import yaml

from matricula.access.statuses import Algorithm

SECTION = "sign_on"
_DOCS = "docs/single-sign-on.md"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
# part of addresses, and of what the provider stores; "saml" is the beginning of other addresses
_NAME = re.compile(r"(?!saml\Z)[a-z0-9][a-z0-9-]{0,39}")


class Kind(StrEnum):
    """How a provider speaks."""

    OPENID = "openid"
    SAML = "saml"


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims (of SAML: attributes) say what."""

    username: str = "preferred_username"
    email: str = "email"
    email_verified: str = "email_verified"
    first_name: str = "given_name"
    last_name: str = "family_name"
    # of SAML: the identifier of the person; '' for the NameID
    subject: str = ""


class KeyClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim with the student key of an organization."""

    claim: str
    organization: str


class GroupClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim with groups: a value of it → the group here."""

    claim: str
    map: dict[str, str]


class Saml(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Matricula has to know of a SAML identity provider."""

    entity_id: str
    sso_url: str
    # a PEM file, found beside the file of the providers
    certificate_file: str


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identity provider."""

    name: str
    title: str
    kind: Kind = Kind.OPENID
    issuer: str = ""
    client_id: str = ""
    # the name of the environment variable; '' for a client without a secret, which PKCE alone protects
    secret_variable: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[Algorithm, ...] = (Algorithm.RS256,)
    saml: Saml | None = None
    claims: Claims = Claims()
    # addresses of these domains count as verified where the provider doesn't say
    verified_domains: tuple[str, ...] = ()
    # an account for a person who has none
    create_accounts: bool = False
    # the address of the account follows the one at the provider
    update_email: bool = True
    student_keys: tuple[KeyClaim, ...] = ()
    groups: GroupClaim | None = None
    # words of the claim ``amr`` that count as a second factor
    second_factor: tuple[str, ...] = ()
    # filled in from the environment, and from the file
    secret: str = ""
    certificate: str = ""


class ProvidersInvalid(Exception):
    """Some of the file is wrong; the message lists each problem with the place and the remedy."""


class _Place(NamedTuple):
    folder: Path
    environment: Mapping[str, str]


# not for the file to say
_OURS = ("secret", "certificate")


def read_providers(path: Path, environment: Mapping[str, str]) -> tuple[Provider, ...]:
    """The providers of the file, with their secrets. Errors: ``ProvidersInvalid`` with all problems."""
    entries = _read_list(path)
    place = _Place(path.parent, environment)
    problems: list[str] = []
    providers: list[Provider] = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("name") if isinstance(entry, dict) else None
        where = f"entry {number} ({name})" if isinstance(name, str) and name else f"entry {number}"
        try:
            provider = _convert(entry)
        except ValueError as error:
            problems.append(f"  {where}{error}")
            continue
        found = list(_problems(provider, place))
        if any(provider.name == other.name for other in providers):
            found.append(", name: another entry has the same name; choose another one")
        problems += [f"  {where}{problem}" for problem in found]
        if not found:
            providers.append(_filled_in(provider, place))
    if problems:
        raise _invalid(path, *problems)
    return tuple(providers)


def _read_list(path: Path) -> list[Any]:
    try:
        document = yaml.safe_load(path.read_text("utf-8-sig"))
    except OSError as error:
        raise _invalid(
            path, f"  the file can't be read ({error.strerror or error}); correct MATRICULA_SIGN_ON"
        ) from None
    except UnicodeDecodeError:
        raise _invalid(path, "  the file isn't UTF-8; save it in that encoding") from None
    # a time that is none is no error of YAML's own
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise _invalid(path, f"  {line}this isn't YAML; correct it") from None
    entries = document.get(SECTION, []) if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise _invalid(
            path, f"  the file must have a list of providers, alone or under {SECTION}:; begin each with a dash"
        )
    return entries


def _invalid(path: Path, *lines: str) -> ProvidersInvalid:
    return ProvidersInvalid("\n".join([f"The identity providers in {path} are invalid (see {_DOCS}):", *lines]))


def _convert(entry: Any) -> Provider:
    """Errors: ``ValueError`` that says where and what."""
    if not isinstance(entry, dict):
        raise ValueError(": must be a mapping; write its keys as name: value")
    for name in _OURS:
        if name in entry:
            raise ValueError(f", {name}: keep it out of this file; name a variable (secret_variable) or a file instead")
    try:
        return msgspec.convert(entry, Provider)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        where = f", {path.strip('`').lstrip('.')}" if path else ""
        raise ValueError(f"{where}: {_in_words(text)}; correct it ({_DOCS})") from None


def _in_words(text: str) -> str:
    missing = re.fullmatch(r"Object missing required field `(.+)`", text)
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", text)
    if missing:
        return f"{missing[1]} is missing"
    return f"{unknown[1]} is unknown" if unknown else text.replace("`", "")


def _problems(provider: Provider, place: _Place) -> Iterator[str]:
    """What is wrong with an entry whose fields have the right types."""
    if not _NAME.fullmatch(provider.name):
        yield ", name: is part of addresses; write up to 40 lowercase letters, digits, and dashes, for example campus"
    if not provider.title.strip():
        yield ", title: is blank; write what people call the provider, for example North University"
    yield from (_saml_problems if provider.kind == Kind.SAML else _openid_problems)(provider, place)
    if provider.groups and not all(provider.groups.map.values()):
        yield ", groups.map: names a group that is blank; write the name of a group in Matricula"


def _openid_problems(provider: Provider, place: _Place) -> Iterator[str]:
    if provider.saml is not None:
        yield ", saml: is for kind: saml only; remove one of the two"
    if not _is_safe_address(provider.issuer):
        yield ", issuer: is invalid; write its https address, for example https://login.example.org/realms/north"
    if not provider.client_id:
        yield ", client_id: is missing; write the client id that the provider gave to Matricula"
    if "openid" not in provider.scopes:
        yield ", scopes: must contain openid; add it"
    if provider.secret_variable and not place.environment.get(provider.secret_variable):
        yield f", secret_variable: the variable {provider.secret_variable} is not set; set it"


def _saml_problems(provider: Provider, place: _Place) -> Iterator[str]:
    if provider.saml is None:
        yield ", saml: is missing; write entity_id, sso_url, and certificate_file of the identity provider"
        return
    if not _is_safe_address(provider.saml.sso_url):
        yield ", saml.sso_url: is invalid; write its https address, for example https://idp.example.org/sso"
    if not _read(place.folder / provider.saml.certificate_file):
        yield ", saml.certificate_file: can't be read; write the path of the provider's certificate (PEM)"


def _is_safe_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and parts.port != 0 and text.isprintable() and not (parts.query or parts.fragment)
    except ValueError:
        return False
    return good and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))


def _filled_in(provider: Provider, place: _Place) -> Provider:
    certificate = _read(place.folder / provider.saml.certificate_file) if provider.saml else ""
    secret = place.environment[provider.secret_variable] if provider.secret_variable else ""
    return msgspec.structs.replace(provider, secret=secret, certificate=certificate)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
