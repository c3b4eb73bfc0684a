"""Changes that were made some days ago: what a test has written since its last step is moved there."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from tests.conftest import as_superuser

DAY = timedelta(days=1)


class Past:
    """The noon of today, and how far the journal has been moved away from it."""

    def __init__(self) -> None:
        self.noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
        self._seen = 0

    def was(self, days: int) -> datetime:
        """Moves what was written since the last time to so many days before today."""
        moment = self.noon - days * DAY
        with transaction.atomic(), as_superuser(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute("update matricula_journalentry set at = %s where id > %s", [moment, self._seen])
            cursor.execute("set local session_replication_role = origin")
            cursor.execute("select max(id) from matricula_journalentry")
            self._seen = cursor.fetchone()[0]
        return moment
