"""OpenID Connect: what is asked of a provider, and which of its answers are believed.

allauth goes the way (state, PKCE, code, tokens). Added here: a nonce, the signature of the ID token, the issuer, and
that both answers are about one person. What a link brings (scopes, parameters) is not passed on.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from matricula.access.issuers.keys import Key, read_keys
from matricula.console import inputs
from matricula.foundation.addresses import public_root
from matricula.identity.providers.reading import Provider

LEEWAY = 60
"""Seconds that the clock of a provider may be off."""
_WELL_KNOWN = "/.well-known/openid-configuration"
# seconds for which its addresses are remembered, in each process
_FRESH = 600
_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]


class _Document(msgspec.Struct, frozen=True):
    """What a provider says about itself, as far as it is needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    # what the specification says it is where it isn't there
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class OpenIdProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """A provider, as allauth asks for it."""

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Where to go afterwards, and nothing else that an address says."""
        found = super().get_redirect_from_request_kwargs(request)
        return {"process": "login", "next_url": found.get("next_url")}

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **_: Any
    ) -> HttpResponse:
        """To the provider. The nonce is kept beside the state, in the session."""
        nonce = secrets.token_urlsafe(32)
        return super().redirect(  # type: ignore[no-any-return]
            request, process, next_url, data, auth_params={"nonce": nonce}, nonce=nonce
        )

    def get_oauth2_adapter(self, request: HttpRequest) -> "OpenIdWire":
        """The one below."""
        return OpenIdWire(request, self.app.provider_id)

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """The subject: it stays, whatever else changes."""
        return str(data["subject"])

    def extract_common_fields(self, _data: Any) -> dict[str, Any]:
        """Nothing: allauth makes no account."""
        return {}

    def extract_email_addresses(self, _data: Any) -> list[Any]:
        """None: allauth knows no addresses."""
        return []


class OpenIdWire(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The requests to a provider. Errors: ``OAuth2Error``, ``requests.RequestException``."""

    @property
    def _provider(self) -> Provider:
        found: Provider = self.get_provider().app.settings["provider"]
        return found

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says about itself."""
        provider = self._provider
        key = f"matricula.sign_on.{provider.name}.{provider.issuer}"
        found: dict[str, Any] | None = cache.get(key)
        if found is None:
            found = self._read_document(provider)
            cache.set(key, found, _FRESH)
        return found

    def _read_document(self, provider: Provider) -> dict[str, Any]:
        content = self._get(provider.issuer.rstrip("/") + _WELL_KNOWN)
        try:
            document = msgspec.json.decode(content, type=_Document)
        except msgspec.DecodeError as error:
            raise OAuth2Error("the document of the provider is invalid") from error
        if document.issuer != provider.issuer:
            raise OAuth2Error("the document is another issuer's")
        return msgspec.structs.asdict(document)

    @property
    def basic_auth(self) -> bool:
        """Whether the secret goes into the header."""
        methods = self.openid_config["token_endpoint_auth_methods_supported"]
        return bool(self._provider.secret) and "client_secret_post" not in methods

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        """The address to which the provider sends people back."""
        return public_root(request) + reverse("sign_on_callback", args=[self.provider_id])

    def complete_login(self, request: HttpRequest, _app: SocialApp, token: Any, **rest: Any) -> Any:
        """The login that allauth goes on with."""
        id_token = rest["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("there is no ID token")
        said = self._verify(id_token)
        if inputs.is_given(request.GET, "iss") and inputs.as_typed(request.GET, "iss") != said["iss"]:
            # RFC 9207: another provider's answer
            raise OAuth2Error("the answer is another issuer's")
        if address := self.openid_config["userinfo_endpoint"]:
            said = {**self._read_userinfo(address, token.token, said["sub"]), **said}
        return self.get_provider().sociallogin_from_response(request, {"claims": said, "subject": said["sub"]})

    def _verify(self, id_token: str) -> dict[str, Any]:
        provider = self._provider
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            keys = self._keys(provider)
            named = [key for key in keys if kid is None or key.id in {None, kid}]
            for key in named:
                try:
                    return self._decode(id_token, key, provider)
                except jwt.InvalidSignatureError:
                    continue
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise OAuth2Error("the ID token is invalid") from error
        raise OAuth2Error("the ID token has another signature")

    @staticmethod
    def _decode(id_token: str, key: Key, provider: Provider) -> dict[str, Any]:
        said: dict[str, Any] = jwt.decode(
            id_token,
            key.key,
            list(key.algorithms),
            {"require": _REQUIRED, "verify_jti": False},
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
        )
        if said.get("azp", provider.client_id) != provider.client_id:
            raise jwt.InvalidAudienceError
        return said

    def _keys(self, provider: Provider) -> tuple[Key, ...]:
        # fetched for each login: a key that was withdrawn is no key any more
        return read_keys(self._get(self.openid_config["jwks_uri"]), provider.algorithms)

    def _read_userinfo(self, address: str, access_token: str, subject: str) -> dict[str, Any]:
        content = self._get(address, {"Authorization": f"Bearer {access_token}"})
        try:
            said = msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise OAuth2Error("the user info is no JSON object") from error
        if said.get("sub") != subject:
            raise OAuth2Error("the user info is about someone else")
        return said

    @staticmethod
    def _get(address: str, headers: Mapping[str, str] | None = None) -> bytes:
        with get_adapter().get_requests_session() as session:
            answer = session.get(address, headers=headers)
            answer.raise_for_status()
            content: bytes = answer.content
            return content


def is_nonce_of(claims: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Whether the ID token was made for the request of this browser."""
    said, asked = claims.get("nonce"), state.get("nonce")
    return isinstance(said, str) and isinstance(asked, str) and hmac.compare_digest(said.encode(), asked.encode())


def end_session_address(request: HttpRequest, provider: Provider, back: str) -> str | None:
    """Where to log out at the provider too; None where it has no such address. Errors: as those of ``OpenIdWire``.

    Without the ID token, which has names and addresses in it: it would be in logs of others. The provider asks back.
    """
    address = OpenIdWire(request, provider.name).openid_config["end_session_endpoint"]
    if not address:
        return None
    asked = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
