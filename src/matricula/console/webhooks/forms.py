"""The form of a webhook: where changes are sent, and which."""

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from matricula.access.reads import Caller
from matricula.batches.rights import may_read_about
from matricula.catalog.reads import find_course, find_program
from matricula.console.words import SUBJECT_WORDS
from matricula.feed.webhooks.addresses import LONGEST_URL, url_problem
from matricula.feed.webhooks.rights import Filter, right_of
from matricula.foundation.messages import translated
from matricula.foundation.text import holds_nul
from matricula.journal.statuses import Subject


def _subjects() -> list[tuple[str, Any]]:
    return [(subject.value, SUBJECT_WORDS[subject]) for subject in Subject]


class WebhookForm(forms.Form):
    """A webhook; ``found``: what it is about, once the form is valid."""

    url = forms.CharField(
        max_length=LONGEST_URL,
        label=_("URL"),
        help_text=_("For example https://hooks.example.org/matricula. Use https so that others can't read along."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    course = forms.CharField(
        required=False,
        max_length=255,
        label=_("Only this course run"),
        help_text=_("Its key, for example course-v1:North+CS101+2027_T1"),
    )
    program = forms.CharField(
        required=False, max_length=255, label=_("Only this program"), help_text=_("Its key, for example north-mcs")
    )
    subjects = forms.MultipleChoiceField(
        required=False,
        label=_("Only these changes"),
        choices=partial(_subjects),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None selected: all of them"),
    )

    def __init__(self, caller: Caller, *values: Any, **rest: Any) -> None:
        super().__init__(*values, **rest)
        self._caller = caller
        self.found = Filter()

    def clean_url(self) -> str:
        """Errors: an address to which nothing is sent."""
        url = str(self.cleaned_data["url"])
        if problem := url_problem(url, private=settings.ENVIRONMENT.webhook_private_addresses):
            raise ValidationError(translated(problem))
        return url

    def clean(self) -> dict[str, Any]:
        """Errors: a course run or program that there isn't, or that the reader may not see."""
        given = super().clean() or {}
        course_id = self._course(given.get("course", ""))
        program_id = self._program(given.get("program", ""))
        subjects = tuple(map(Subject, given.get("subjects", ()))) or None
        self.found = Filter(course_id, program_id, subjects)
        if not self.errors and not right_of(self._caller).covers(self.found):
            self.add_error(
                None, _("You need access to a course run or a program before a webhook can send you their changes.")
            )
        return given

    def _course(self, key: str) -> int | None:
        found = find_course(key) if key and not holds_nul(key) else None
        if key and (found is None or not may_read_about(self._caller.account_id, found.id, None)):
            self.add_error("course", _("There is no course run with this key, or you don't manage it."))
        return found.id if found else None

    def _program(self, key: str) -> int | None:
        found = find_program(key) if key and not holds_nul(key) else None
        if key and (found is None or not may_read_about(self._caller.account_id, None, found.id)):
            self.add_error("program", _("There is no program with this key, or you can't see its enrollments."))
        return found.id if found else None
