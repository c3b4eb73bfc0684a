"""Reading the file that ``MATRICULA_ISSUERS`` names: YAML → issuers, or every problem with its place and remedy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from matricula.access.statuses import Algorithm, ClaimIs, Scope

_NAMED = ", ".join(Algorithm)
# each key → what to write
_REMEDIES = {
    "name": "write a short name, for example campus",
    "iss": "write what the tokens have as iss, for example https://login.example.org",
    "aud": "write what the tokens for Matricula have as aud, for example matricula",
    "algorithms": f"write a list of asymmetric algorithms, for example [RS256]; allowed: {_NAMED}",
    "jwks_file": "write the path of a JSON file with the public keys (JWKS)",
    "jwks_url": "write the address of the public keys (JWKS), for example https://login.example.org/jwks.json",
    "claim": "write which claim says who it is, for example preferred_username",
    "claim_is": "write username or email",
    "create_accounts": "write true or false",
    "scopes": "write a list of what the tokens allow: [read], or [read, write]",
}


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """Another site, whose tokens are accepted."""

    name: str
    iss: str
    aud: str
    algorithms: tuple[Algorithm, ...]
    claim: str
    claim_is: ClaimIs
    # what a token of it allows
    scopes: tuple[Scope, ...]
    # one of them says where its public keys are
    jwks_file: str | None = None
    jwks_url: str | None = None
    # an account for a person who has none
    create_accounts: bool = False


class IssuersInvalid(Exception):
    """Some of the file is wrong; the message lists each problem with the place and the remedy."""


def read_issuers(path: Path) -> list[Issuer]:
    """The issuers of the file; a ``jwks_file`` is found beside it. Errors: ``IssuersInvalid`` with all problems."""
    entries = _read_list(path)
    problems: list[str] = []
    issuers: list[Issuer] = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("name") if isinstance(entry, dict) else None
        place = f"entry {number} ({name})" if isinstance(name, str) and name else f"entry {number}"
        found = list(_problems(entry))
        problems += [f"  {place}{problem}" for problem in found]
        if not found:
            issuer = msgspec.convert(entry, Issuer)
            issuers.append(msgspec.structs.replace(issuer, jwks_file=_beside(path, issuer.jwks_file)))
            problems += [f"  {place}{problem}" for problem in _repeated(issuers)]
    if problems:
        raise _refused(path, *problems)
    return issuers


def _read_list(path: Path) -> list[Any]:
    try:
        entries = yaml.safe_load(path.read_text("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or error
        raise _refused(path, f"  the file can't be read ({reason}); correct MATRICULA_ISSUERS") from None
    except UnicodeDecodeError:
        raise _refused(path, "  the file isn't UTF-8; save it in that encoding") from None
    # a time that is none is no error of YAML's own
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise _refused(path, f"  {line}this isn't YAML; correct it") from None
    if not isinstance(entries, list):
        raise _refused(path, "  the file must be a list of issuers; begin each with a dash")
    return entries


def _refused(path: Path, *lines: str) -> IssuersInvalid:
    return IssuersInvalid("\n".join([f"The issuers in {path} are invalid (see docs/front-ends.md):", *lines]))


def _beside(path: Path, file: str | None) -> str | None:
    return None if file is None else str(path.parent.absolute() / file)


def _problems(entry: Any) -> Iterator[str]:
    """What is wrong with an entry alone."""
    if not isinstance(entry, dict):
        yield ": must be a mapping; write its keys as name: value"
        return
    fields = {field.name: field for field in msgspec.structs.fields(Issuer)}
    for key in entry:
        if key not in fields:
            yield f", {key}: is unknown; remove it, or write one of {', '.join(fields)}"
    for name, field in fields.items():
        value = entry.get(name)
        if value is None:
            if field.required:
                yield f", {name}: is missing; {_REMEDIES[name]}"
        elif not _is_good(name, value, field.type):
            yield f", {name}: is invalid; {_REMEDIES[name]}"
    sources = [name for name in ("jwks_file", "jwks_url") if entry.get(name) is not None]
    if len(sources) != 1:
        found = "are both there" if sources else "are both missing"
        yield f", jwks_file and jwks_url: {found}; write one of them"


def _is_good(name: str, value: Any, kind: Any) -> bool:
    try:
        value = msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    if name == "jwks_url":
        return _is_web_address(value)
    # an empty text or list says nothing
    return isinstance(value, bool) or (bool(value) and (not isinstance(value, str) or value == value.strip()))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and text.isprintable()
    except ValueError:
        return False


def _repeated(issuers: list[Issuer]) -> Iterator[str]:
    """What the last issuer repeats of those before."""
    *before, last = issuers
    if any(last.name == other.name for other in before):
        yield ", name: another entry has the same name; choose another one"
    if any((last.iss, last.aud) == (other.iss, other.aud) for other in before):
        yield ", iss and aud: another entry has the same ones; remove one of the entries"
