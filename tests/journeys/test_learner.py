"""A learner who is invited before having an account: the mail, the sign-up, the confirmation, the enrollment."""

import re

import pytest
import requests

from tests.journeys.conftest import Service, links_in, text_of

COURSE = "course-v1:North+CS102+2027_T1"
pytestmark = pytest.mark.xdist_group("service")
ADDRESS = "new.learner@example.org"


def send_form(session: requests.Session, url: str, **fields: str) -> requests.Response:
    page = session.get(url)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text
    return session.post(url, data={"csrfmiddlewaretoken": token[1], **fields}, headers={"Referer": url})


def test_invited_signed_up_confirmed_and_enrolled(shared_service: Service) -> None:
    service = shared_service
    staff = requests.Session()
    staff.headers.update(service.token())
    invited = staff.post(
        f"{service.course}/enrollments",
        json={"identifiers": [ADDRESS], "auto_enroll": True, "email_students": True, "mode": "honor"},
    )
    assert invited.json()["results"][0]["after"] == {"enrolled": False, "allowed": True, "auto_enroll": True}
    [invitation] = service.mails_to(ADDRESS, 1)
    assert ADDRESS in text_of(invitation)
    sign_up = next(link for link in links_in(invitation) if link.endswith("/signup/"))

    learner = requests.Session()
    learner.headers["Accept-Language"] = "es"
    signed_up = send_form(
        learner, sign_up, email=ADDRESS.upper(), username="nuevo", first_name="Nuevo",
        password1="un-secreto-largo", password2="un-secreto-largo",
    )  # fmt: skip
    assert signed_up.status_code == 200, signed_up.text
    assert staff.get(f"{service.course}/enrollments").json()["count"] == 0
    # not before the address is confirmed
    send_form(learner, f"{service.url}/login/", login="nuevo", password="un-secreto-largo")
    assert staff.get(f"{service.course}/enrollments").json()["count"] == 0

    # the login sent nothing: it would tell who has an account; the address is written as it was typed
    [confirmation] = service.mails_to(ADDRESS.upper(), 1)
    link = next(link for link in links_in(confirmation) if "/confirm-email/" in link)
    assert send_form(learner, link).status_code == 200
    [row] = staff.get(f"{service.course}/enrollments").json()["results"]
    assert (row["username"], row["mode"], row["enrollment_allowed"], row["auto_enroll"]) == (
        "nuevo", "honor", True, True,
    )  # fmt: skip

    logged_in = send_form(learner, f"{service.url}/login/", login="nuevo", password="un-secreto-largo")
    assert "nuevo" in logged_in.text
    assert learner.get(f"{service.course}/enrollments").status_code == 403
    said_goodbye = staff.delete(f"{service.course}/enrollments/nuevo", params={"email_student": "true"})
    assert said_goodbye.json()["results"][0]["before"]["mode"] == "honor"
    mails = service.mails_to(ADDRESS.upper(), 3)
    assert [m["Content-Language"] for m in mails[-2:]] == ["es", "es"]
