"""A slice of a large job as statements see it: rows with what was found of the people whom they name.

The rows are in ``matricula_jobwork``, made by the job's engine from ``asked`` (docs/decisions/0029). A row joined with
its case, which is what it asks for and what was stored, says all that is to be written for it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from msgspec import Struct


class Changed(Exception):
    """Someone changed one of these people since they were read; nothing of the slice may be written as decided."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one job that are written in one transaction."""

    job_id: uuid.UUID
    number: int

    @property
    def parameters(self) -> dict[str, Any]:
        """For ``WORK``."""
        return {"job": self.job_id, "slice": self.number}


WORK = "select * from matricula_jobwork where job_id = %(job)s and slice = %(slice)s"
"""The rows of a slice."""


def run(query: str, parameters: dict[str, Any]) -> int:
    """Executes a statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.rowcount)


def fetch(query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Executes a statement; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def columns_of(cases: Sequence[Struct]) -> dict[str, list[Any]]:
    """The fields of cases, each as an array of the statements' parameters."""
    names = cases[0].__struct_fields__
    return {name: [getattr(case, name) for case in cases] for name in names}
