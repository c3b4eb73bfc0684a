"""``matricula retire``: people's traces are replaced by pseudonyms."""

import csv
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matricula.cli.ownership import as_owner
from matricula.cli.planned import account_of
from matricula.cli.service import Data, database, fail, note

if TYPE_CHECKING:
    from matricula.retirement.runs import Outcome
    from matricula.retirement.writes import Whom

_OWNER = (
    "the database role may not change the audit log. Run this command with MATRICULA_OWNER_DATABASE_URL, see"
    ' "Database roles" in docs/operations.md.'
)


def retire(
    people: Annotated[list[str] | None, typer.Argument(metavar="USER", help="Usernames or email addresses.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A CSV file with a column username or email.", exists=True, dir_okay=False),
    ] = None,
    student_key: Annotated[
        str | None, typer.Option("--student-key", help="A student key, with --organization.", show_default=False)
    ] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", help="The key of its organization.", show_default=False)
    ] = None,
    pending: Annotated[
        bool,
        typer.Option("--pending", help="Retire those who were requested by the API, and go on with interrupted ones."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before anything is replaced.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would be replaced.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Kept with the retirement. Name no one in it.", show_default=False)
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="The username of who asks for it.", show_default=False)] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replace every trace of people by a pseudonym. This can't be undone."""
    if pending == bool(people or file or student_key):
        raise fail("name the people to retire, or use --pending.")
    with database(data), as_owner(), _explained():
        from matricula.retirement.reads import list_unfinished
        from matricula.retirement.runs import NotTheOwner, may_retire

        if not may_retire():
            raise NotTheOwner
        if pending:
            _carry_out(list_unfinished(), as_json=as_json)
            return
        whom = list(_whom(people or [], file, student_key, organization))
        ids = _requested(whom, account_of(by), reason)
        kept = False
        try:
            if not yes or preview:
                _show_preview(ids, as_json=as_json)
            kept = not preview and (yes or typer.confirm("Replace all of it? This can't be undone.", err=True))
        finally:
            if not kept:
                _withdraw(ids)
        if kept:
            _carry_out(ids, as_json=as_json)
        elif not preview:
            raise fail("nothing was replaced.", 1)


def _whom(
    people: Sequence[str], file: Path | None, student_key: str | None, organization: str | None
) -> Iterator["Whom"]:
    from matricula.retirement.writes import Whom

    for identifier in people:
        yield Whom(identifier.strip())
    if student_key:
        if not organization:
            raise fail("--student-key needs --organization.")
        yield Whom(organization=organization, student_key=student_key)
    if file is None:
        return
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if not {"username", "email"} & set(rows.fieldnames or ()):
            raise fail(f"{file} needs a column username or email.")
        for row in rows:
            if identifier := (row.get("username") or row.get("email") or "").strip():
                yield Whom(identifier)


def _requested(whom: Sequence["Whom"], actor_id: int | None, reason: str | None) -> list[uuid.UUID]:
    """Requests all of them, or none: a person who isn't known ends the command."""
    from matricula.foundation.transactions import one_transaction
    from matricula.retirement.writes import AlreadyRequested, request_retirement

    ids = []
    with one_transaction():
        for one in whom:
            try:
                ids.append(request_retirement(one, actor_id=actor_id, reason=reason))
            except AlreadyRequested as requested:
                raise fail(
                    f"{_name(one)}: the retirement {requested.retirement_id} was requested already. Run it with "
                    "`matricula retire --pending`.",
                    1,
                ) from None
            except Exception as error:
                raise _refused(one, error) from None
    return ids


def _refused(whom: "Whom", error: Exception) -> Exception:
    from matricula.retirement.writes import AlreadyRetired, LastSuperuser, TwoPeople, UnknownPerson

    why = {
        UnknownPerson: "there is no such person. Give a username, an email address, or a student key.",
        TwoPeople: "this is the username of one account and the address of another. Give the other one.",
        LastSuperuser: "no active superuser would be left. Make another one first.",
        AlreadyRetired: "this person is retired already.",
    }.get(type(error))
    return fail(f"{_name(whom)}: {why}", 1) if why else error


def _name(whom: "Whom") -> str:
    return whom.identifier or whom.student_key


def _withdraw(ids: Sequence[uuid.UUID]) -> None:
    from matricula.retirement.writes import withdraw_request

    for id_ in ids:
        withdraw_request(id_)


def _show_preview(ids: Sequence[uuid.UUID], *, as_json: bool) -> None:
    from matricula.retirement.runs import person_of, preview

    people = [person_of(id_) for id_ in ids]
    outcome = preview(people)
    if as_json:
        shown = [
            {
                "pseudonym": person.code,
                "usernames": person.usernames,
                "emails": person.addresses,
                "student_keys": [key for _, key in person.keys],
                "names": [" ".join(name).strip() for name in person.names],
            }
            for person in people
        ]
        typer.echo(json.dumps({"people": shown, **_told(outcome)}, ensure_ascii=False))
        return
    for person in people:
        known = [*person.usernames, *person.addresses, *(key for _, key in person.keys)]
        names = [" ".join(name).strip() for name in person.names]
        typer.echo(f"{person.code}: {', '.join(known + names)}")
    _print_places(outcome)


def _carry_out(ids: Sequence[uuid.UUID], *, as_json: bool) -> None:
    from matricula.retirement.runs import run_retirements

    outcome = run_retirements(ids, said=note)
    if as_json:
        typer.echo(json.dumps({"retired": [str(id_) for id_ in outcome.retired], **_told(outcome)}))
        return
    typer.echo(f"{len(outcome.retired)} retired.")
    _print_places(outcome)


def _told(outcome: "Outcome") -> dict[str, Any]:
    return {"replaced": dict(sorted(outcome.replaced.items())), "unread_files": outcome.unread}


def _print_places(outcome: "Outcome") -> None:
    for place, count in sorted(outcome.replaced.items()):
        typer.echo(f"{count:>9}  {place}")
    for name in outcome.unread:
        note(f"not searched, because it isn't text: {name}")


@contextmanager
def _explained() -> Iterator[None]:
    from matricula.foundation.files import StorageFailed
    from matricula.retirement.runs import NotTheOwner, Unsettled

    try:
        yield
    except NotTheOwner:
        raise fail(_OWNER, 1) from None
    except Unsettled:
        raise fail(
            "a job that is running may still write names of these people. They are looked for again by `matricula "
            "retire --pending`; run it when the job has ended.",
            1,
        ) from None
    except StorageFailed as failed:
        raise fail(
            f"the file storage failed: {failed}. Correct it, then run `matricula retire --pending`.", 1
        ) from None
