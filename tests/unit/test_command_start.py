"""What the command line loads: `--version` and `--help` start with nothing of the service, and a command with what it
needs. Times are measured by bench/start.py.
"""

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest
from typer.testing import CliRunner

from matricula.cli.main import app

# what typer itself is made of
OF_TYPER = {"typer", "annotated_doc", "shellingham"}
LOADED = """
import json, sys
before = set(sys.modules)
{code}
print(json.dumps(sorted(set(sys.modules) - before)))
"""
START = """
from matricula.cli.main import main
sys.argv[1:] = {arguments}
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""


def loaded(code: str) -> set[str]:
    """The modules that a new process loads for some code, whose last line of output is ours."""
    ran = subprocess.run([sys.executable, "-c", LOADED.format(code=code)], capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout.splitlines()[-1]))


def packages(modules: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"__editable__"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_command_line_starts_without_the_service(option: str) -> None:
    modules = loaded(START.format(arguments=[option]))
    assert packages(modules) - OF_TYPER == {"matricula"}
    assert {name.split(".")[1] for name in modules if name.startswith("matricula.")} == {"cli"}
    assert "asyncio" not in modules


def test_an_import_loads_neither_what_serves_nor_what_calls_other_servers() -> None:
    setup = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'matricula.settings'; django.setup()"
    modules = loaded(f"{setup}; import matricula.batches.imports, matricula.batches.kinds")
    assert "matricula.batches.runs" in modules
    # limits has its storages with it; the defaults need no look at the rate limit
    assert packages(modules) & {"requests", "httpx", "urllib3", "limits", "uvicorn", "yaml", "pydantic"} == set()
    ours = {name.split(".")[1] for name in modules if name.startswith("matricula.")}
    assert ours & {"rest", "console", "server", "worker", "cli", "embedded"} == set()


def test_every_help_is_plain_text() -> None:
    groups = [app, *(info.typer_instance for info in app.registered_groups)]
    assert len(groups) > 5
    # rich alone would take longer than all the rest: make them with cli/group.py
    assert {group.rich_markup_mode for group in groups if group is not None} == {None}
    assert "The record of enrollments" in CliRunner().invoke(app, ["--help"]).output
