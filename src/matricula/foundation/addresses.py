"""Under which host names the service is reached, which paths belong to the APIs, and the base of links."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from matricula.foundation.folding import fold

# beside /api/: what existing front ends call elsewhere
_API_PATH = re.compile(r"/api/|/csrf/api/|/login_refresh/?\Z|/courses/.+?/instructor/api/", re.DOTALL)
_PORTS = {"http": 80, "https": 443}


def is_api(path: str) -> bool:
    """Whether a path belongs to the APIs; the pages have all others."""
    return _API_PATH.match(path) is not None


def served_hosts(public: SplitResult, more: Iterable[str]) -> frozenset[str]:
    """The ``Host`` headers of this service: that of ``PUBLIC_URL``, and those that the operator named beside it."""
    default = _PORTS[public.scheme]
    names = {fold(name) for name in (public.netloc.rpartition("@")[2], *more)}
    bare = {name.removesuffix(f":{default}") for name in names}
    return frozenset(bare | {f"{name}:{default}" for name in bare if not _has_port(name)})


def accept_host(request: HttpRequest) -> bool:
    """Whether the request names a host of this service, its port included.

    With a ``PUBLIC_URL`` it looks as if it had come for that address from then on: no link that is made of a request,
    by whatever library, leads anywhere else.
    """
    if not settings.PUBLIC_URL:
        try:
            request.get_host()
        except DisallowedHost:
            return False
        return True
    public = urlsplit(settings.PUBLIC_URL)
    if fold(_host_of(request)) not in served_hosts(public, settings.ENVIRONMENT.hosts):
        return False
    take_public_host(request)
    return True


def take_public_host(request: HttpRequest) -> None:
    """Lets the request look as if it had come for the public address, whatever it names."""
    public = urlsplit(settings.PUBLIC_URL or "http://localhost")
    request.META["HTTP_HOST"] = public.netloc
    request.META["wsgi.url_scheme"] = public.scheme


def public_root(request: HttpRequest) -> str:
    """The start of absolute links, without a slash at its end."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def _host_of(request: HttpRequest) -> str:
    named = request.META.get("HTTP_HOST")
    return str(named) if named is not None else f"{request.META['SERVER_NAME']}:{request.META['SERVER_PORT']}"


def _has_port(name: str) -> bool:
    return name.rpartition(":")[2].isdecimal() and not name.endswith("]")
