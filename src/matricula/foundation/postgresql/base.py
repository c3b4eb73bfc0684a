"""The name and the place of this module are Django's."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests."""

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
