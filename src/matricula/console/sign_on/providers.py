"""The identity providers of this process, from the file that ``MATRICULA_SIGN_ON`` names."""

import os
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from matricula.console.sign_on.saml import INSTALLED
from matricula.identity.providers.reading import Kind, Provider, ProvidersInvalid, read_providers


@cache
def _read(path: Path | None) -> dict[str, Provider]:
    try:
        found = {one.name: one for one in read_providers(path, os.environ)} if path else {}
    except ProvidersInvalid as invalid:
        raise ImproperlyConfigured(str(invalid)) from None
    if any(one.kind == Kind.SAML for one in found.values()) and not INSTALLED:
        raise ImproperlyConfigured(f"{path} has a provider of kind saml; for that, install the extra matricula[saml].")
    return found


def list_providers() -> list[Provider]:
    """Return the providers, in the order of the file."""
    return list(_read(settings.ENVIRONMENT.sign_on).values())


def find_provider(name: str) -> Provider | None:
    """Return the provider with this name, or None."""
    return _read(settings.ENVIRONMENT.sign_on).get(name)


# a process with a wrong file doesn't start
list_providers()
