"""Why a login at an identity provider leads to no account here."""

from enum import StrEnum


class Rejection(StrEnum):
    """Why someone whom a provider knows isn't logged in."""

    # first login, and no one vouches for the address
    UNVERIFIED = "unverified"
    # first login, and no account has the address
    UNKNOWN = "unknown"
    # the account has another login at this provider: the address may be someone else's by now
    OTHER_LOGIN = "other login"
    # the account was switched off
    INACTIVE = "inactive"
    # no username could be made of what the provider says
    NO_USERNAME = "no username"
