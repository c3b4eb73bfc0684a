"""The OpenAPI 3.1 document, made from the address table and the types that parse and answer."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from matricula import __version__
from matricula.idempotency.rules import LONGEST_KEY
from matricula.rest.endpoint import Address, AnyEndpoint, Link
from matricula.rest.errors import STATUS_OF
from matricula.rest.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, REPLAYED
from matricula.rest.multipart import FORM

# a type that parses or answers → its place in the document
References = dict[Any, dict[str, Any]]

_REASONS = {
    200: "Done",
    201: "Created",
    202: "A background task was started",
    204: "Done",
    207: "Succeeded for some",
    304: "As it was: the ETag is in If-None-Match",
    400: "A parameter or a field is invalid",
    401: "Missing or invalid credentials",
    403: "Not allowed",
    404: "Not found",
    405: "The method isn't allowed here",
    406: "There is no such account, or it isn't active",
    409: "Another write job is unfinished, or the first request with this Idempotency-Key is",
    412: "It was changed by others; nothing was done",
    413: "Too large",
    415: "Unsupported content type",
    422: "Succeeded for none, or this Idempotency-Key was sent with another request",
    429: "Too many requests",
    500: "Internal error",
    503: "The file storage is not responding",
}
_ABOUT = "The system of record for who is enrolled in which program and which course."
_TEMPLATE = "#/components/schemas/{name}"
_SCOPES = {"read": "Read enrollments", "write": "Change enrollments"}
_TAG_EXAMPLE = '"9f2c61f0b7a54d1e8c3a5b7d9e0f1a2b"'
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "Bearer", "required": True, "schema": {"type": "string"}}},
    405: {"Allow": {"description": "The allowed methods", "required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}},
    503: {"Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}},
}


_REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    IDEMPOTENCY_KEY: {
        "description": "Makes it safe to send the request again: for 24 hours it is answered as the first time.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[\\x21-\\x7e]+$"},
        "example": "0b1f4c1e-6f1d-4c7e-9a77-3f6d8f9b1c52",
    },
    IF_MATCH: {
        "description": "The ETag of what is changed, as you read it: 412 if it was changed since.",
        "schema": {"type": "string"},
        "example": _TAG_EXAMPLE,
    },
    IF_NONE_MATCH: {
        "description": "The ETag of what you have: 304 if it is as it was.",
        "schema": {"type": "string"},
        "example": _TAG_EXAMPLE,
    },
}
_REPLAYED = {
    "description": "true: the response to the first request with this Idempotency-Key",
    "schema": {"enum": ["true"]},
}
_ETAG = {"description": "Changes with each change", "required": True, "schema": {"type": "string"}}


def _with_words_in_place(components: dict[str, Any]) -> dict[str, Any]:
    """Closed vocabularies are where they are used, and not under a name of their own."""
    words = {_TEMPLATE.format(name=name): {"enum": s["enum"]} for name, s in components.items() if "enum" in s}

    def placed(part: Any) -> Any:
        if isinstance(part, list):
            return [placed(p) for p in part]
        if not isinstance(part, dict):
            return part
        own = {key: placed(value) for key, value in part.items()}
        return {**words[own.pop("$ref")], **own} if own.get("$ref") in words else own

    return {name: placed(schema) for name, schema in components.items() if "enum" not in schema}


def make_document(addresses: Sequence[Address], about: Sequence[str]) -> dict[str, Any]:
    """The whole document, with what there is to say about the contracts."""
    endpoints = [endpoint for address in addresses for endpoint in address.methods.values()]
    types = {
        kind
        for endpoint in endpoints
        for kind in (*endpoint.answers.values(), *_bodies(endpoint), endpoint.takes.query)
        if kind is not None
    } | {address.error.kind for address in addresses}
    ordered = sorted(types, key=repr)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
    components = _with_words_in_place(components)
    references = dict(zip(ordered, schemas, strict=True))
    paths = {
        address.template: {
            "parameters": _path_parameters(address),
            **{
                method.lower(): _operation(address, method, endpoint, references, components)
                for method, endpoint in address.methods.items()
            },
        }
        for address in addresses
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Matricula",
            "version": __version__,
            "description": " ".join((_ABOUT, *about)),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if not name.endswith("Query")},
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {"tokenUrl": "/oauth2/token/", "scopes": _SCOPES},
                        "authorizationCode": {
                            "authorizationUrl": "/oauth2/authorize/",
                            "tokenUrl": "/oauth2/token/",
                            "refreshUrl": "/oauth2/token/",
                            "scopes": _SCOPES,
                        },
                    },
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }


def _path_parameters(address: Address) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **address.parameters[name]}
        for name in re.findall(r"{(\w+)}", address.template)
    ]


def _operation(
    address: Address,
    method: str,
    endpoint: AnyEndpoint,
    references: References,
    components: dict[str, Any],
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint.handler.__name__, address),
        "summary": endpoint.summary,
        **({"description": endpoint.description} if endpoint.description else {}),
        "tags": [address.tag],
        "parameters": [*_query_parameters(endpoint, components), *_header_parameters(method, endpoint)],
        "responses": _responses(address, method, endpoint, references),
        "security": _security(method, endpoint),
    }
    body = endpoint.takes.body if endpoint.late_body is None else endpoint.late_body
    if body is not None:
        content = {"schema": references[body], **_example(endpoint.body_example)}
        operation["requestBody"] = {"required": True, "content": {endpoint.body_media: content}}
        if endpoint.form_body is not None:
            operation["requestBody"]["content"][FORM] = {"schema": references[endpoint.form_body]}
    return operation


def _bodies(endpoint: AnyEndpoint) -> tuple[Any, ...]:
    return endpoint.takes.body, endpoint.late_body, endpoint.form_body


def _operation_id(name: str, address: Address) -> str:
    return f"{name}_{address.version}" if address.version else name


def _example(example: Any) -> dict[str, Any]:
    return {} if example is None else {"example": example}


def _query_parameters(endpoint: AnyEndpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    if endpoint.takes.query is None:
        return []
    properties = components[endpoint.takes.query.__name__]["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema.get("description", ""),
            "schema": _without_null(schema),
        }
        for name, schema in properties.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query string can't carry null: the parameter is left out instead."""
    schema = {k: v for k, v in schema.items() if k != "description" and not (k == "default" and v is None)}
    if "enum" in schema:
        schema["enum"] = [word for word in schema["enum"] if word is not None]
    options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
    return {**(options[0] if options else {}), **schema}


