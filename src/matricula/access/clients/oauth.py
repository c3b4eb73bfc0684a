"""OAuth2 clients: how their secrets are kept, and which scopes each may ask for."""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare
from oauth2_provider.scopes import SettingsScopes

from matricula.access.models import Client


class ClientSecretHasher(BasePasswordHasher):
    """SHA-256 with a salt: right for long random secrets, and a check takes microseconds instead of half a second."""

    algorithm = "client_secret_sha256"

    def encode(self, password: str, salt: str) -> str:
        """The stored form of a client secret."""
        return f"{self.algorithm}${salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts of a stored form."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """True if ``password`` is the secret that was stored."""
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> Any:
        """What the admin may show."""
        return {"algorithm": self.decode(encoded)["algorithm"]}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: every check takes the same time."""


class ClientScopes(SettingsScopes):  # type: ignore[misc]
    """A client may ask for the scopes that it was given, and gets them all where it names none."""

    def get_available_scopes(self, application: Any = None, *_: Any, **__: Any) -> list[str]:
        """The scopes that this client may ask for."""
        return list(application.scopes) if isinstance(application, Client) else []

    def get_default_scopes(self, application: Any = None, *_: Any, **__: Any) -> list[str]:
        """The scopes that this client gets when it names none."""
        return self.get_available_scopes(application)
