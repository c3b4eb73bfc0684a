"""Enrollments and accounts as files, streamed (Contract 3)."""

from collections.abc import Iterator

from matricula.foundation.database import CSV, JSON_LINES, copy_out
from matricula.tabular.writing import sql_boolean, sql_safe_cell, sql_time

_ENROLLMENTS = """
select {cells}
from (
    select a.username_key, a.username as identifier, a.email, a.first_name, a.last_name, e.mode, e.is_active,
        case when e.is_active then 'enroll' else 'unenroll' end as action, {created} as created
    from matricula_courseenrollment e join matricula_account a on a.id = e.account_id where e.course_id = %s
) r order by username_key
"""
_USERS = "select {cells} from matricula_account r order by username_key"


def export_enrollments(course_id: int, form: str) -> Iterator[bytes]:
    """The roster of a course run, active and ended enrollments, by username; ``form`` is ``csv`` or ``jsonl``.

    The column ``action`` is there so that the file can be imported again and nobody who left is enrolled by it.
    """
    texts = ("identifier", "email", "first_name", "last_name", "mode", "action", "created")
    query = _ENROLLMENTS.replace("{created}", sql_time("e.created"))
    return _export(query, texts, ("is_active",), form, [course_id])


def export_users(form: str) -> Iterator[bytes]:
    """Every account, by username, without its password."""
    return _export(_USERS, ("username", "email", "first_name", "last_name", "language"), ("is_active",), form, [])


def _export(
    query: str, texts: tuple[str, ...], others: tuple[str, ...], form: str, parameters: list[object]
) -> Iterator[bytes]:
    if form == "jsonl":
        pairs = ", ".join(f"'{name}', r.{name}" for name in (*texts, *others))
        return copy_out(query.format(cells=f"json_build_object({pairs})"), parameters, JSON_LINES)
    cells = [f"{_escaped(sql_safe_cell(f'r.{name}'))} as {name}" for name in texts]
    cells += [f"{sql_boolean(f'r.{name}')} as {name}" for name in others]
    return copy_out(query.format(cells=", ".join(cells)), parameters, CSV)


def _escaped(expression: str) -> str:
    """A percent sign in our own SQL is no parameter."""
    return expression.replace("%", "%%")
