"""Links to files about people: each names for whom it was made, so that fetching it is recorded for them.

A storage that gives files out by itself (S3) does not report it. There, making the link is recorded, once for each
person and file while the link is good.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from matricula.disclosures.writes import Contents, Recipient, parameters_of
from matricula.foundation.database import execute
from matricula.foundation.files import gives_out_files, signed_link
from matricula.journal.statuses import API, CONSOLE

_PAGE = "c"
_LINKED = """
insert into matricula_disclosure (kind, source, actor_id, client_id, operation, course_id, program_id, job_id, file,
    filters, reason, ended, people)
select %(kind)s, %(source)s, %(actor)s, %(client)s, %(operation)s, %(course)s, %(program)s, f.job, f.file,
    %(filters)s, coalesce(%(reason)s, f.reason), now(), f.people
from unnest(%(files)s::text[], %(jobs)s::uuid[], %(counts)s::bigint[], %(reasons)s::text[])
    f(file, job, people, reason)
where not exists (
    select from matricula_disclosure d where d.file = f.file and d.actor_id is not distinct from %(actor)s
        and d.client_id is not distinct from %(client)s and d.at > now() - %(seconds)s * interval '1 second'
)
"""


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file of the storage; ``reason``: why it was made, where its reader gives none; ``shown``: the name under which
    it is downloaded, where that is another one.
    """

    contents: Contents
    people: int | None = None
    reason: str | None = None
    shown: str = ""


def links_to(files: Sequence[LinkedFile], root: str, recipient: Recipient) -> list[str]:
    """An absolute address for each file, all of one kind and about one thing; see ``foundation.files.signed_link``.

    Errors: ``StorageFailed``.
    """
    holder = holder_of(recipient)
    links = [signed_link(one.contents.file or "", root, holder=holder, shown=one.shown) for one in files]
    if files and gives_out_files():
        given = {
            "files": [one.contents.file for one in files],
            "jobs": [one.contents.job_id for one in files],
            "counts": [one.people for one in files],
            "reasons": [one.reason for one in files],
            "seconds": settings.ENVIRONMENT.result_link_seconds,
        }
        execute(_LINKED, parameters_of(files[0].contents, recipient) | given)
    return links


def holder_of(recipient: Recipient) -> str:
    """Who a link is for, as it is signed: the account; the API client, or a page of the console, that got it."""
    if recipient.account_id is None:
        return ""
    page = _PAGE if recipient.source is CONSOLE else ""
    client = f".{recipient.client_id}" if recipient.client_id else ""
    return f"{recipient.account_id}{client}{page}"


def read_holder(holder: str, operation: uuid.UUID, reason: str | None) -> Recipient:
    """Who follows a link; the request and the reason are those of following it."""
    source = CONSOLE if holder.endswith(_PAGE) else API
    account, _, client = holder.removesuffix(_PAGE).partition(".")
    return Recipient(
        source, operation, int(account) if account else None, int(client) if client else None, reason=reason
    )
