"""The first sheet of an .xlsx or .ods file as CSV. Another process reads it, with limits (``process``)."""

import json
import subprocess  # nosec B404  our own program, by its path, without a shell
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

from matricula.foundation.text import TextProblem
from matricula.tabular.problems import TabularError

# whatever it does: a busy machine takes several times the seconds of processor that the process may use
_LONGEST = 300
_PROGRAM = Path(__file__).with_name("process.py")
_BROKEN = "broken"
_LARGE = TextProblem("This spreadsheet is too large to be read. Save the sheet as 'CSV UTF-8', or send it in parts.")
_PROBLEMS: Mapping[str, TextProblem] = {
    "large": _LARGE,
    "password": TextProblem("This spreadsheet is protected by a password. Save it without one."),
    "kind": TextProblem("This is a ZIP file, but no .xlsx or .ods spreadsheet. Send one of these, or a CSV file."),
    "empty": TextProblem("The first sheet of this spreadsheet is empty. Move your rows to the first sheet."),
    _BROKEN: TextProblem("This spreadsheet is damaged. Open it, and save it again as .xlsx or as 'CSV UTF-8'."),
}


@contextmanager
def sheet_as_csv(stream: BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """The sheet as CSV in UTF-8, and its name, for as long as the block runs. Errors: ``TabularError``."""
    with TemporaryDirectory(prefix="matricula-sheet-") as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        with source.open("wb") as file:
            copyfileobj(stream, file)
        name = _convert(source, target)
        with target.open("rb") as text:
            yield text, name


def _convert(source: Path, target: Path) -> str:
    # without the environment: the process needs nothing of it, and secrets are in it
    command = [sys.executable, "-I", str(_PROGRAM), str(source), str(target)]
    try:
        done = subprocess.run(command, env={}, capture_output=True, timeout=_LONGEST, check=False)  # nosec B603
    except subprocess.TimeoutExpired:
        raise TabularError(_LARGE) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        # ended by one of its limits, or by the parser
        raise TabularError(_LARGE if done.returncode < 0 else _PROBLEMS[_BROKEN]) from None
    if problem := answer.get("problem"):
        raise TabularError(_PROBLEMS[problem])
    return str(answer["sheet"])
