"""What is computed from the journal once and kept: it grows by a row for each day on which something happened."""

from django.db import models


class RosterDay(models.Model):
    """How many came to a course run and left it on a day that is over (UTC); derived from the journal.

    Written only by ``matricula.history.moments.days``. Its entries have numbers from ``first_id`` to ``last_id``.
    """

    course = models.ForeignKey(
        "matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    came = models.BigIntegerField()
    went = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "day"], name="roster_day_once")]


class ProgramDay(models.Model):
    """As ``RosterDay``: how many students of a program came to the status ``enrolled`` and left it."""

    program = models.ForeignKey(
        "matricula.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    came = models.BigIntegerField()
    went = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="program_day_once")]


class StudentDay(models.Model):
    """As ``ProgramDay``, whatever their status: how many students are new, and how many are no longer there."""

    program = models.ForeignKey(
        "matricula.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    came = models.BigIntegerField()
    went = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="student_day_once")]
