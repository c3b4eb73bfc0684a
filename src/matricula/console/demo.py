"""The people of the demo institution, for its first visitor."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Whom to log in as, and why."""

    username: str
    who: str
    look: str


def is_demo() -> bool:
    """True for the institution that ``matricula up --demo`` made."""
    return (settings.ENVIRONMENT.data / "demo-login.json").exists()


def demo_people() -> list[DemoPerson]:
    """Some of the institution that ``matricula up`` made; no one where it made none. Never their password."""
    if not is_demo():
        return []
    return [
        DemoPerson("admin", _("an administrator"), _("everything, including who has access (Access)")),
        DemoPerson("rita", _("a registrar of North University"), _("programs, their students, and uploads")),
        DemoPerson("helen", _("an instructor"), _("her courses: rosters, enrolling from a list, history")),
        DemoPerson("ignacio", _("a registrar of Universidad del Sur"), _("the same in Spanish")),
        DemoPerson("sam", _("a learner"), _("own courses, invitations, and history")),
    ]
