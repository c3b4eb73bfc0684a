"""SAML, with the extra ``saml``: allauth and python3-saml do the work; here is whom a response is about.

Responses have to answer a request of this browser, their assertions have to be signed.
"""

from importlib.util import find_spec
from typing import Any

from allauth.socialaccount.providers.saml.provider import SAMLProvider

from matricula.identity.providers.reading import Provider

INSTALLED = find_spec("onelogin") is not None
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
# of someone without a subject that stays
_NO_SUBJECT = "-"


class SamlProvider(SAMLProvider):  # type: ignore[misc]
    """A provider, as allauth asks for it."""

    def extract_uid(self, data: Any) -> str:
        """The subject; see ``subject_of``."""
        return subject_of(self.app.settings["provider"], data) or _NO_SUBJECT

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        """The attributes, each a list, and the subject."""
        return {"claims": data.get_attributes(), "subject": subject_of(self.app.settings["provider"], data)}

    def extract_common_fields(self, _data: Any) -> dict[str, Any]:
        """Nothing: allauth makes no account."""
        return {}


def subject_of(provider: Provider, response: Any) -> str | None:
    """Return the attribute that the file names, or else a persistent NameID.

    None for any other NameID: a transient one is another each time, and an address may become someone else's.
    """
    if provider.claims.subject:
        values = response.get_attributes().get(provider.claims.subject) or []
        return values[0] if len(values) == 1 and isinstance(values[0], str) and values[0] else None
    return response.get_nameid() or None if response.get_nameid_format() == _PERSISTENT else None


def saml_settings(provider: Provider) -> dict[str, Any]:
    """Return allauth's settings of a provider."""
    if provider.saml is None:
        return {}
    return {
        "idp": {
            "entity_id": provider.saml.entity_id,
            "sso_url": provider.saml.sso_url,
            "x509cert": provider.certificate,
        },
        "advanced": {
            "strict": True,
            "want_assertion_signed": True,
            "reject_idp_initiated_sso": True,
            "reject_deprecated_algorithm": True,
            # a host name alone is one in tests and in the networks of institutions
            "allow_single_label_domains": True,
            **({} if provider.claims.subject else {"name_id_format": _PERSISTENT}),
        },
    }
