"""Where a person is sent back to, with a code, once an app was allowed to act for them. Plain Python."""

from urllib.parse import urlsplit

LONGEST = 2_000
# apps of this very computer, which listen on a port of their own choice (RFC 8252)
_LOOPBACK = {"127.0.0.1", "::1"}


def is_redirect(text: str) -> bool:
    """Return True for an address to which codes may be sent: ``https``, or ``http`` of this computer by its IP.

    It is compared as a whole, so it has no fragment, no credentials, and no characters that are spelled in two ways.
    """
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or not _is_plain(text):
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _is_plain(text: str) -> bool:
    return not any(character in text for character in " #\\*<>\"'`")


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
