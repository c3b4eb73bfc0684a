"""Which ways to a token there are: a client's secret, a person's consent, and a refresh token; no other."""

from typing import Any

from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    ResourceEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)


class Server(AuthorizationEndpoint, TokenEndpoint, ResourceEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The library's endpoints with three grants. With the others, a client could guess at people's passwords, or a
    token would be in an address.
    """

    def __init__(
        self,
        request_validator: Any,
        token_expires_in: Any = None,
        token_generator: Any = None,
        refresh_token_generator: Any = None,
        **_: Any,
    ) -> None:
        code = AuthorizationCodeGrant(request_validator)
        bearer = BearerToken(request_validator, token_generator, token_expires_in, refresh_token_generator)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", response_types={"code": code}, default_token_type=bearer
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="client_credentials",
            grant_types={
                "client_credentials": ClientCredentialsGrant(request_validator),
                "authorization_code": code,
                "refresh_token": RefreshTokenGrant(request_validator),
            },
            default_token_type=bearer,
        )
        kinds = {"Bearer": bearer}
        ResourceEndpoint.__init__(self, default_token=next(iter(kinds)), token_types=kinds)
        RevocationEndpoint.__init__(self, request_validator)
