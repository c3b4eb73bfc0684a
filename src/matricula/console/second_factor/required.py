"""Of whom a second factor is required, and who has one."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from matricula.access.reads import holds_roles

# recovery codes alone are none: they come with one of these
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required(user: Any) -> bool:
    """Whether ``MATRICULA_SECOND_FACTOR`` names what the account is, or a role that it has."""
    required = settings.ENVIRONMENT.second_factor
    if user.needs_second_factor:
        return True
    if required.isdisjoint(("organization_roles", "course_roles")):
        return False
    on_organizations, in_courses = holds_roles(user.pk)
    return (on_organizations and "organization_roles" in required) or (in_courses and "course_roles" in required)


def has_second_factor(user: Any) -> bool:
    """Whether the account has one."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def has_another(authenticator: Authenticator) -> bool:
    """Whether the account has one beside this one."""
    of_account = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
    return bool(of_account.exclude(pk=authenticator.pk).exists())


def provider_asked(request: HttpRequest, user: Any) -> bool:
    """Whether the provider at which this login began has asked for a second factor, and is trusted with it."""
    records = get_authentication_records(request, user)
    return any(one.get("method") == "mfa" and "id" not in one for one in records)
