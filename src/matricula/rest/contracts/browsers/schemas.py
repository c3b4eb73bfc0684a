"""What front ends read before they show anything: a CSRF token, a login, accounts."""

from typing import Annotated

import msgspec
from msgspec import Meta

from matricula.rest.pictures import ProfileImage

Line = Annotated[str, Meta(max_length=255, extra_json_schema={"pattern": r"^[^\x00]*$"})]


class CsrfToken(msgspec.Struct, rename="camel"):
    """What writing requests of a session send back in the header X-CSRFToken."""

    csrf_token: str


class LoginRefreshed(msgspec.Struct):
    """When the cookie was set, by the clock of the server."""

    response_epoch_seconds: int


class AccountShown(msgspec.Struct):
    """An account, as far as front ends show it."""

    username: str
    name: str
    email: str
    profile_image: ProfileImage


class AccountsQuery(msgspec.Struct):
    """Which account: by one of the two."""

    email: Annotated[Line | None, Meta(description="The whole address; case is ignored.")] = None
    username: Annotated[Line | None, Meta(description="The whole username; case is ignored.")] = None
