"""The package as others install it: what is in the wheel, and that a service runs from it.

The service that the journeys share is the one of the wheel (``conftest.installed``): what they see of templates, texts,
statements and migrations comes from it.
"""

import subprocess
import zipfile
from pathlib import Path

import pytest
import requests

from matricula import __version__
from tests.journeys.conftest import Installed, Service
from tests.wheel import ROOT

COURSE = "course-v1:North+CS101+2027_T1"
pytestmark = pytest.mark.xdist_group("service")
SOURCE = ROOT / "src"


def test_every_file_of_the_source_is_in_the_wheel(installed: Installed) -> None:
    ours = {
        str(file.relative_to(SOURCE)): file.read_bytes()
        for file in (SOURCE / "matricula").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    # one of each sort that a wheel may come to lack
    assert {Path(name).suffix for name in ours} >= {".py", ".html", ".txt", ".css", ".js", ".sql", ".mo"}
    with zipfile.ZipFile(installed.wheel) as wheel:
        packed = {name: wheel.read(name) for name in wheel.namelist() if name.startswith("matricula/")}
    assert packed == ours


def test_the_version_has_one_owner(installed: Installed) -> None:
    asked = subprocess.run([installed.command, "--version"], capture_output=True, text=True, check=True)
    assert asked.stdout == f"matricula {__version__}\n"
    assert installed.wheel.name.startswith(f"matricula-{__version__}-")


def test_a_service_runs_from_the_wheel(shared_service: Service, installed: Installed) -> None:
    found = shared_service.run_python("import matricula; print(matricula.__file__)")
    assert Path(found.stdout).is_relative_to(installed.folder), found.stderr
    page = requests.get(f"{shared_service.url}/login/", headers={"Accept-Language": "es"}, timeout=30)
    assert "Iniciar sesión" in page.text
    style = requests.get(f"{shared_service.url}/static/matricula/console.css", timeout=30)
    assert (style.status_code, style.headers["Content-Type"].partition(";")[0]) == (200, "text/css")
    described = requests.get(f"{shared_service.url}/api/openapi.json", timeout=60)
    assert described.json()["info"]["version"] == __version__
