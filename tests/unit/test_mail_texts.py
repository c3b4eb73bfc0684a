"""The words of the mails, and that nothing in a title, a name or a reason can break out of its place."""

import dataclasses
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from pytest_django import Settings

from matricula.notices.backends import EmailUrlBackend, FileBackend, PlainSmtpBackend
from matricula.notices.rendering import MAX_SUBJECT, Rendered, render_notice
from matricula.notices.statuses import (
    ALLOWED_ENROLL,
    ALLOWED_UNENROLL,
    COURSE_KINDS,
    ENROLLED_ENROLL,
    ENROLLED_UNENROLL,
    KINDS,
    PLAN_HELD,
    WEBHOOK_OFF,
)

ADDRESS = "ana+x@example.org"
COURSE = "https://learn.example.org/courses/course-v1:NorthU+SP101+2026/"
SIGN_UP = "https://learn.example.org/signup/"


def rendered(kind: str, language: str = "en", **changes: Any) -> Rendered:
    context: dict[str, Any] = {
        "course_title": "Spanish 101",
        "course_url": COURSE,
        "full_name": "Ana Peña",
        "reason": None,
        "auto_enroll": True,
        "sign_up_url": SIGN_UP,
        "activate_url": "",
        "username": "ana",
        "site": "https://learn.example.org",
        "link": "https://learn.example.org/account/password/reset/key/1-abc/",
        "address": "other@example.org",
        "plan_name": "roster.csv",
        "about": "Spanish 101",
        "maker": "helen",
        "expires": "2026-12-03T10:00:00+00:00",
        "add": 3,
        "change": 0,
        "remove": 54,
        "rejected": 1,
        "host": "hooks.example.org",
        "since": "2026-11-24T10:00:00+00:00",
    }
    return render_notice(kind, ADDRESS, language, context | changes)


def both(mail: Rendered) -> tuple[str, str]:
    return mail.text, unescape(mail.html)


SAYS = [
    (
        ENROLLED_ENROLL,
        "en",
        "You are enrolled in “Spanish 101”",
        ["staff has enrolled you", "on your dashboard", COURSE],
    ),
    (ENROLLED_ENROLL, "es", "Su matrícula en «Spanish 101»", ["le ha matriculado", "en su panel", COURSE]),
    (ALLOWED_ENROLL, "en", "You are invited to “Spanish 101”", ["invites you", ADDRESS, SIGN_UP, "automatically"]),
    (ALLOWED_ENROLL, "es", "Invitación a «Spanish 101»", ["le invita", ADDRESS, SIGN_UP, "automáticamente"]),
    (
        ENROLLED_UNENROLL,
        "en",
        "You are no longer enrolled in “Spanish 101”",
        ["staff has ended", "no longer on your dashboard", "other courses are not affected"],
    ),
    (
        ENROLLED_UNENROLL,
        "es",
        "Su matrícula en «Spanish 101» ha terminado",
        ["El equipo del curso", "ya no está en su panel", "demás cursos no cambian"],
    ),
    (ALLOWED_UNENROLL, "en", "Your invitation to “Spanish 101” was withdrawn", ["please disregard it"]),
    (ALLOWED_UNENROLL, "es", "Se ha retirado su invitación a «Spanish 101»", ["puede ignorarla"]),
]
HELLO = {"en": "Hello Ana Peña,", "es": "Hola, Ana Peña:"}
AUTOMATIC = {"en": "This is an automatic message.", "es": "Este es un mensaje automático."}
REASON = {"en": "gave this reason:", "es": "dio este motivo:"}


@pytest.mark.parametrize(("kind", "language", "subject", "phrases"), SAYS)
def test_each_kind_says_its_part(kind: str, language: str, subject: str, phrases: list[str]) -> None:
    mail = rendered(kind, language)
    assert mail.subject == subject
    for body in both(mail):
        for phrase in [*phrases, "Spanish 101", HELLO[language], AUTOMATIC[language]]:
            assert phrase in body
        assert REASON[language] not in body
    assert f'<html lang="{language}">' in mail.html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("empty", [True, False])
