"""Packages are rooms: what may use what inside them is written down, and names of files don't stand in for folders."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
MATRICULA = SOURCE / "matricula"
# numbered, and never used by each other
MIGRATIONS = MATRICULA / "migrations"
PACKAGES = [page.parent for page in sorted(MATRICULA.rglob("__init__.py")) if page.parent != MIGRATIONS]


def name(package: Path) -> str:
    return ".".join(package.relative_to(SOURCE).parts)


def modules(package: Path) -> list[str]:
    """The modules and packages directly in a package."""
    files = [page.stem for page in package.glob("*.py") if page.stem != "__init__"]
    return files + [page.parent.name for page in package.glob("*/__init__.py")]


def shared_prefixes(names: list[str]) -> set[str]:
    """The first words that several names have in common."""
    firsts = Counter(module.partition("_")[0] for module in names)
    return {first for first, count in firsts.items() if count > 1}


def test_prefixes_are_found() -> None:
    assert shared_prefixes(["import_people", "import_grades", "imports", "sign_up", "files"]) == {"import"}
    assert shared_prefixes(["account", "account_urls"]) == {"account"}


def test_every_package_with_several_modules_has_its_layers() -> None:
    """``exhaustive``: a new module is in none of the layers, and import-linter asks for its place."""
    pyproject = (SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8")
    contracts = [c for c in tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    layered = [container for contract in contracts for container in contract["containers"]]
    assert sorted(layered) == sorted(name(package) for package in PACKAGES if len(modules(package)) > 1)
    assert [contract["name"] for contract in contracts if not contract.get("exhaustive")] == []


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_no_prefix_stands_in_for_a_folder(package: Path) -> None:
    assert shared_prefixes(modules(package)) == set()
