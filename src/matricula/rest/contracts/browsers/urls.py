"""The addresses that front ends in a browser call before all others: the CSRF token, the login cookie, accounts."""

import re
from collections.abc import Mapping
from typing import Any

from matricula.rest.checks import guard_open
from matricula.rest.contracts.browsers import accounts, schemas, sessions
from matricula.rest.contracts.browsers.guard import (
    GLOBAL_STAFF,
    HAS_SESSION,
    OWN_OR_STAFF,
    guard_caller,
    guard_global_staff,
    guard_session,
)
from matricula.rest.endpoint import NOTHING, Address, AnyEndpoint, Contract, Endpoint, in_query
from matricula.rest.errors import ERROR
from matricula.rest.parsing import LINE_PATTERN

OPEN = "open"
_PICTURE = {f"image_url_{size}": "/static/matricula/person.svg" for size in ("full", "large", "medium", "small")}
_EXAMPLE = {
    "username": "sam",
    "name": "Sam Rivera",
    "email": "sam@example.org",
    "profile_image": {"has_image": False, **_PICTURE},
}
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "username": {
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": LINE_PATTERN},
        "description": "URL-encoded; case is ignored.",
        "example": "sam",
    }
}


def _address(template: str, guard: Any, methods: Mapping[str, AnyEndpoint], pattern: str = "") -> Address:
    return Address(
        template=template,
        pattern=re.compile((pattern or re.escape(template)) + "/?", re.DOTALL),
        guard=guard,
        methods=methods,
        tag="Front ends",
        error=ERROR,
        parameters=_PARAMETERS if pattern else {},
    )


BROWSER_ADDRESSES: tuple[Address, ...] = (
    _address(
        "/csrf/api/v1/token",
        guard_open,
        {
            "GET": Endpoint(
                sessions.get_csrf_token,
                NOTHING,
                "Get a CSRF token, and the cookie that belongs to it",
                OPEN,
                {200: schemas.CsrfToken},
                errors=(405,),
                description="Writing requests of a session send the token in the header X-CSRFToken.",
            )
        },
    ),
    _address(
        "/login_refresh",
        guard_session,
        {
            "POST": Endpoint(
                sessions.refresh_login,
                NOTHING,
                "Set the cookie that shows scripts who is logged in",
                HAS_SESSION,
                {200: schemas.LoginRefreshed},
                errors=(401, 405, 429),
                description="The cookie edx-jwt-cookie-header-payload: a JWT without a signature. It gives no "
                "permission. No CSRF token is needed.",
                answer_examples={200: {"response_epoch_seconds": 1795780800}},
                session_only=True,
            )
        },
    ),
    _address(
        "/api/user/v1/accounts",
        guard_global_staff,
        {
            "GET": Endpoint(
                accounts.find_accounts,
                in_query(schemas.AccountsQuery),
                "Look up an account by its email address or username",
                GLOBAL_STAFF,
                {200: list[schemas.AccountShown]},
                description="Exactly one of the two parameters is required.",
                answer_examples={200: [_EXAMPLE]},
            )
        },
    ),
    _address(
        "/api/user/v1/accounts/{username}",
        guard_caller,
        {
            "GET": Endpoint(
                accounts.get_account,
                NOTHING,
                "Get an account: your own, or any for global staff",
                OWN_OR_STAFF,
                {200: schemas.AccountShown},
                errors=(401, 403, 404, 405, 429),
                description="The account of someone else is 404 for all but global staff, like an unknown one.",
                answer_examples={200: _EXAMPLE},
            )
        },
        pattern=r"/api/user/v1/accounts/(?P<username>.+?)",
    ),
)
CONTRACT = Contract(
    bases=re.compile(r"/csrf/api(/.*)?|/login_refresh/?|/api/user/v1(/.*)?", re.DOTALL),
    error=ERROR,
    addresses=BROWSER_ADDRESSES,
)
