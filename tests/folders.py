"""Data folders of a service whose database has its tables: made once in a run, and copied."""

import os
import subprocess
import sys
from pathlib import Path

from tests.database import SHARED, once

_FOLDER = SHARED / "prepared"


def prepare_folder(folder: Path) -> None:
    """Makes a data folder, as ``matricula migrate`` leaves a new one."""
    with once("prepared") as is_first:
        if is_first:
            known = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
            migrate = [sys.executable, "-m", "matricula", "migrate"]
            subprocess.run(migrate, env=known | {"MATRICULA_DATA": str(_FOLDER)}, check=True, capture_output=True)
    # the files of the server belong to its own user
    subprocess.run(["cp", "-a", f"{_FOLDER}/.", str(folder)], check=True)  # noqa: S607  the system's own
    # A copy that took the port of the first would be taken for another copy by whoever still looks for that one there:
    # all have the same roles and passwords.
    (folder / "postgres" / "port").unlink()
