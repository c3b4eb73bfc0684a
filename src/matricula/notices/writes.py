"""Queueing mail in the transaction of the change that it reports."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypedDict

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import get_supported_language_variant
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from matricula.foundation.folding import fold

DELIVER_MAIL = "matricula.deliver_mail"
# at most one delivery runs, so that mails to one person keep their order, and at most one waits
DELIVERY_LOCK = "deliver_mail"


class NoticeContext(TypedDict):
    """What the templates of mail about courses need to know; all of it is kept with the queued mail."""

    course_title: str
    # '' or None where the course has no page: the mail then has no link
    course_url: str | None
    # '' for someone without an account
    full_name: str
    reason: str | None
    auto_enroll: bool
    sign_up_url: str
    # '' unless the address has an account that was never active
    activate_url: str


class AccountContext(TypedDict):
    """What the templates of mail about accounts need to know."""

    full_name: str
    username: str
    # where our pages are
    site: str
    # '' or a link that lets its reader in: kept until the mail is sent or given up, and no longer
    link: str
    # '' or the address that the account gets
    address: str


class PlanContext(TypedDict):
    """What the templates of mail about plans need to know."""

    full_name: str
    # where our pages are
    site: str
    # of the plan's page
    link: str
    plan_name: str
    # the title of the course run or program; '' for a plan about several
    about: str
    # a username; '' for one made by a command that named no one
    maker: str
    # ISO 8601
    expires: str
    # how many rows of each effect
    add: int
    change: int
    remove: int
    rejected: int


class WebhookContext(TypedDict):
    """What the templates of mail about webhooks need to know."""

    full_name: str
    # where our pages are
    site: str
    # of the webhook's page
    link: str
    # where deliveries went
    host: str
    # of the first failure; ISO 8601
    since: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to one person; ``language`` '' is the site's default."""

    kind: str
    to: str
    language: str
    context: NoticeContext | AccountContext | PlanContext | WebhookContext
    # what it is about; neither: an account
    course_id: int | None = None
    program_id: int | None = None


_INSERT = """
insert into matricula_outgoingmail
    (kind, "to", language, context, operation, course_id, program_id, queued, due, attempts)
select n.kind, n."to", n.language, n.context, %s, n.course_id, n.program_id, now(), now(), 0
from unnest(%b::text[], %b::text[], %b::text[], %b::jsonb[], %b::bigint[], %b::bigint[])
    with ordinality n (kind, "to", language, context, course_id, program_id, position)
where (n.kind, lower(n."to" collate "C")) not in (
    select m.kind, lower(m."to" collate "C") from matricula_outgoingmail m where m.operation = %s
)
order by n.position
"""
_json = msgspec.json.Encoder()


def queue_notices(operation: uuid.UUID, notices: Sequence[Notice]) -> None:
    """Queue the notices, in their order, in the caller's transaction, and their delivery after it.

    Of several notices of one kind to one address in an operation the first is kept, also where an earlier chunk of
    the operation queued it: someone named by username and by address is notified once. One statement,
    whatever the number; none for no notices. If the transaction is undone, nothing was queued.
    Errors: an unknown ``kind`` is rejected by the database.

    See enrollment-api: Email.
    """
    if not notices:
        return
    first = {(notice.kind, fold(notice.to)): notice for notice in reversed(notices)}
    notices = [notice for notice in notices if first[notice.kind, fold(notice.to)] is notice]
    columns = (
        [notice.kind for notice in notices],
        [notice.to for notice in notices],
        [_supported(notice.language) for notice in notices],
        [_json.encode(notice.context).decode() for notice in notices],
        [notice.course_id for notice in notices],
        [notice.program_id for notice in notices],
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [operation, *columns, operation])
    transaction.on_commit(queue_delivery, robust=True)


def queue_delivery() -> None:
    """Queue the task that delivers what is due, unless one is waiting already.

    Called once the mail is committed: a task that is waiting now will find it. Before the commit, that task could
    start and end without seeing it. If this process dies in between, the delivery of every minute sends the mail.
    """
    if not ProcrastinateJob.objects.filter(queueing_lock=DELIVERY_LOCK, status="todo").exists():
        with suppress(AlreadyEnqueued), transaction.atomic():
            app.configure_task(DELIVER_MAIL).defer()


def _supported(language: str) -> str:
    try:
        return get_supported_language_variant(language)
    except LookupError:
        return settings.LANGUAGE_CODE
