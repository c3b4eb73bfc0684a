"""The name and the place of this module are Django's."""

import select

from django.db.backends.postgresql import base

from matricula.foundation.postgresql.limits import limits_statement


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests, and that can't hold or wait for locks for ever."""

    def init_connection_state(self) -> None:
        """Set the limits of a new connection."""
        super().init_connection_state()
        self.connection.execute(limits_statement())
        if not self.get_autocommit():
            self.connection.commit()

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
