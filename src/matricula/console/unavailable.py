"""What a page can't do just now, shown as a page with its reason and when to try again."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from matricula.console.arrival import FOR_PROGRAMS
from matricula.foundation import busy
from matricula.foundation.busy import is_busy
from matricula.foundation.files import StorageFailed
from matricula.jobs import limits
from matricula.jobs.limits import TooManyJobs

_log = structlog.get_logger("matricula.console")
RETRY_SECONDS = 60


class UnavailableMiddleware:
    """Answers 503 where the file storage fails or the database keeps waiting, and 429 where a reader has too many jobs,
    whichever page it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page that says so; None for every other exception."""
        if isinstance(exception, StorageFailed):
            _log.error("storage_failed", error=str(exception))
            text = _("The file storage is not responding. Try again in a minute.")
            return _unavailable(request, 503, text, RETRY_SECONDS)
        if isinstance(exception, TooManyJobs):
            text = _("You have %(limit)s unfinished jobs, the most allowed. Wait until one has ended, or cancel one.")
            return _unavailable(request, 429, text % {"limit": exception.limit}, limits.RETRY_SECONDS)
        if is_busy(exception):
            _log.warning("database_busy", error=type(exception.__cause__).__name__)
            text = _(
                "Another change to the same data is taking too long. Nothing was changed. Try again in a few seconds."
            )
            return _unavailable(request, 503, text, busy.RETRY_SECONDS)
        return None


def _unavailable(request: HttpRequest, status: int, text: str, seconds: int) -> HttpResponse:
    answer: HttpResponse
    if request.path_info.startswith(FOR_PROGRAMS):
        answer = JsonResponse({"error": "temporarily_unavailable", "error_description": text}, status=status)
    else:
        answer = _page(request, status, text)
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(request: HttpRequest, status: int, text: str) -> HttpResponse:
    return render(request, "matricula/unavailable.html", {"text": text, "jobs": status == 429}, status=status)
