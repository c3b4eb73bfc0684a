"""Verifying a token of another site: whose it is, whether it is good, and what it says about whom.

The result of a verification is kept in memory, by the token's checksum, until the token expires or the issuer's keys
are fetched again: a signature costs more than the rest of a short request's look-up.
"""

import hashlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jwt

from matricula.access.issuers.keys import Key, Keys, read_keys
from matricula.access.issuers.reading import Issuer, IssuersInvalid, read_issuers
from matricula.access.statuses import SCOPES, ClaimIs, Scope, TokenProblem
from matricula.foundation.text import key_problem, trim

LEEWAY = 60
"""Seconds that the clock of an issuer may be off."""
# a header with more is no token of a site; what is remembered is bounded, too
_LONGEST = 16_384
_MOST = 10_000
_OPTIONS: Any = {
    "require": ["exp", "iss", "aud"],
    # nothing is made of them
    "verify_sub": False,
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}
# the first that fits
_PROBLEMS: tuple[tuple[type[Exception], TokenProblem], ...] = (
    (jwt.ExpiredSignatureError, TokenProblem.EXPIRED),
    (jwt.ImmatureSignatureError, TokenProblem.FUTURE),
    (jwt.InvalidAudienceError, TokenProblem.AUDIENCE),
    (jwt.InvalidIssuerError, TokenProblem.ISSUER),
    (jwt.InvalidAlgorithmError, TokenProblem.ALGORITHM),
    (jwt.InvalidSignatureError, TokenProblem.SIGNATURE),
    (jwt.MissingRequiredClaimError, TokenProblem.CLAIM),
    (jwt.InvalidKeyError, TokenProblem.KEY),
)


class Person(NamedTuple):
    """Whom a token is about. Of username and email, the one by which the issuer names people is there."""

    username: str | None
    email: str | None
    first_name: str = ""
    last_name: str = ""


class Verified(NamedTuple):
    """A good token: who issued it, for whom, and what it allows."""

    issuer: Issuer
    person: Person
    scopes: frozenset[str]
    expires: int
    # those with which it was verified
    keys: tuple[Key, ...]


class Trust:
    """The trusted issuers with their keys, and the tokens that were found to be good."""

    def __init__(self, issuers: list[Issuer]) -> None:
        self._issuers = [(issuer, Keys(issuer)) for issuer in issuers]
        self._keys = {issuer.name: keys for issuer, keys in self._issuers}
        self._verified: dict[bytes, Verified] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """True if there is any issuer."""
        return bool(self._issuers)

    def begin_fetches(self) -> None:
        """Fetches the keys of all issuers, in the background."""
        for keys in self._keys.values():
            keys.begin_fetch()

    def verify(self, token: str) -> Verified | TokenProblem:
        """What the token says, or why it is rejected."""
        if len(token) > _LONGEST:
            return TokenProblem.FORM
        checksum = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._verified.get(checksum)
        if known and known.keys is self._keys[known.issuer.name].current():
            return known if time.time() < known.expires + LEEWAY else TokenProblem.EXPIRED
        found = self._verify(token)
        if isinstance(found, Verified):
            self._remember(checksum, found)
        return found

    def _remember(self, checksum: bytes, found: Verified) -> None:
        with self._lock:
            if len(self._verified) >= _MOST:
                self._verified.clear()
            self._verified[checksum] = found

    def _verify(self, token: str) -> Verified | TokenProblem:
        try:
            seen = jwt.decode_complete(token, options={"verify_signature": False})
            issuer = self._find_issuer(seen["payload"])
            if isinstance(issuer, TokenProblem):
                return issuer
            signed = self._check_signature(token, issuer, seen["header"])
            if isinstance(signed, TokenProblem):
                return signed
            claims, keys = signed
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            return next((problem for kind, problem in _PROBLEMS if isinstance(error, kind)), TokenProblem.FORM)
        person = _person(issuer, claims)
        if isinstance(person, TokenProblem):
            return person
        return Verified(issuer, person, _scopes(issuer, claims), int(claims["exp"]), keys)

    def _check_signature(
        self, token: str, issuer: Issuer, header: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[Key, ...]] | TokenProblem:
        """The claims, and the keys that were known. Errors: those of ``jwt.decode``."""
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in issuer.algorithms:
            return TokenProblem.ALGORITHM
        keys = self._keys[issuer.name]
        found, known = keys.find(kid)
        problem = TokenProblem.ALGORITHM if found else TokenProblem.KEY
        for key in found:
            if algorithm not in key.algorithms:
                continue
            try:
                claims = jwt.decode(
                    token,
                    key.key,
                    list(key.algorithms),
                    _OPTIONS,
                    audience=issuer.aud,
                    issuer=issuer.iss,
                    leeway=LEEWAY,
                )
            except jwt.InvalidSignatureError:
                problem = TokenProblem.SIGNATURE
            else:
                return claims, known
        if kid is None:
            # the key may be a new one: the next request finds it
            keys.begin_fetch()
        return problem

    def _find_issuer(self, payload: Mapping[str, Any]) -> Issuer | TokenProblem:
        """Whose token it claims to be; nothing of it is verified yet."""
        named = [issuer for issuer, _ in self._issuers if issuer.iss == payload.get("iss")]
        if not named:
            return TokenProblem.ISSUER
        audience = payload.get("aud")
        meant = audience if isinstance(audience, list) else [audience]
        return next((issuer for issuer in named if issuer.aud in meant), TokenProblem.AUDIENCE)


