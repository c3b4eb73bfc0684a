"""What is computed from the journal once and kept: it grows by a row for each day on which something happened."""

from django.db import models


class _Day(models.Model):
    """How many came and went on a day that is over (UTC); derived from the journal.

    Written only by ``matricula.history.moments.days``. Its entries have numbers from ``first_id`` to ``last_id``.
    """

    day = models.DateField()
    came = models.BigIntegerField()
    went = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        abstract = True


class RosterDay(_Day):
    """How many came to a course run and left it."""

    course = models.ForeignKey(
        "matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "day"], name="roster_day_once")]


class ProgramDay(_Day):
    """As ``RosterDay``: how many students of a program came to the status ``enrolled`` and left it."""

    program = models.ForeignKey(
        "matricula.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="program_day_once")]


class StudentDay(_Day):
    """As ``ProgramDay``, whatever their status: how many students are new, and how many are no longer there."""

    program = models.ForeignKey(
        "matricula.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="student_day_once")]