def test_nothing_of_the_templates_is_left(kind: str, language: str, empty: bool) -> None:
    changes = {"course_url": None, "full_name": "", "auto_enroll": False} if empty else {"reason": "Late"}
    mail = rendered(kind, language, **changes)
    for part in (mail.subject, mail.text, mail.html):
        assert not any(trace in part for trace in ("{{", "}}", "{%", "%(", ")s", "None"))
    assert "\n\n\n" not in mail.text
    assert '<a href=""' not in mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_translated(kind: str) -> None:
    english, spanish = (rendered(kind, language, reason="Late") for language in ("en", "es"))
    same = set(english.text.splitlines()) & set(spanish.text.splitlines())
    assert {line for line in same if not line.startswith("https://learn.example.org/")} <= {"", "> Late"}
    assert english.subject != spanish.subject


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        ("en", ["“roster.csv” for “Spanish 101”", "Made by: helen", "To remove: 54", "Expires: Dec 3, 2026"]),
        ("es", ["«roster.csv» para «Spanish 101»", "Preparado por: helen", "Por quitar: 54", "Caduca: 3 dic 2026"]),
    ],
)
def test_a_held_plan_is_shown_with_its_numbers_and_its_page(language: str, phrases: list[str]) -> None:
    page = "https://learn.example.org/plans/6b0c/"
    mail = rendered(PLAN_HELD, language, link=page)
    for body in both(mail):
        for phrase in [*phrases, page, "https://learn.example.org/account/", HELLO[language]]:
            assert phrase in body
    assert "roster.csv" in mail.subject
    assert f'<a href="{page}">' in mail.html
    without = rendered(PLAN_HELD, language, link=page, maker="", about="")
    assert phrases[1].partition(":")[0] not in without.text and "“”" not in without.text


@pytest.mark.parametrize(
    ("language", "phrase"), [("en", "After three days without success"), ("es", "Tras tres días sin éxito")]
)
def test_a_webhook_that_was_switched_off_is_named_by_its_host(language: str, phrase: str) -> None:
    page = "https://learn.example.org/webhooks/34cf/"
    mail = rendered(WEBHOOK_OFF, language, link=page)
    for body in both(mail):
        assert phrase in body and page in body and "2026" in body and HELLO[language] in body
    assert "hooks.example.org" in mail.subject


def test_a_name_of_a_plan_makes_no_link_and_no_line() -> None:
    mail = rendered(PLAN_HELD, plan_name="x\nhttps://evil.example.org/ <b>", maker="<i>")
    assert "\nhttps://evil" not in mail.text and "\n" not in mail.subject
    assert "<b>" not in mail.html and "<i>" not in mail.html and 'href="https://evil' not in mail.html


def test_without_auto_enroll_the_mail_says_how_to_join() -> None:
    english = both(rendered(ALLOWED_ENROLL, auto_enroll=False))
    spanish = both(rendered(ALLOWED_ENROLL, "es", auto_enroll=False))
    assert len(english) == len(spanish) == 2
    for body in english:
        assert "join the course there" in body
        assert COURSE in body
        assert "automatically" not in body
    for body in spanish:
        assert "matricúlese allí" in body


def test_an_invitation_fits_how_the_account_stands() -> None:
    activate = "https://learn.example.org/account/activate/"
    for body in both(rendered(ALLOWED_ENROLL, activate_url=activate)):
        assert activate in body
        assert "activate it" in body
        assert SIGN_UP not in body
        assert "sign up" not in body
    # queued before there was such a link
    context = {"course_title": "x", "course_url": "", "full_name": "", "reason": "", "auto_enroll": True}
    assert SIGN_UP in render_notice(ALLOWED_ENROLL, ADDRESS, "en", {**context, "sign_up_url": SIGN_UP}).text


def test_an_unknown_name_is_left_out() -> None:
    assert rendered(ALLOWED_ENROLL, full_name="").text.startswith("Hello,\n")


