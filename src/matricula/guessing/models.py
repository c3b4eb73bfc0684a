"""What is kept of failed attempts; no identifier and no address is stored, only keyed hashes of them."""

from django.db import models


class FailureCount(models.Model):
    """Failures at one secret, or from one client address. The table is unlogged: a crash of the database empties it."""

    key = models.BinaryField(primary_key=True)
    zero_at = models.DateTimeField()
    wait_until = models.DateTimeField()


class KnownAddress(models.Model):
    """A client address from which an API client has sent its right secret."""

    key = models.BinaryField(primary_key=True)
    seen = models.DateTimeField()
