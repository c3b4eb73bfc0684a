"""Programs and their course runs (registrar-api: Addresses)."""

from urllib.parse import urlencode

from django.http import HttpResponse

from matricula.access.permissions import PERMISSIONS, READ_METADATA
from matricula.access.reads import Caller, ProgramAccess, holds_in_organization, list_programs_of
from matricula.catalog.reads import list_program_runs, organization_ids
from matricula.foundation.paging import Page, last_page, page_number, page_size
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.checks import public_root
from matricula.rest.contracts.registrar.schemas import (
    CourseRun,
    Program,
    ProgramPage,
    ProgramPageQuery,
    ProgramQuery,
)
from matricula.rest.endpoint import AnyCall, Call, PlainCall, answer_json
from matricula.rest.errors import BrokenRequest, Message, invalid_field

PAGE_SIZE = 100
LARGEST_PAGE = 1_000


def list_programs(call: Call[ProgramQuery, None]) -> HttpResponse:
    """200, an array."""
    return answer_json([_program(access) for access in _find_programs(call.signed_in, call.query)])


def list_program_pages(call: Call[ProgramPageQuery, None]) -> HttpResponse:
    """200 ProgramPage."""
    query = call.query
    size = _page_size(query.page_size)
    found = _find_programs(call.signed_in, query)
    pages = last_page(len(found), size)
    number = 1 if query.page is None else page_number(query.page)
    if number is None or number > pages:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("This page doesn't exist."))
    page = Page(number, size)
    return answer_json(
        ProgramPage(
            count=len(found),
            next=_page_url(call, number + 1) if number < pages else None,
            previous=_page_url(call, number - 1) if number > 1 else None,
            results=[_program(access) for access in found[page.offset : page.end]],
        )
    )


def get_program(call: PlainCall) -> HttpResponse:
    """200 Program."""
    return answer_json(_program(call.program))


def list_courses(call: PlainCall) -> HttpResponse:
    """200, an array in the program's order."""
    runs = list_program_runs(call.program.program.id)
    return answer_json([CourseRun(r.key, r.external_key, r.plain_title, r.url) for r in runs])


def _find_programs(caller: Caller, query: ProgramQuery) -> list[ProgramAccess]:
    """What the filters leave. Errors: 404 for an unknown organization or permission, 403 without a role in it."""
    permission = query.user_has_perm or READ_METADATA
    organization_id = _organization_id(query.org) if query.org else None
    if permission not in PERMISSIONS:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("This permission doesn't exist."))
    readable = list_programs_of(caller, READ_METADATA, organization_id)
    if organization_id is not None and not readable and not holds_in_organization(caller, organization_id):
        raise BrokenRequest(errors.PERMISSION_DENIED, Message("You don't have a role in this organization."))
    part = (query.program_title or "").casefold()
    return [a for a in readable if permission in a.permissions and part in a.program.title.casefold()]


def _organization_id(key: str) -> int:
    found = organization_ids([key]).get(key) if not holds_nul(key) else None
    if found is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no organization with this key."))
    return found


def _page_size(text: str | None) -> int:
    if text is None:
        return PAGE_SIZE
    size = page_size(text, LARGEST_PAGE)
    if size is None:
        raise invalid_field("page_size", "This must be a whole number from 1 to %(largest)s.", largest=LARGEST_PAGE)
    return size


def _page_url(call: AnyCall, page: int) -> str:
    asked = {name: call.request.GET[name] for name in call.request.GET if name != "page"}
    return f"{public_root(call)}{call.base}/programs/?{urlencode({**asked, 'page': page})}"


def _program(access: ProgramAccess) -> Program:
    facts = access.program
    return Program(facts.key, facts.title, facts.url, facts.type, sorted(access.permissions))