@pytest.mark.parametrize("kind", COURSE_KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reason_is_quoted_line_by_line(kind: str, language: str) -> None:
    mail = rendered(kind, language, reason="Late <i>papers</i>\r\n\r\nSee \x1b[31mme & Tom\n")
    assert f"{REASON[language]}\n\n> Late <i>papers</i>\n> \n> See [31mme & Tom\n" in mail.text
    quoted = "Late &lt;i&gt;papers&lt;/i&gt;<br> <br> See [31mme &amp; Tom </blockquote>"
    assert quoted in " ".join(mail.html.split())
    assert "Late" not in mail.subject


def test_a_setting_keeps_reasons_out(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, reason_in_mail=False)
    bodies = both(rendered(ENROLLED_ENROLL, reason="Private matters"))
    assert len(bodies) == 2
    for body in bodies:
        assert "Private" not in body
        assert "reason" not in body


def test_no_name_becomes_a_link() -> None:
    mail = rendered("account_activate", username="evil.example", full_name="http://evil.example/")
    assert "http://evil.example/" in mail.text
    assert mail.html.count("<a ") == 2
    assert 'href="http://evil' not in mail.html
    assert "<b>" not in rendered("account_activate", username="<b>x</b>").html


@pytest.mark.parametrize("kind", COURSE_KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_title_cannot_break_a_header(kind: str, language: str) -> None:
    mail = rendered(kind, language, course_title="Spanish\r\nBcc: all@example.org\x00\u2028\tTwo")
    assert mail.subject.isprintable()
    assert "Spanish Bcc: all@example.org Two" in mail.subject
    message = EmailMessage(subject=mail.subject, to=[ADDRESS]).message()
    assert message["Bcc"] is None
    assert b"\nBcc:" not in message.as_bytes()


def test_a_long_subject_is_cut() -> None:
    subject = rendered(ENROLLED_UNENROLL, course_title="ñ" * 5000).subject
    assert len(subject) == MAX_SUBJECT
    assert subject.endswith("ñ…")


def test_html_is_escaped_and_text_is_not() -> None:
    mail = rendered(
        ENROLLED_ENROLL,
        course_title="R&D <script>alert('x')</script>",
        full_name='<b>"A"</b>',
        course_url='https://x.example/"onclick="a&b',
    )
    assert "<script" not in mail.html
    assert "<b>" not in mail.html
    assert '"onclick' not in mail.html
    assert "R&amp;D &lt;script&gt;" in mail.html
    assert "R&D <script>alert('x')</script>" in mail.text
    assert 'Hello <b>"A"</b>,' in mail.text
    assert mail.subject == "You are enrolled in “R&D <script>alert('x')</script>”"


def test_percent_signs_and_template_signs_in_values_stay_as_they_are() -> None:
    title = "100% %(to)s {{ to }} {% now %}"
    mail = rendered(ENROLLED_ENROLL, "es", course_title=title)
    assert title in mail.subject
    assert title in mail.text
    assert title in unescape(mail.html)


# --- EMAIL_URL ---


def backend(settings: Settings, url: str) -> Any:
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, email_url=url)
    return EmailUrlBackend()._carrier


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "", "", False, False)),
        ("smtp://me:p%40ss%3A%2F@mail:2525", ("mail", 2525, "me", "p@ss:/", False, False)),
        ("smtp://me%40x.org:a@mail?starttls=true", ("mail", 587, "me@x.org", "a", True, False)),
        ("smtp://mail:25?starttls=false", ("mail", 25, "", "", False, False)),
        ("smtps://me:a@mail", ("mail", 465, "me", "a", False, True)),
    ],
)
def test_smtp_urls(settings: Settings, url: str, expected: tuple[Any, ...]) -> None:
    smtp = backend(settings, url)
    assert isinstance(smtp, PlainSmtpBackend)
    assert (smtp.host, smtp.port, smtp.username, smtp.password, smtp.use_tls, smtp.use_ssl) == expected
    assert smtp.timeout == 30


def test_smtp_refuses_an_address_that_it_would_have_to_change(settings: Settings) -> None:
    with pytest.raises(ValueError, match="non-ASCII"):
        backend(settings, "smtp://127.0.0.1:1").send_messages([EmailMessage(to=["josé@example.org"])])


@pytest.mark.parametrize(
    "url",
    [
        "file:mail",
        "file://mail/folder",
        "smtp:",
        "smtp://:secret@",
        "smtp://me:secret/x@mail",
        "smtp://mail?tls=true",
        "smtp://me:secret@mail?starttls=maybe",
        "smtps://mail?starttls=true",
        "gopher://mail",
    ],
)
def test_wrong_urls_are_refused_without_repeating_them(settings: Settings, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL: ") as refused:
        backend(settings, url)
    assert "secret" not in str(refused.value)


def test_the_console_prints(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    backend(settings, "console:").send_messages([EmailMessage("Hello", "Text", to=[ADDRESS])])
    assert "Subject: Hello" in capsys.readouterr().out


def test_a_file_for_each_mail(settings: Settings, tmp_path: Any) -> None:
    folder = tmp_path / "a b" / "mail"
    files = backend(settings, f"{(tmp_path / 'a b').as_uri()}/mail")
    assert isinstance(files, FileBackend)
    mails = [EmailMessage("Hello", "Text", to=[ADDRESS], headers={"Message-ID": f"<{n}/../x@y>"}) for n in (1, 2)]
    assert files.send_messages(mails) == 2
    assert files.send_messages(mails[:1]) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["1_.._x@y.eml", "2_.._x@y.eml"]
    assert b"Subject: Hello\r\n" in (folder / "1_.._x@y.eml").read_bytes()
