"""What roles, features and scopes mean, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLE_WORDS: dict[str, str | Promise] = {
    "read_metadata": _("see the program and its courses"),
    "read_enrollments": _("see the program's students"),
    "read_write_enrollments": _("see and change the program's students"),
    "read_reports": _("see the program's reports"),
    "read_all_jobs": _("see all jobs"),
}
COURSE_ROLE_WORDS: dict[str, str | Promise] = {
    "staff": _("manages the course's enrollments"),
    "instructor": _("teaches the course and manages its enrollments"),
    "beta_tester": _("sees the course before it begins"),
}
FEATURE_WORDS: dict[str, str | Promise] = {
    "names_in_downloads": _("names and email addresses of students, on pages, in search, and in downloads"),
    "course_roles": _("can give the role of course staff with an upload"),
}
SCOPE_WORDS: dict[str, str | Promise] = {"read": _("read"), "write": _("write")}
SCOPES_ALLOWED: dict[str, str | Promise] = {
    "read": _("See everything that you can see: enrollments, students, and people in them"),
    "write": _("Change everything that you can change"),
}
"""What an app may do once a person has allowed it."""


def choices(words: dict[str, str | Promise], *, with_key: bool = True) -> list[tuple[str, str]]:
    """The words as choices of a form, now, in the reader's language."""
    return [(key, f"{key}: {text}" if with_key else str(text)) for key, text in words.items()]
