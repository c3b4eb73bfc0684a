"""Linking a student key to an account: whom a form names, what linking would do, and who may."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, reach_of
from matricula.catalog.reads import ProgramFacts, get_courses
from matricula.console import inputs
from matricula.console.pages import acting_about
from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import key_problem
from matricula.identity.linking import ForeseenLink, preview_link
from matricula.learners.reads import Learner, find_confirmed, find_learner


@dataclass(frozen=True, slots=True)
class LinkReview:
    """What a form asks for, and what it would do: in words, and as the rights to it need it.

    ``account`` None: the key is not to have an account. ``begins``, ``ends``: titles of course runs.
    """

    account: Learner | None
    before: Learner | None
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    foreseen: ForeseenLink
    may: bool

    @property
    def changes(self) -> bool:
        """True if the key would get another account, or lose the one that it has."""
        return (self.account and self.account.id) != (self.before and self.before.id)


def find_account(identifier: str) -> Learner | str:
    """The account that a username or an email address names, or what is wrong."""
    if problem := key_problem(identifier):
        return translated(problem)
    found = find_confirmed([fold(identifier)]).get(fold(identifier), [])
    if not found:
        return _("There is no account with this username or email address. Check the spelling.")
    if len(found) > 1:
        return _("This matches two accounts: the username of one and the email address of the other.")
    return found[0]


def review_link(caller: Caller, program: ProgramFacts, student_key: str, account: Learner | None) -> LinkReview:
    """What linking the key to the account (None: to none) would do. A few statements."""
    foreseen = preview_link(program.organization_id, student_key, account.id if account else None)
    courses = get_courses({*foreseen.begins, *foreseen.ends})
    return LinkReview(
        account,
        find_learner(foreseen.before) if foreseen.before is not None else None,
        tuple(sorted(courses[id_].title for id_ in foreseen.begins)),
        tuple(sorted(courses[id_].title for id_ in foreseen.ends)),
        foreseen,
        may_link(caller, {program.id, *foreseen.programs}),
    )


def may_link(caller: Caller, programs: Iterable[int]) -> bool:
    """True for those who may write the students of every program that has the keys: they are the organization's."""
    writable = reach_of(caller, WRITE_ENROLLMENTS).programs
    return writable is None or set(writable).issuperset(programs)


def acting_on(
    request: HttpRequest, caller: Caller, program: ProgramFacts, review: LinkReview
) -> AbstractContextManager[None]:
    """What is written within is written only while the reader may link there."""
    parts = [(None, program_id) for program_id in sorted({program.id, *review.foreseen.programs})]
    return acting_about(request, caller, parts)


def changed_meanwhile(request: HttpRequest, seen: str) -> str:
    """What is wrong with a confirmed form whose reader saw something else; '' where it was the same."""
    if inputs.word(request.POST, "seen") == seen:
        return ""
    return _("This was changed in the meantime. Review it again before you confirm.")
