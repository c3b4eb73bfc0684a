"""A file storage that does not answer: the edge where a bucket is out of reach."""

from typing import Any

from django.core.files.storage import Storage


class BucketUnreachable(Exception):
    """As a client library raises: no ``OSError``, and none of Django's."""


def _unreachable(*_: Any, **__: Any) -> Any:
    raise BucketUnreachable("could not connect to the endpoint")


class UnreachableStorage(Storage):
    """Every question to it fails."""

    _open = _save = delete = exists = listdir = size = url = get_available_name = staticmethod(_unreachable)
