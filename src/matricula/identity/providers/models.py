"""Logins at identity providers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ExternalLogin(models.Model):
    """A person at an identity provider, known there by the subject: never by an address, which may become another's."""

    # the name of the provider in the file, not its address, which may move
    provider = models.TextField()
    subject = models.TextField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # the groups whose membership the provider's mapping gave, and so may take away
    groups = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    linked = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="external_login_once"),
            # someone else who gets an old address at the provider has another subject, and isn't let in by the address
            models.UniqueConstraint(fields=["provider", "account"], name="external_login_one_for_account"),
            models.CheckConstraint(condition=~Q(subject=""), name="external_login_has_a_subject"),
        ]
