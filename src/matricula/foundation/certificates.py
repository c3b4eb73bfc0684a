"""Which certificates are good in calls to others."""

import functools
import ssl

import certifi


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The authorities of this machine, where an institution adds its own, and those that browsers know.

    Read once: that takes longer than a call.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
