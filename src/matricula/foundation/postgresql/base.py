"""The name and the place of this module are Django's."""

import select
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import IdleInTransactionSessionTimeout

from matricula.foundation.postgresql.limits import limits_statement
from matricula.foundation.tracing import is_tracing, trace_statement


class _ErrorWrapper(DatabaseErrorWrapper):
    """Says of a connection that the server closed because its transaction did nothing that it is lost, like any other.

    The driver files it under errors of the server itself; then a worker that was frozen would fail its job.
    """

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, IdleInTransactionSessionTimeout):
            self.wrapper.errors_occurred = True  # type: ignore[attr-defined]  # the stubs leave it out
            raise OperationalError(*error.args).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests, and that can't hold or wait for locks for ever."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if is_tracing():
            self.execute_wrappers.append(trace_statement)

    def init_connection_state(self) -> None:
        """Set the limits of a new connection."""
        super().init_connection_state()
        self.connection.execute(limits_statement())
        if not self.get_autocommit():
            self.connection.commit()

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        """What raises errors of the driver as Django's."""
        return _ErrorWrapper(self)

    def is_usable(self) -> bool:
        """False for a connection that the server has closed: at a restart, or by ``pg_terminate_backend``.

        Nothing is to be read from an idle connection unless its end; so no question is sent over the network before
        each request.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
        return not poll.poll(0)
