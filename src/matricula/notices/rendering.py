"""From a queued mail to the words that a person reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Engine
from django.utils import timezone, translation

from matricula.foundation.text import without_breaks
from matricula.notices.statuses import ACCOUNT_KINDS, COURSE_KINDS, PLAN_HELD, WEBHOOK_OFF

MAX_SUBJECT = 200

_FOLDER = [str(Path(__file__).parent / "templates")]
_BUILTINS = ["django.templatetags.i18n"]
# text and subject are not HTML, so nothing may be escaped there
_texts = Engine(dirs=_FOLDER, builtins=_BUILTINS, autoescape=False)
_pages = Engine(dirs=_FOLDER, builtins=_BUILTINS, autoescape=True)

_blank_lines = re.compile(r"\n{3,}")

_PAGES = {
    "sign_up_url": "/signup/",
    "login_url": "/login/",
    "activate_url": "/account/activate/",
    "reset_url": "/account/password/reset/",
    "account_url": "/account/",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail in words; the subject is one line."""

    subject: str
    text: str
    html: str


def render_notice(kind: str, to: str, language: str, context: Mapping[str, Any]) -> Rendered:
    """The mail of this kind in this language (enrollment-api: Email). ``context`` is what was queued, read back.

    Titles, names and links become one line each, so that they can break no header; a reason keeps its lines, and is
    left out where the settings keep reasons out of mail. Errors: ``KeyError`` for a context with a part missing.
    """
    values = {"to": to, "language": language, **_values(kind, context), "copied": _copied(context)}
    page = f"notices/{kind}.html"
    with translation.override(language):
        subject = without_breaks(_texts.render_to_string(f"notices/{kind}.subject.txt", values))
        text = _texts.render_to_string(f"notices/{kind}.txt", values)
        if kind not in COURSE_KINDS:
            # said once: the page is the text, with links to click, but none that someone's name would make
            page, values = "notices/account.html", {"course_title": subject, **values, **_paragraphs(text, values)}
        html = _pages.render_to_string(page, values)
    if len(subject) > MAX_SUBJECT:
        subject = subject[: MAX_SUBJECT - 1] + "…"
    return Rendered(subject=subject, text=_blank_lines.sub("\n\n", text).strip() + "\n", html=html.strip() + "\n")


def _copied(context: Mapping[str, Any]) -> datetime | None:
    """When the mail was sent of which this one is a copy."""
    sent = context.get("copy_of")
    return timezone.localtime(datetime.fromisoformat(sent)) if sent else None


def _paragraphs(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    paragraphs = [paragraph.split("\n") for paragraph in text.strip().split("\n\n") if paragraph.strip()]
    return {"paragraphs": paragraphs, "links": {values[name] for name in ("link", *_PAGES)} - {""}}


def _pages_of(context: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{without_breaks(context['site'])}{place}" for name, place in _PAGES.items()}


def _values(kind: str, context: Mapping[str, Any]) -> dict[str, Any]:
    if kind in ACCOUNT_KINDS:
        told = {name: without_breaks(context[name]) for name in ("full_name", "username", "link", "address")}
        return told | _pages_of(context)
    if kind == PLAN_HELD:
        told = {name: without_breaks(context[name]) for name in ("full_name", "link", "plan_name", "about", "maker")}
        numbers = {name: context[name] for name in ("add", "change", "remove", "rejected")}
        expires = timezone.localtime(datetime.fromisoformat(context["expires"]))
        return told | numbers | {"expires": expires} | _pages_of(context)
    if kind == WEBHOOK_OFF:
        told = {name: without_breaks(context[name]) for name in ("full_name", "link", "host")}
        return told | {"since": timezone.localtime(datetime.fromisoformat(context["since"]))} | _pages_of(context)
    reason = (context["reason"] or "") if settings.ENVIRONMENT.reason_in_mail else ""
    return {
        "course_title": without_breaks(context["course_title"]),
        "course_url": without_breaks(context["course_url"] or ""),
        "full_name": without_breaks(context["full_name"]),
        "sign_up_url": without_breaks(context["sign_up_url"]),
        # not in mail that was queued before there was one
        "activate_url": without_breaks(context.get("activate_url", "")),
        "auto_enroll": context["auto_enroll"],
        "reason_lines": [without_breaks(line) for line in reason.strip().splitlines()],
    }