def _header_parameters(method: str, endpoint: AnyEndpoint) -> list[dict[str, Any]]:
    names = [] if method == "GET" else [IDEMPOTENCY_KEY]
    if endpoint.held_state is not None:
        names.append(IF_MATCH)
    if endpoint.has_etag and method == "GET":
        names.append(IF_NONE_MATCH)
    return [{"name": name, "in": "header", "required": False, **_REQUEST_HEADERS[name]} for name in names]


def _errors(method: str, endpoint: AnyEndpoint) -> list[int]:
    """Return the statuses of errors: those of the endpoint, and those that headers bring."""
    found = [*endpoint.errors]
    if method != "GET":
        found += [400, 409, 422]
    if endpoint.held_state is not None:
        found.append(412)
    return [*dict.fromkeys(found), STATUS_OF["INTERNAL_ERROR"]]


def _add_header(response: dict[str, Any], name: str, about: Mapping[str, Any]) -> None:
    response["headers"] = {**response.get("headers", {}), name: about}


def _responses(address: Address, method: str, endpoint: AnyEndpoint, references: References) -> dict[str, Any]:
    responses = _answers(address, method, endpoint, references)
    for status in _errors(method, endpoint):
        schema = references[address.error.kind]
        if str(status) in responses:
            # of what became of the rows, and of a key that was sent with another request
            content = responses[str(status)]["content"]["application/json"]
            content["schema"] = {"anyOf": [content["schema"], schema]}
            continue
        responses[str(status)] = {
            "description": address.reasons.get(status, _REASONS[status]),
            "content": {"application/json": {"schema": schema}},
        }
        if status in _HEADERS:
            responses[str(status)]["headers"] = _HEADERS[status]
        if status in endpoint.without_body:
            del responses[str(status)]["content"]
    return responses


def _answers(address: Address, method: str, endpoint: AnyEndpoint, references: References) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in endpoint.answers.items():
        schema = {} if kind is None else references[kind]
        media = endpoint.answer_media.get(status, "application/json")
        content = {media: {"schema": schema, **_example(endpoint.answer_examples.get(status))}}
        if endpoint.has_csv:
            content["text/csv"] = {"schema": {"type": "string"}}
        responses[str(status)] = {"description": address.reasons.get(status, _REASONS[status]), "content": content}
        if status == HTTPStatus.ACCEPTED and endpoint.link is not None:
            responses[str(status)]["links"] = _links(address, endpoint.link)
        if status in endpoint.without_body:
            del responses[str(status)]["content"]
        if method != "GET":
            _add_header(responses[str(status)], REPLAYED, _REPLAYED)
        if endpoint.has_etag:
            _add_header(responses[str(status)], "ETag", _ETAG)
    if endpoint.has_etag and method == "GET":
        responses["304"] = {"description": _REASONS[304], "headers": {"ETag": _ETAG}}
    return responses


def _links(address: Address, link: Link) -> dict[str, Any]:
    operation = _operation_id(link.handler, address)
    return {link.name: {"operationId": operation, "parameters": dict(link.parameters)}}


def _security(method: str, endpoint: AnyEndpoint) -> list[dict[str, list[str]]]:
    if 401 not in endpoint.errors:
        return []
    if endpoint.session_only:
        return [{"session": []}]
    return [{"oauth2": ["read" if method == "GET" else "write"]}, {"session": []}]
