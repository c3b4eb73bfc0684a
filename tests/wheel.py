"""The built wheel, installed with what it asks for and nothing else, as ``pip install matricula`` does.

Nothing is downloaded: the packages it asks for are links to those that run the tests, and their versions are looked at.
"""

import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def build_wheel(folder: Path) -> Path:
    """Builds the wheel of this source into a folder."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def install_wheel(wheel: Path, folder: Path) -> Path:
    """Makes an environment and installs a wheel in it; the Python of the environment."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = [
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-cache",
        "--no-deps",
        "--python",
        str(python),
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", *install], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    [matricula] = (found for found in distributions(path=[str(packages)]) if found.name == "matricula")
    for needed in _needed(matricula):
        # what is beside them is of several packages
        for name in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
            with suppress(FileExistsError):
                (packages / name).symlink_to(Path(str(needed.locate_file(name))))
    return python


def _needed(package: Distribution) -> Iterable[Distribution]:
    """The packages that one needs, and those that these need. Errors: one isn't here in a version that fits."""
    found: dict[str, Distribution] = {}
    waiting = [*_requirements(package, frozenset())]
    seen = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        needed = found[requirement.name] = distribution(requirement.name)
        assert requirement.specifier.contains(needed.version, prereleases=True), f"{requirement}: {needed.version}"
        waiting += _requirements(needed, frozenset(requirement.extras))
    return found.values()


def _requirements(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in package.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": name}) for name in ("", *extras)):
            yield requirement
