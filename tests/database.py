"""The PostgreSQL of the tests: the embedded one in a folder of its own, or ``MATRICULA_TEST_DATABASE_URL``.

Loaded with ``-p`` because the settings are read before any conftest is. Tests run in several processes: the
first process starts the server, the others get its address and make databases and folders of their own.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from matricula.embedded.postgres import embedded_postgres

_opened = contextlib.ExitStack()
_folder = Path(tempfile.mkdtemp(prefix="matricula-tests-"))
_opened.callback(shutil.rmtree, _folder, ignore_errors=True)
os.environ["MATRICULA_DATA"] = str(_folder)
if "PYTEST_XDIST_WORKER" not in os.environ:
    for name in ("SECRET_KEY", "PUBLIC_URL", "EMAIL_URL", "MATRICULA_RATE_LIMIT", "MATRICULA_HOSTS"):
        os.environ.pop(name, None)
    os.environ.pop("MATRICULA_OWNER_DATABASE_URL", None)
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    # a superuser makes the databases; the tests then run as the application's role: tests/conftest.py
    os.environ["DATABASE_URL"] = (
        os.environ.get("MATRICULA_TEST_DATABASE_URL")
        or _opened.enter_context(embedded_postgres(_folder, fast)).superuser
    )


def pytest_unconfigure() -> None:
    _opened.close()


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: some tests wait, for a killed worker to be missed, for a service, for a browser."""
    return 2 * (os.cpu_count() or 1)
