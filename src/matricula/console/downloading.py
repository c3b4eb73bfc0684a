"""Lists of pages as files: the same address with ``?download=``, and so the same rights, filters and order."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.disclosing import DOWNLOAD, answer_export, form_of
from matricula.disclosures.writes import Contents
from matricula.listings.exports import Listed
from matricula.tabular.exports import Export
from matricula.tabular.forms import Form

register = template.Library()
# where in a list a page is; a file has all of it
_PAGING = frozenset({"page", "after", "before", DOWNLOAD})
_FORMS = {
    Form.CSV: gettext_lazy("CSV"),
    Form.EXCEL_CSV: gettext_lazy("CSV for Excel"),
    Form.WORKBOOK: gettext_lazy("Excel workbook"),
}


@dataclass(frozen=True, slots=True)
class ListFile:
    """The list of a page as a file; ``stem``: its name without its end."""

    stem: str
    contents: Contents
    export: Export
    stored: Listed | None = None


def reads(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Above the decorators of ``pages``, instead of ``require_GET``: forms are sent to the page only for its file."""

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and not (request.method == "POST" and form_of(request)):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view(request, *args, **kwargs)

    return read


def with_file(make: Callable[..., ListFile | None]) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """Beneath the decorators of ``pages``: with ``?download=``, the list that ``make`` gives for the arguments of the
    view is answered as a file. None: the page says why there is none.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(request: HttpRequest, caller: Caller, *args: Any, **kwargs: Any) -> HttpResponseBase:
            file = make(request, caller, *args, **kwargs) if form_of(request) else None
            if file is None:
                return view(request, caller, *args, **kwargs)
            return answer_export(request, caller, file.export, file.contents, file.stem, stored=file.stored)

        return page

    return decorate


@register.inclusion_tag("matricula/_downloads.html", takes_context=True)
def downloads(context: template.Context, address: str = "", label: str = "") -> dict[str, object]:
    """The menu of the forms of a list, with the filters of the page; ``address``: that of the file, where it is
    another one.
    """
    request: HttpRequest = context["request"]
    kept = inputs.all_but(request.GET, *_PAGING)
    path = address or request.path
    begun = f"{path}{'&' if '?' in path else '?'}"
    forms = [(words, begun + urlencode({**kept, DOWNLOAD: form.value})) for form, words in _FORMS.items()]
    return {"label": label or _("Download"), "forms": forms}
