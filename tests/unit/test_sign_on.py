"""The file of identity providers, and what is made of claims."""

from pathlib import Path
from typing import Any

import pytest

from matricula.identity.providers.claims import read_person
from matricula.identity.providers.reading import Provider, ProvidersInvalid, read_providers

GOOD = """
- name: campus
  title: North Campus
  issuer: https://login.example.org/realms/north
  client_id: matricula
  secret_variable: CAMPUS_SECRET
"""
SAML = """
- name: federation
  title: Federation
  kind: saml
  saml: {entity_id: https://idp.example.org, sso_url: https://idp.example.org/sso, certificate_file: idp.pem}
"""


def read(tmp_path: Path, text: str, **environment: str) -> tuple[Provider, ...]:
    (tmp_path / "providers.yaml").write_text(text)
    (tmp_path / "idp.pem").write_text("a certificate")
    return read_providers(tmp_path / "providers.yaml", environment)


def test_providers_are_read_alone_or_in_an_institution_file(tmp_path: Path) -> None:
    campus, federation = read(tmp_path, GOOD + SAML, CAMPUS_SECRET="s3cret")
    assert (campus.name, campus.secret, campus.create_accounts) == ("campus", "s3cret", False)
    assert federation.certificate == "a certificate"
    inside = "organizations: []\nsign_on:\n" + GOOD.replace("\n", "\n  ")
    assert read(tmp_path, inside, CAMPUS_SECRET="s3cret") == (campus,)
    assert read(tmp_path, "organizations: []") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x: [", "this isn't YAML"),
        ("text", "must have a list of providers"),
        ("- 1", "entry 1: must be a mapping"),
        ("- {title: x}", "name is missing"),
        (GOOD + "  colour: red", "entry 1 (campus): colour is unknown"),
        (GOOD + "  secret: abc", "entry 1 (campus), secret: keep it out of this file"),
        (GOOD + "  claims: {email: 1}", "entry 1 (campus), claims.email: Expected str, got int"),
        (GOOD + "  kind: oauth1", "entry 1 (campus), kind: Invalid enum value"),
        (GOOD + "  algorithms: [HS256]", "entry 1 (campus), algorithms[0]"),
        (GOOD + "  scopes: [email]", "scopes: must contain openid"),
        (GOOD.replace("https:", "http:"), "issuer: is invalid"),
        (GOOD.replace("name: campus", "name: saml"), "name: is part of addresses"),
        (GOOD.replace("North Campus", "''"), "title: is blank"),
        (GOOD.replace("CAMPUS_SECRET", "NO_SUCH"), "the variable NO_SUCH is not set"),
        (GOOD + GOOD, "entry 2 (campus), name: another entry has the same name"),
        (SAML.replace("idp.pem", "none.pem"), "certificate_file: can't be read"),
        (GOOD + "  kind: saml", "saml: is missing"),
    ],
)
def test_each_problem_has_its_place_and_remedy(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ProvidersInvalid) as invalid:
        read(tmp_path, text, CAMPUS_SECRET="s3cret")
    assert problem in str(invalid.value)
    assert "s3cret" not in str(invalid.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProvidersInvalid, match="correct MATRICULA_SIGN_ON"):
        read_providers(tmp_path / "none.yaml", {})


def provider(**more: Any) -> Provider:
    return Provider(name="campus", title="Campus", **more)


@pytest.mark.parametrize(
    ("said", "domains", "email"),
    [
        (True, (), "a@north.org"),
        ("true", (), "a@north.org"),
        (["1"], (), "a@north.org"),
        ("perhaps", ("north.org",), None),
        (False, ("north.org",), None),
        ("false", ("north.org",), None),
        (None, (), None),
        (None, ("north.org",), "a@north.org"),
        (None, ("org",), None),
        (1, ("north.org",), None),
    ],
)
def test_whose_address_is_verified(said: Any, domains: tuple[str, ...], email: str | None) -> None:
    claims = {"email": "a@north.org"} | ({} if said is None else {"email_verified": said})
    person = read_person(provider(verified_domains=domains), "s", claims)
    assert (person.email, person.unverified) == (email, email is None)


@pytest.mark.parametrize(
    ("preferred", "email", "first"),
    [
        ("alma", "x@y.org", "alma"),
        ("alma@north.org", None, "alma"),
        ("Alma  Paz,", None, "Alma-Paz"),
        (None, "paz@y.org", "paz"),
        ("a\x00b", "paz@y.org", "paz"),
        ("@", None, None),
        (7, None, None),
    ],
)
def test_the_usernames_that_are_tried(preferred: Any, email: str | None, first: str | None) -> None:
    usernames = read_person(provider(), "s", {"preferred_username": preferred, "email": email}).usernames
    assert usernames[:2] == (() if first is None else (first, f"{first}-2"))


def test_attributes_of_saml_are_lists() -> None:
    said = {"email": ["a@north.org"], "given_name": ["A", "B"], "amr": ["mfa"]}
    person = read_person(provider(verified_domains=("NORTH.org",), second_factor=("mfa",)), "s", said)
    assert (person.email, person.first_name, person.second_factor) == ("a@north.org", "", True)
