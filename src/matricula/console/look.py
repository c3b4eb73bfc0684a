"""How pages look: their icons, the place in the navigation, and whether they are light or dark."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from matricula.console import inputs

register = template.Library()
THEME_COOKIE = "theme"
THEMES = ("light", "dark")
_YEAR = 365 * 24 * 3600


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a picture of the sprite (``locks/vendor.json`` lists them); the words beside it say what it means."""
    return format_html(
        '<svg class="icon" width="18" height="18" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def current(context: Any, *addresses: str) -> str:
    """Mark a link of the navigation, to the first address: its page is shown, or a page below any of them."""
    path = context["request"].path
    if path == addresses[0]:
        return mark_safe(' aria-current="page"')
    return mark_safe(' aria-current="true"') if path.startswith(addresses) else ""


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keeps in this browser whether pages are light or dark; anything else: as its system is."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    wanted = inputs.choice(request.POST, "theme", THEMES)
    if wanted:
        secure = settings.SESSION_COOKIE_SECURE
        answer.set_cookie(THEME_COOKIE, wanted, max_age=_YEAR, secure=secure, samesite="Lax", httponly=True)
    else:
        answer.delete_cookie(THEME_COOKIE)
    return answer
