"""What a page says where a login at a provider led nowhere."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from matricula.identity.providers.statuses import Rejection


class Failure(StrEnum):
    """Why there is no one to look for."""

    CANCELED = "canceled"
    # the provider doesn't answer, or not as it should
    UNREACHABLE = "unreachable"
    # what came back is not the answer to what this browser asked
    INVALID = "invalid"


WORDS: Mapping[str, Any] = {
    Failure.CANCELED: _("You canceled the login at %(provider)s. Nothing was changed."),
    Failure.UNREACHABLE: _(
        "%(provider)s isn't responding. Try again in a few minutes. If it keeps failing, contact your administrator."
    ),
    Failure.INVALID: _("The answer of %(provider)s is no longer valid. Log in again."),
    Rejection.UNVERIFIED: _(
        "%(provider)s hasn't confirmed your email address. Confirm it there, then log in again. If you can't, contact "
        "your administrator."
    ),
    Rejection.UNKNOWN: _(
        "No account has your email address at %(provider)s. Ask your administrator for an account, or correct the "
        "address at %(provider)s."
    ),
    Rejection.OTHER_LOGIN: _(
        "The account with your email address belongs to another login at %(provider)s. Contact your administrator."
    ),
    Rejection.INACTIVE: _(
        "Your account is inactive. Only your institution can reactivate it. Contact its administrators."
    ),
    Rejection.NO_USERNAME: _(
        "No username is available for you. Ask your administrator to make an account with your email address."
    ),
}
STATUSES: Mapping[str, int] = {Failure.CANCELED: 200, Failure.UNREACHABLE: 503, Failure.INVALID: 401}
