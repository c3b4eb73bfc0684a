"""All statements with variants that the product has, each variant by itself."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import matricula
from matricula.foundation.statements import Statement

SOURCE = Path(matricula.__file__).parent


def list_statements() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """(module, name of the statement, what was asked for, its text)."""
    paths = sorted(SOURCE.rglob("*.py"))
    assert paths
    for path in paths:
        if "foundation.statements import" not in path.read_text("utf-8"):
            continue
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        found: dict[int, tuple[str, Statement]] = {}
        for attribute, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Statement):
                found.setdefault(id(value), (attribute, value))
            elif isinstance(value, Mapping) and value and all(isinstance(v, Statement) for v in value.values()):
                found |= {id(v): (str(key), v) for key, v in value.items()}
        assert found, f"{name} has no statement"
        for statement, value in found.values():
            for asked in value.variants():
                yield name, statement, asked, value(*asked)
