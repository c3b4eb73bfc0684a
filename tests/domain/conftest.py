"""The university in which domain tests act, with a folder of its own for files."""

from pathlib import Path
from typing import Any

import pytest

from matricula.catalog.reads import ProgramFacts
from tests.university import OWN, University, facts


@pytest.fixture
def university(university: University, settings: Any, tmp_path: Path) -> University:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = storages
    return university


@pytest.fixture
def program(university: University) -> ProgramFacts:
    assert university.own.key == OWN
    return facts(OWN)
