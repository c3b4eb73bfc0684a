"""Unit tests have no database; one that asks for it fails, and belongs into ``tests/domain``."""

import pytest


@pytest.fixture(scope="session")
def server() -> str:
    """None: the server isn't started for unit tests."""
    pytest.fail("a test of tests/unit asks for a database: move it to tests/domain")
