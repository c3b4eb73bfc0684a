"""All contracts, and the addresses that belong to none of them: the API's document, and files behind signed links."""

import re
from collections.abc import Mapping
from functools import cache

from django.http import HttpResponse

from matricula.rest import files
from matricula.rest.checks import guard_open
from matricula.rest.contracts.browsers import urls as browsers
from matricula.rest.contracts.dashboard import urls as dashboard
from matricula.rest.contracts.enrollment_v2 import urls as enrollment_v2
from matricula.rest.contracts.record import urls as record
from matricula.rest.contracts.registrar import urls as registrar
from matricula.rest.contracts.v1_enrollment import urls as v1_enrollment
from matricula.rest.endpoint import NOTHING, Address, Contract, Endpoint, PlainCall, encode, in_query
from matricula.rest.errors import ERROR, ErrorObject
from matricula.rest.openapi import make_document

SIGNED_LINK = "signed link"
OPEN = "open"
# before the Enrollment API: it would take what the dashboard modifies for a person
CONTRACTS = (
    dashboard.CONTRACT,
    enrollment_v2.CONTRACT,
    registrar.CONTRACT,
    record.CONTRACT,
    v1_enrollment.CONTRACT,
    browsers.CONTRACT,
)


@cache
def _document() -> bytes:
    return encode(make_document(ADDRESSES, ABOUT))


def openapi_document(_call: PlainCall) -> HttpResponse:
    """200: the OpenAPI 3.1 document of these very tables."""
    return HttpResponse(_document(), content_type="application/json")


DOCUMENT = Address(
    template="/api/openapi.json",
    pattern=re.compile(r"/api/openapi\.json"),
    guard=guard_open,
    methods={"GET": Endpoint(openapi_document, NOTHING, "This document", OPEN, {200: None}, errors=(405,))},
    tag="Documentation",
    error=ERROR,
)
FILES = Address(
    template="/api/files/{file}",
    pattern=re.compile(r"/api/files/(?P<file>.+)", re.DOTALL),
    guard=guard_open,
    methods={
        "GET": Endpoint(
            files.get_file,
            in_query(files.FileQuery),
            "A file of a job or a report, by the signed link to it",
            SIGNED_LINK,
            {200: None, 400: None, 403: None, 404: None, 503: None},
            errors=(405,),
            answer_media={200: "application/octet-stream", **dict.fromkeys((400, 403, 404, 503), "text/plain")},
        )
    },
    tag="Files",
    error=ERROR,
    parameters={
        "file": {
            "schema": {"type": "string", "minLength": 1},
            "description": "The name of the file; can contain slashes.",
        }
    },
)
ADDRESSES = (*(address for contract in CONTRACTS for address in contract.addresses), DOCUMENT, FILES)
ABOUT = tuple(contract.about for contract in CONTRACTS if contract.about)


def _contract_of(path: str) -> Contract | None:
    return next((c for c in CONTRACTS if c.bases.fullmatch(path)), None)


def error_of(path: str) -> ErrorObject:
    """The error object of the contract to which a path belongs; below ``/api/``, others get the Enrollment API's."""
    contract = _contract_of(path)
    return contract.error if contract else ERROR


def headers_of(path: str) -> Mapping[str, str]:
    """What the contract to which a path belongs has on each of its answers."""
    contract = _contract_of(path)
    return contract.headers if contract else {}
