"""No line of the log names a person, whatever an error says."""

import io
import logging
import logging.config
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.test import Client as HttpClient

from tests.broken_rows import break_rows
from tests.conftest import World, make_account

ADDRESS = "somebody.private@example.org"


@pytest.fixture
def written() -> Any:
    """What the log's own handler writes."""
    made = logging.config.DictConfigurator(settings.LOGGING)
    formatter = made.configure_formatter(dict(settings.LOGGING["formatters"]["lines"]))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_what_the_database_refused_is_not_repeated(written: io.StringIO, world: World) -> None:
    make_account("private", email=ADDRESS)
    for log in (structlog.get_logger("matricula.x"), logging.getLogger("matricula.y")):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("update matricula_account set email = %s where id = %s", [ADDRESS, world.learner.pk])
        except Exception:
            log.exception("it failed")
    lines = written.getvalue()
    assert lines.count("account_email_unique") >= 2
    assert ADDRESS not in lines
    # what PostgreSQL quotes of the row
    assert "DETAIL" not in lines


def test_a_page_that_breaks_names_nobody(written: io.StringIO, world: World) -> None:
    make_account("private", email=ADDRESS)
    break_rows("outgoingmail", "true", message=f"no idea what to do with {ADDRESS}")
    http = HttpClient(raise_request_exception=False)
    assert http.post("/account/activate/", {"email": ADDRESS}).status_code == 500
    assert "no idea what to do with <address>" in written.getvalue()
    assert ADDRESS not in written.getvalue()
