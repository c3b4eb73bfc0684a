"""Matricula as one Django app: one migration history for all its packages (docs/decisions/0001)."""

import gc
import importlib

from django.apps import AppConfig

_SWEEP_AFTER = 50_000
"""New objects until the garbage collector looks at them. A chunk of rows is many objects and hardly a cycle: at
Python's own 700, half the time of a bulk went into looking."""


class MatriculaConfig(AppConfig):
    """The app; its tables live in the packages' ``models`` and are gathered in ``matricula.models``."""

    name = "matricula"
    verbose_name = "Matricula"

    def ready(self) -> None:
        """What is loaded by now stays for good: the garbage collector need not look at it again.

        The command line switches it off until then.
        """
        # connections know of Bigints only if it is loaded before the first of them
        importlib.import_module("matricula.foundation.database")
        gc.freeze()
        gc.set_threshold(_SWEEP_AFTER, 20, 20)
        gc.enable()
