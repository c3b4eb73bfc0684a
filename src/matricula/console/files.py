"""Files that are sent to the console: what is wrong with one, in words."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from matricula.foundation.messages import translated
from matricula.tabular.problems import TabularError

# in bytes: some millions of rows
MAX_FILE = 100 * 1024 * 1024


def size_problem(file: "UploadedFile[Any]") -> str:
    """That a file is too large; "" where it is not."""
    if (file.size or 0) <= MAX_FILE:
        return ""
    return _("The file is larger than %(limit)s MB. Send it in parts.") % {"limit": MAX_FILE // 2**20}


def table_problem(error: TabularError) -> str:
    """Why a file is no table."""
    return _("The file can't be read: %(error)s") % {"error": translated(error.problem)}
