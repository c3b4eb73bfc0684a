"""The public keys of an issuer, in the memory of this process.

A token with a key that is not known leads to a fetch, at most one in ten seconds. A thread of its own does it: the
request that asked waits for it briefly, and not at all once the address was slow or failed; all others go on with the
keys that there are.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import structlog

from matricula.access.issuers.reading import Issuer
from matricula.access.statuses import Algorithm
from matricula.foundation.tracing import span

TIME_LIMIT = 3.0
"""Seconds that a fetch may take, and the first request that finds no keys may wait."""
PATIENCE = 1.0
"""Seconds that a request waits for a fetch because its key is not known."""
PAUSE = 10.0
"""Seconds from one fetch to the next."""
FRESH = 3600.0
"""Seconds after which keys are fetched again, so that one that the issuer withdrew is no longer accepted."""
_LARGEST = 1_000_000
_PIECE = 65_536
_FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_log = structlog.get_logger("matricula.api")


class Key(NamedTuple):
    """A public key, and the algorithms with which tokens may be signed by its owner."""

    id: str | None
    key: Any
    algorithms: tuple[Algorithm, ...]


def read_keys(text: str | bytes, algorithms: tuple[Algorithm, ...]) -> tuple[Key, ...]:
    """The keys of a JWKS that fit one of the algorithms. Errors: ``ValueError`` if there is none."""
    document = json.loads(text)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("it has no list of keys")
    keys = tuple(key for entry in entries if (key := _read_key(entry, algorithms)))
    if not keys:
        raise ValueError("it has no public key for the algorithms")
    return keys


def _read_key(entry: Any, algorithms: tuple[Algorithm, ...]) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    fitting = tuple(
        algorithm
        for algorithm in algorithms
        if entry.get("kty") == _FAMILIES[algorithm[:2]] and entry.get("alg", algorithm) == algorithm
    )
    kid = entry.get("kid")
    if not fitting or not (kid is None or isinstance(kid, str)):
        return None
    try:
        # never the private part, should someone publish it
        key = jwt.PyJWK({name: value for name, value in entry.items() if name != "d"}, fitting[0]).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return Key(kid, key, fitting)


class Keys:
    """The keys of one issuer; they are fetched when they are first needed."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._lock = threading.Lock()
        self._known: tuple[Key, ...] | None = None
        self._fetched = 0.0
        # when the last fetch began that counts; the last fetch, and whether it is running, or failed
        self._begun: float | None = None
        self._last = threading.Event()
        self._is_slow = False
        self._has_waited = False

    def current(self) -> tuple[Key, ...] | None:
        """What is known now, without waiting; None: nothing yet. Old keys are fetched again meanwhile."""
        if self._known is not None and time.monotonic() - self._fetched > FRESH:
            self.begin_fetch()
        return self._known

    def find(self, kid: str | None) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
        """The keys with this id, of a token that names none all of them; and all that are known."""
        known = self.current() or ()
        if not (found := _pick(known, kid)):
            self._wait_for_news()
            known = self._known or ()
            found = _pick(known, kid)
        return found, known

    def _wait_for_news(self) -> None:
        with self._lock:
            is_first = self._known is None and not self._has_waited
            self._has_waited = self._has_waited or is_first
            may_wait = self._known is not None and not self._is_slow
        if self.begin_fetch() and may_wait:
            self._last.wait(PATIENCE)
        elif is_first:
            self._last.wait(TIME_LIMIT)

    def begin_fetch(self) -> bool:
        """Begins to fetch the keys, in a thread of its own.

        False: one began less than ten seconds ago. The one that brought the first keys doesn't count.
        """
        with self._lock:
            now = time.monotonic()
            if self._begun is not None and now - self._begun < PAUSE:
                return False
            self._begun, self._is_slow = now, True
            ended = self._last = threading.Event()
        threading.Thread(target=self._fetch, args=(ended,), name="jwks", daemon=True).start()
        return True

    def _fetch(self, ended: threading.Event) -> None:
        try:
            keys = read_keys(_load(self._issuer), self._issuer.algorithms)
        # whatever it is, requests go on with the keys that there are
        except Exception as error:
            _log.warning("jwks_failed", issuer=self._issuer.name, error=type(error).__name__)
        else:
            with self._lock:
                if self._known is None:
                    self._begun = None
                self._known, self._fetched, self._is_slow = keys, time.monotonic(), False
        finally:
            ended.set()


def _pick(keys: tuple[Key, ...], kid: str | None) -> tuple[Key, ...]:
    return tuple(key for key in keys if kid is None or key.id == kid)


def _load(issuer: Issuer) -> bytes:
    if issuer.jwks_file is not None:
        return Path(issuer.jwks_file).read_bytes()
    assert issuer.jwks_url is not None  # noqa: S101  one of the two is there, as the file was read
    with span("keys of an issuer", is_client=True, matricula_issuer=issuer.name):
        return _download(issuer.jwks_url, {"Accept": "application/json"})


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS alone, and no redirects: the keys come from the address that the file names."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _download(url: str, headers: Mapping[str, str]) -> bytes:
    """Errors: ``OSError``, also after the time limit, for however little comes at a time; ``ValueError``."""
    end = time.monotonic() + TIME_LIMIT
    pieces, size = [], 0
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  the scheme was checked with the file
    with _opener().open(request, timeout=TIME_LIMIT) as answer:
        while piece := answer.read1(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > end:
                raise TimeoutError("the keys took too long")
            if size > _LARGEST:
                raise ValueError("this is too large for a list of keys")
    return b"".join(pieces)
