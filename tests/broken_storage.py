"""File storages as a bucket is one: out of reach, and one that gives out files by itself."""

from typing import Any

from django.core.files.storage import InMemoryStorage, Storage


class BucketUnreachable(Exception):
    """As a client library raises: no ``OSError``, and none of Django's."""


def _unreachable(*_: Any, **__: Any) -> Any:
    raise BucketUnreachable("could not connect to the endpoint")


class UnreachableStorage(Storage):
    """Every question to it fails."""

    _open = _save = delete = exists = listdir = size = url = get_available_name = staticmethod(_unreachable)


class LinkingStorage(InMemoryStorage):
    """One that gives files out by itself, as a bucket does, and is no folder."""

    path = Storage.path

    def _relative_path(self, name: str) -> str:
        return name

    def url(self, name: str, parameters: object = None) -> str:  # type: ignore[override]
        """As that of a bucket, which knows more parameters than Django's own."""
        return f"https://bucket.example.org/{name}"
