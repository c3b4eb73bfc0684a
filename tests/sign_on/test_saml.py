"""SAML, as far as it goes without a network: the metadata, the request, and signed responses."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client as HttpClient

from matricula.models import ExternalLogin
from tests.conftest import World

utils = pytest.importorskip("onelogin.saml2.utils")
US, IDP = "http://localhost/account/sign-on/saml/federation", "https://idp.example.org"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
FILE = f"""
- name: federation
  title: Federation
  kind: saml
  saml: {{entity_id: {IDP}, sso_url: {IDP}/sso, certificate_file: idp.pem}}
  claims: {{email: mail}}
  verified_domains: [example.org]
"""
RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="{now}"
 Destination="{us}/acs/" InResponseTo="{asked}"><saml:Issuer>{idp}</saml:Issuer><samlp:Status><samlp:StatusCode
 Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}</samlp:Response>"""
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"
 IssueInstant="{now}"><saml:Issuer>{idp}</saml:Issuer><saml:Subject><saml:NameID Format="{form}">{subject}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{later}" Recipient="{us}/acs/" InResponseTo="{asked}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{now}" NotOnOrAfter="{later}"><saml:AudienceRestriction><saml:Audience>{us}/metadata/
</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{now}"
 SessionIndex="1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password
</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute
 Name="mail"><saml:AttributeValue>sam@example.org</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
</saml:Assertion>"""


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    """The provider's private key and its certificate."""
    private = rsa.generate_private_key(65537, 2048)
    name, now, day = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")]), datetime.now(UTC), timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, builder.sign(private, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture
def federation(settings: Any, tmp_path: Path, key: tuple[str, str]) -> Callable[..., str]:
    """Makes a signed response."""
    (tmp_path / "providers.yaml").write_text(FILE)
    (tmp_path / "idp.pem").write_text(key[1])
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, sign_on=tmp_path / "providers.yaml")

    def respond(asked: str, form: str = PERSISTENT, tampered: bool = False) -> str:
        now = datetime.now(UTC)
        values = {"now": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}", "us": US, "idp": IDP, "asked": asked}
        values |= {"later": f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}", "form": form, "subject": "p-1"}
        assertion = ASSERTION.format(**values).replace("/metadata/\n", "/metadata/").replace("Password\n", "Password")
        signed = utils.OneLogin_Saml2_Utils.add_sign(assertion, *key).decode()
        if tampered:
            signed = signed.replace("sam@", "staff@")
        return base64.b64encode(RESPONSE.format(**values, assertion=signed).encode()).decode()

    return respond


def begin(http: HttpClient) -> str:
    """The id of the request with which we lead to the provider."""
    where = http.get("/account/sign-on/federation/")["Location"]
    assert where.startswith(f"{IDP}/sso?")
    asked = zlib.decompress(base64.b64decode(parse_qs(urlsplit(where).query)["SAMLRequest"][0]), -15).decode()
    return asked.split(' ID="')[1].split('"')[0]


def come_back(http: HttpClient, response: str) -> Any:
    path = urlsplit(US).path
    answer = http.post(f"{path}/acs/", {"SAMLResponse": response})
    assert answer.status_code == 302
    return http.get(answer["Location"])


def is_in(http: HttpClient) -> bool:
    return "_auth_user_id" in http.session


def test_metadata(world: World, federation: Callable[..., str]) -> None:
    answer = HttpClient(headers={"Host": "localhost"}).get(f"{urlsplit(US).path}/metadata/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert f'Location="{US}/acs/"' in answer.content.decode()
    assert HttpClient(headers={"Host": "localhost"}).get("/account/sign-on/saml/other/metadata/").status_code == 404


def test_a_signed_response_logs_in_once(world: World, federation: Callable[..., str]) -> None:
    http = HttpClient(headers={"Host": "localhost"})
    response = federation(begin(http))
    assert come_back(http, response).status_code == 302
    assert is_in(http)
    assert ExternalLogin.objects.get().subject == "p-1"
    # again, in this browser and in another one
    for other in (http, HttpClient(headers={"Host": "localhost"})):
        other.post("/logout/")
        assert come_back(other, response).status_code in {401, 403}
        assert not is_in(other)


@pytest.mark.parametrize("wrong", ["tampered", "transient", "another request", "no request"])
def test_other_responses_dont(wrong: str, world: World, federation: Callable[..., str]) -> None:
    http = HttpClient(headers={"Host": "localhost"})
    asked = begin(http)
    response = {
        "tampered": lambda: federation(asked, tampered=True),
        "transient": lambda: federation(asked, form=PERSISTENT.replace("persistent", "transient")),
        "another request": lambda: federation("_another"),
        "no request": lambda: federation(""),
    }[wrong]()
    assert come_back(http, response).status_code in {401, 403}
    assert not is_in(http) and not ExternalLogin.objects.exists()
