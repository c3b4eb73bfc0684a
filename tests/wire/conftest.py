"""Each client of the wire tests builds the whole application anew; it need not look for static files each time."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _no_static_files(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = False
