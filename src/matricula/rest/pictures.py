"""The picture of a person in answers."""

import msgspec
from django.http import HttpRequest
from django.templatetags.static import static

from matricula.foundation.addresses import public_root


class ProfileImage(msgspec.Struct):
    """A person's picture; the site's plain one, as accounts hold none."""

    has_image: bool
    image_url_full: str
    image_url_large: str
    image_url_medium: str
    image_url_small: str


def plain_picture(request: HttpRequest) -> ProfileImage:
    """The plain one, by its absolute address."""
    url = public_root(request) + static("matricula/person.svg")
    return ProfileImage(
        has_image=False, image_url_full=url, image_url_large=url, image_url_medium=url, image_url_small=url
    )
