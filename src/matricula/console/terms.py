"""What the terms of the field mean, where they appear on a page: ``{% term "student-key" %}``.

The one owner of these explanations (docs/glossary.md has the same terms with their names in the API and the code). The
explanation opens by keyboard, touch and mouse, and needs no script.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

register = template.Library()


class Term(NamedTuple):
    """A term and what it means, in a sentence or two."""

    name: Promise
    meaning: Promise


TERMS: Mapping[str, Term] = {
    "student-key": Term(
        gettext_lazy("student key"),
        gettext_lazy(
            "The university's own name for a student, the same in all of its programs. It is often known before the "
            "student has an account."
        ),
    ),
    "linked": Term(
        gettext_lazy("linked"),
        gettext_lazy(
            "A student key is linked when it belongs to an account. The student's course enrollments are then those of "
            "the account."
        ),
    ),
    "waiting": Term(
        gettext_lazy("waiting for an account"),
        gettext_lazy(
            "The student key is not linked to an account yet. What is recorded for it takes effect once it is; until "
            "then it may expire."
        ),
    ),
    "mode": Term(
        gettext_lazy("mode"),
        gettext_lazy(
            "The kind of enrollment, such as audit or verified. Each course run lists its modes; the first one is used "
            "where none is given."
        ),
    ),
    "course-run": Term(
        gettext_lazy("course run"),
        gettext_lazy(
            "One run of a course, with its own roster. Runs of the same course often have the same title; their course "
            "keys differ."
        ),
    ),
    "external-key": Term(
        gettext_lazy("external course key"),
        gettext_lazy("The name that the university itself uses for a course run within a program."),
    ),
    "invitation": Term(
        gettext_lazy("invitation"),
        gettext_lazy(
            "Also called pre-enrollment: an email address that may join the course run once it belongs to an active "
            "account. With auto-enroll, it joins by itself."
        ),
    ),
    "status": Term(
        gettext_lazy("status of a student"),
        gettext_lazy(
            "Enrolled: in the program. Pending: admitted, not started. Suspended: paused. Canceled: withdrawn. Ended: "
            "left or completed."
        ),
    ),
    "beta-tester": Term(
        gettext_lazy("beta tester"),
        gettext_lazy("Sees the course run before others. Enrolling someone does not change it."),
    ),
    "plan": Term(
        gettext_lazy("plan"),
        gettext_lazy(
            "Changes that were prepared and can be reviewed. Nothing changes until the plan is applied; it can be "
            "undone afterwards."
        ),
    ),
    "held": Term(
        gettext_lazy("waiting for approval"),
        gettext_lazy(
            "The plan changes more than a limit allows. Someone else who may make the changes has to approve it first."
        ),
    ),
    "operation": Term(
        gettext_lazy("operation"),
        gettext_lazy("One request or one job with all of its changes. They can be undone together or one by one."),
    ),
    "job": Term(
        gettext_lazy("job"),
        gettext_lazy("An upload, a download or a large change that runs in the background, also while you are away."),
    ),
    "snapshot": Term(
        gettext_lazy("snapshot"),
        gettext_lazy("The roster of a moment, such as a census date, kept as a file that can't be changed."),
    ),
    "digest": Term(
        gettext_lazy("digest"),
        gettext_lazy("A fingerprint of a roster: two rosters with the same digest are the same, row by row."),
    ),
    "difference": Term(
        gettext_lazy("difference"),
        gettext_lazy(
            "Someone for whom the LMS has something else than is recorded here. Send the record again, or accept what "
            "the LMS has."
        ),
    ),
    "disclosure": Term(
        gettext_lazy("disclosure"),
        gettext_lazy("A file about people that someone received: an export, a download or a snapshot."),
    ),
    "webhook": Term(
        gettext_lazy("webhook"),
        gettext_lazy("A URL to which changes are sent. It receives what its owner may see."),
    ),
    "delivery": Term(
        gettext_lazy("delivery"),
        gettext_lazy("Changes on their way to a webhook. A delivery that fails is tried again for three days."),
    ),
    "api-client": Term(
        gettext_lazy("API client"),
        gettext_lazy("A program that acts for an account, within the scopes read and write."),
    ),
    "role": Term(
        gettext_lazy("role"),
        gettext_lazy(
            "What someone may see and change: on a program, on all programs of an organization, or in a course run. It "
            "is granted by an administrator."
        ),
    ),
    "feature": Term(
        gettext_lazy("feature"),
        gettext_lazy("An option for a person or a group, such as seeing the names of a program's students."),
    ),
    "group": Term(
        gettext_lazy("group"),
        gettext_lazy(
            "People who share roles and features. Who joins gets them at once; who leaves loses them at once."
        ),
    ),
}


@register.inclusion_tag("matricula/_term.html")
def term(name: str) -> dict[str, object]:
    """Return a button that opens what the term means; the ids are new each time, for a term may be there twice."""
    return {"term": TERMS[name], "id": f"term-{name}-{secrets.token_hex(4)}"}
