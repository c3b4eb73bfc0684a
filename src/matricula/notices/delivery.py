"""Sending queued mail, one short transaction for each."""

import re
import smtplib
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any, NamedTuple

import msgspec
import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils.encoding import punycode

from matricula.foundation.text import without_breaks
from matricula.notices.messages import NoticeMessage
from matricula.notices.rendering import render_notice
from matricula.notices.rules import BEING_SENT, WITH_SECRETS

# after the first failure, after the second, …; the failure after the last pause gives the mail up
PAUSES = (1, 5, 15, 60, 240, 720, 1440, 1440, 1440)  # minutes
SERVER_FAILURES = 5
MAX_ERROR = 300

_log = structlog.get_logger(__name__)

# one plain address: no list, no name, no comment, nothing that ends a header's line
_part = r"[^\s\x00-\x1f\x7f-\x9f,;:<>()\[\]\"\\@]+"
_address = re.compile(f"{_part}@{_part}")


class AddressError(Exception):
    """Nothing can be sent to this address, now or later."""


class Delivered(NamedTuple):
    """What one run did, in mails."""

    sent: int
    failed: int
    # of those that failed
    given_up: int = 0

    def by_result(self) -> dict[str, int]:
        """What became of each try, as metrics name it → how many."""
        return {"sent": self.sent, "failed": self.failed - self.given_up, "given_up": self.given_up}


@dataclass(frozen=True, slots=True)
class _Mail:
    id: int
    due: datetime
    kind: str
    to: str
    language: str
    context: Mapping[str, Any]
    operation: uuid.UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception
    for_ever: bool = False
    # the server failed, not this mail: the next one will probably fail too
    of_server: bool = False


def deliver_due_mail(limit: int | None = None) -> Delivered:
    """Sends the mail that is due, oldest first, at most ``limit`` mails; run it outside a transaction.

    Any number of processes may do this at once. Each mail is marked in the transaction that locked it, after it was
    handed to the backend: after a crash in between it is sent again, with the same Message-ID. One that fails is
    tried again after growing pauses and given up after the tenth time (``due`` null, ``sent`` null); it never holds
    up others. When the mail server itself fails five times in a row the run ends, and the rest stays due.
    Errors: ``ImproperlyConfigured`` for a wrong ``EMAIL_URL``, before any mail is touched.

    See enrollment-api: Email.
    """
    backend = get_connection()
    sent = failed = given_up = server_failures = 0
    # each search starts after the mail handled last, so it need not step over the dead index entries of the run
    position: tuple[datetime | str, int] = ("-infinity", 0)
    try:
        while (limit is None or sent + failed < limit) and server_failures < SERVER_FAILURES:
            with transaction.atomic(durable=True):
                mail = _lock_next_due(position)
                if mail is None:
                    break
                failure = _try_to_send(mail, backend)
                if failure is None:
                    _mark_sent(mail)
                else:
                    given_up += _postpone(mail, failure)
            position = (mail.due, mail.id)
            if failure is None:
                sent, server_failures = sent + 1, 0
            else:
                failed, server_failures = failed + 1, server_failures + failure.of_server
    finally:
        _close(backend)
    return Delivered(sent, failed, given_up)


# a mail server may take long for each of its answers, and no one waits for the row of a mail. The advisory lock is for
# those who look at the list: pg_locks has it, and names the mail that is being sent
_NEXT = """
select id, due, kind, "to", language, context, operation, attempts,
    set_config('idle_in_transaction_session_timeout', '10min', true),
    pg_try_advisory_xact_lock(%s, (id %% 2147483647)::int)
from matricula_outgoingmail
where due <= now() and (due, id) > (%s::timestamptz, %s)
order by due, id limit 1 for update skip locked
"""


def _lock_next_due(position: tuple[datetime | str, int]) -> _Mail | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [BEING_SENT, *position])
        row = cursor.fetchone()
    if row is None:
        return None
    id_, due, kind, to, language, context, operation, attempts, *_ = row
    return _Mail(id_, due, kind, to, language, msgspec.json.decode(context), operation, attempts)


def _try_to_send(mail: _Mail, backend: BaseEmailBackend) -> _Failure | None:
    """Hands the mail over. Nothing in here uses the database, so the transaction is whole when it fails."""
    try:
        message = _message(mail)
    except AddressError as error:
        return _Failure(error, for_ever=True)
    except Exception as error:
        return _Failure(error)
    try:
        backend.open()
        backend.send_messages([message])
    except Exception as error:
        # whatever state the connection is in, the next mail gets a new one
        _close(backend)
        return _Failure(error, of_server=not _rejects_this_mail(error))
    return None


def _message(mail: _Mail) -> NoticeMessage:
    if not _address.fullmatch(mail.to):
        raise AddressError("Email can't be sent to this address. Correct it in the account.")
    rendered = render_notice(mail.kind, mail.to, mail.language, mail.context)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    host = punycode(sender.rpartition("@")[2]) or "localhost"
    message = NoticeMessage(
        subject=rendered.subject,
        body=rendered.text,
        to=[mail.to],
        headers={
            # the same at every attempt, so that a repeat can be distinguished from a second mail
            "Message-ID": f"<{mail.id}.{mail.operation}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.language,
        },
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _rejects_this_mail(error: Exception) -> bool:
    """Whether the server lives and rejects for good just this recipient or this text; 4xx is trouble of its own."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    # ValueError, UnicodeError: this mail can't be put into bytes
    return isinstance(error, ValueError)


def _mark_sent(mail: _Mail) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update matricula_outgoingmail set sent = clock_timestamp(), due = null, last_error = null,"
            " context = case when kind = any(%s) then context - 'link' else context end where id = %s",
            [WITH_SECRETS, mail.id],
        )


def _postpone(mail: _Mail, failure: _Failure) -> bool:
    """When to try again; True: never, the mail is given up."""
    pause = PAUSES[mail.attempts] if mail.attempts < len(PAUSES) and not failure.for_ever else None
    name = type(failure.error).__name__
    with connection.cursor() as cursor:
        # a time plus null is null: given up
        cursor.execute(
            "update matricula_outgoingmail set attempts = attempts + 1, last_error = %s,"
            " due = clock_timestamp() + %s::int * interval '1 minute',"
            " context = case when %s and kind = any(%s) then context - 'link' else context end where id = %s",
            [without_breaks(f"{name}: {failure.error}")[:MAX_ERROR], pause, pause is None, WITH_SECRETS, mail.id],
        )
    # the message of the error may name the person, so only its type is logged
    _log.warning("mail_failed", mail=mail.id, error=name, attempts=mail.attempts + 1, given_up=pause is None)
    return pause is None


def _close(backend: BaseEmailBackend) -> None:
    # a broken connection may fail to close; there is nothing left to do about it
    with suppress(Exception):
        backend.close()