def read_trust(path: Path | None) -> Trust:
    """The issuers of the file, and those keys that are in files, checked. Errors: ``IssuersInvalid``."""
    issuers = read_issuers(path) if path is not None else []
    problems = [
        f"  entry {number} ({issuer.name}), jwks_file: {problem}"
        for number, issuer in enumerate(issuers, 1)
        if issuer.jwks_file is not None and (problem := _file_problem(issuer, Path(issuer.jwks_file)))
    ]
    if problems:
        raise IssuersInvalid("\n".join([f"The issuers in {path} are invalid (see docs/front-ends.md):", *problems]))
    return Trust(issuers)


def _file_problem(issuer: Issuer, file: Path) -> str | None:
    try:
        read_keys(file.read_bytes(), issuer.algorithms)
    except OSError as error:
        return f"{file} can't be read ({error.strerror or error}); correct the path"
    except (ValueError, RecursionError):
        return f"{file} is no JWKS with a public key for {', '.join(issuer.algorithms)}; correct the file"
    return None


def _person(issuer: Issuer, claims: Mapping[str, Any]) -> Person | TokenProblem:
    said = claims.get("email_verified")
    is_verified = not (said is False or said == "false")
    if issuer.claim_is == ClaimIs.EMAIL:
        if not is_verified:
            return TokenProblem.UNVERIFIED
        username, email = _text(claims, "preferred_username"), _text(claims, issuer.claim)
        if email is None:
            return TokenProblem.CLAIM
    else:
        username, email = _text(claims, issuer.claim), _text(claims, "email") if is_verified else None
        if username is None:
            return TokenProblem.CLAIM
    first, last = _text(claims, "given_name"), _text(claims, "family_name")
    if first is None and last is None:
        first = _text(claims, "name")
    return Person(username, email, first or "", last or "")


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that is one line of text and could be a name of something; None for anything else."""
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    value = trim(value)
    return value if key_problem(value) is None else None


def _scopes(issuer: Issuer, claims: Mapping[str, Any]) -> frozenset[str]:
    """What the issuer's entry grants; of that, what the token names, if it names any of the scopes of Matricula.

    Most sites' tokens have scopes about other things (profile, email), which take nothing away.
    """
    granted: frozenset[str] = frozenset(issuer.scopes)
    given = claims.get("scopes", claims.get("scope"))
    words = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    named = {Scope(word) for word in words if isinstance(word, str) and word in SCOPES}
    return granted & named if named else granted
