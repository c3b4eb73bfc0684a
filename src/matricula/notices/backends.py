"""The mail backend that ``EMAIL_URL`` chooses (institution-and-commands: Commands)."""

import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import EmailMessage

SMTP_SECONDS = 30
_MAX_NAME = 200


class EmailUrlBackend(BaseEmailBackend):
    """Sends as ``EMAIL_URL`` says.

    ``console:`` prints; ``file:///folder`` writes one ``.eml`` file for each mail; ``smtp://user:pass@host:port``
    sends, with ``?starttls=true`` over STARTTLS; ``smtps://…`` over TLS from the start. Ports not named: 25, 587, 465.
    """

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        """Errors: ``ImproperlyConfigured`` for a URL that says none of this; its message never repeats the URL."""
        super().__init__(fail_silently=fail_silently, **options)
        self._carrier = _carrier(settings.ENVIRONMENT.email_url, fail_silently)

    def open(self) -> bool | None:
        return self._carrier.open()

    def close(self) -> None:
        self._carrier.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return self._carrier.send_messages(email_messages) or 0


class FileBackend(BaseEmailBackend):
    """One ``.eml`` file for each mail, named after its Message-ID: a repeat takes the place of the first."""

    def __init__(self, folder: Path, fail_silently: bool = False) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = folder

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Writes the mails; each file appears complete, or not at all. Errors: ``OSError`` of the folder."""
        written = 0
        for mail in email_messages:
            try:
                self._write(mail)
                written += 1
            except OSError:
                if not self.fail_silently:
                    raise
        return written

    def _write(self, mail: EmailMessage) -> None:
        message = mail.message()
        name = re.sub(r"[^A-Za-z0-9.@_-]", "_", str(message["Message-ID"]).strip("<> "))[:_MAX_NAME]
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}.{os.getpid()}-{threading.get_ident()}"
        # the type stubs know the standard library's message, not Django's
        unfinished.write_bytes(message.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        unfinished.replace(self.folder / f"{name}.eml")


class PlainSmtpBackend(SmtpBackend):
    """Django's, but it rejects an address that only SMTPUTF8 could carry, where Django would write another one."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Errors: ``ValueError`` for a letter outside ASCII before the @; ``OSError`` of the server."""
        for mail in email_messages:
            if any(not recipient.rpartition("@")[0].isascii() for recipient in mail.recipients()):
                raise ValueError("the address has non-ASCII letters before the @, which this service doesn't support")
        return super().send_messages(email_messages) or 0


def _carrier(url: str, fail_silently: bool) -> BaseEmailBackend:
    try:
        parts = urlsplit(url)
        match parts.scheme:
            case "console":
                return ConsoleBackend(fail_silently=fail_silently)
            case "file":
                return FileBackend(_folder(parts), fail_silently)
            case "smtp" | "smtps":
                return _smtp(parts, fail_silently)
        raise ValueError("must start with console:, file:, smtp: or smtps:")
    except ValueError as error:
        # not "from error": a URL with a password in it has no place in a traceback
        raise ImproperlyConfigured(f"EMAIL_URL: {error}") from None


def _folder(parts: SplitResult) -> Path:
    folder = Path(unquote(parts.path))
    if parts.netloc or not folder.is_absolute():
        raise ValueError("file: takes a whole path, as in file:///var/mail/matricula")
    return folder


def _smtp(parts: SplitResult, fail_silently: bool) -> PlainSmtpBackend:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port must be a number from 1 to 65535; percent-encode the password") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", "false")
    if options or starttls not in {"true", "false"}:
        raise ValueError("after ? only starttls=true or starttls=false is allowed")
    if not parts.hostname:
        raise ValueError("smtp: needs a host, as in smtp://user:password@mail.example.org:587?starttls=true")
    implicit, explicit = parts.scheme == "smtps", starttls == "true"
    if implicit and explicit:
        raise ValueError("smtps: is encrypted from the start; leave starttls out")
    return PlainSmtpBackend(
        host=parts.hostname,
        port=port or (465 if implicit else 587 if explicit else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=explicit,
        use_ssl=implicit,
        timeout=SMTP_SECONDS,
        fail_silently=fail_silently,
    )
