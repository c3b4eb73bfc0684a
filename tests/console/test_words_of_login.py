"""Every screen that allauth draws has the words of the other pages, in both languages."""

import re
from html import unescape

import pytest
from django.test import Client as HttpClient
from django.urls import URLPattern, URLResolver, get_resolver

from tests.conftest import PASSWORD, World
from tests.console.conftest import text_of, words_of

# what other products say, and allauth
FOREIGN = re.compile(
    r"\bsign(ed)? ?(in|out)\b|remember me|account inactive|successfully|por favor|exitosamente", re.IGNORECASE
)
LOGIN = {"en": "Username or email address", "es": "Nombre de usuario o correo"}
OUT = {"en": "You are logged out.", "es": "Ha cerrado la sesión."}
IN = {"en": "You are logged in as sam.", "es": "Ha iniciado sesión como sam."}


def names_of_allauth(resolver: URLResolver) -> set[str]:
    """Return the names of the addresses whose view is allauth's, or made from one."""
    found: set[str] = set()
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found |= names_of_allauth(one)
        elif isinstance(one, URLPattern):
            view = getattr(one.callback, "view_class", one.callback)
            if any("allauth" in kind.__module__ for kind in getattr(view, "__mro__", [view])):
                found.add(str(one.name))
    return found


def test_these_are_all_screens_of_allauth() -> None:
    drawn = {"account_login", "account_logout", "account_inactive", "mfa_authenticate"}
    again = {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
    # these lead on, or are for programs
    saml = {"saml_acs", "saml_finish_acs", "saml_sls", "saml_metadata", "saml_login"}
    assert names_of_allauth(get_resolver()) == drawn | again | saml


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_are_those_of_the_other_pages(world: World, language: str) -> None:
    http = HttpClient(headers={"Accept-Language": language})
    form = {"login": world.learner.username, "password": PASSWORD}
    pages = [http.get("/login/"), http.post("/login/", {"login": "x", "password": "y"}), http.get("/account/inactive/")]
    assert LOGIN[language] in words_of(text_of(pages[0]))
    pages.append(http.post("/login/", form, follow=True))
    assert IN[language] in words_of(text_of(pages[-1]))
    pages += [http.get("/logout/"), http.post("/logout/", follow=True)]
    assert OUT[language] in words_of(text_of(pages[-1]))
    assert [page.status_code for page in pages] == [200] * 6
    assert [FOREIGN.search(unescape(page.content.decode())) for page in pages] == [None] * 6


def test_the_page_to_go_to_next_is_kept(world: World) -> None:
    http = HttpClient()
    assert 'name="next" value="/jobs/"' in http.get("/login/?next=/jobs/").content.decode()
    form = {"login": world.learner.username, "password": PASSWORD, "next": "/jobs/"}
    assert http.post("/login/", form)["Location"] == "/jobs/"
