"""Matricula as one Django app: one migration history for all its packages (docs/decisions/0001)."""

from django.apps import AppConfig


class MatriculaConfig(AppConfig):
    """The app; its tables live in the packages' ``models`` and are gathered in ``matricula.models``."""

    name = "matricula"
    verbose_name = "Matricula"
