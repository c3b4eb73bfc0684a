"""Traces for OpenTelemetry (``MATRICULA_TRACES_URL``, extra ``tracing``); if they are off, nothing is loaded or made.

Attributes are route templates, ids, numbers, and statements without their parameters: no span names a person. Messages
of exceptions can, so of an exception only its type is kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

_LONGEST_STATEMENT = 2_000
_state: dict[str, Any] = {"tracer": None}


class NoSpan:
    """A span that no one wants."""

    def set_attribute(self, name: str, value: Any) -> None:
        """Nothing is kept."""

    def end(self) -> None:
        """It never began."""


_NO_SPAN = NoSpan()


def is_installed() -> bool:
    """Return whether the extra ``tracing`` is installed."""
    try:
        return find_spec("opentelemetry.sdk") is not None and find_spec("opentelemetry.exporter.otlp") is not None
    except ModuleNotFoundError:
        return False


def begin_tracing(url: str | None, service: str, processor: Any = None) -> None:
    """From now on this process makes spans and sends them to ``url``, or hands them to ``processor``; with neither,
    it makes none.
    """
    if url is None and processor is None:
        _state["tracer"] = None
        return
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    found = version("matricula")
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": found}))
    provider.add_span_processor(processor or _sender(url))
    _state["tracer"] = provider.get_tracer("matricula", found)


def _sender(url: str | None) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=url))


def is_tracing() -> bool:
    """Return whether this process makes spans."""
    return _state["tracer"] is not None


@contextmanager
def span(name: str, *, is_client: bool = False, is_server: bool = False, **attributes: Any) -> Iterator[Any]:
    """A span for what is done within; ``a_b`` among the attributes is ``a.b``."""
    tracer = _state["tracer"]
    if tracer is None:
        yield _NO_SPAN
        return
    from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415

    kind = SpanKind.SERVER if is_server else SpanKind.CLIENT if is_client else SpanKind.INTERNAL
    with tracer.start_as_current_span(
        name, kind=kind, attributes=_named(attributes), record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_attribute("error.type", type(error).__name__)
            made.set_status(StatusCode.ERROR)
            raise


def begin_span(name: str, **attributes: Any) -> Any:
    """Return a span for what goes on beside other things, such as a stream; its ``end`` has to be called."""
    tracer = _state["tracer"]
    return _NO_SPAN if tracer is None else tracer.start_span(name, attributes=_named(attributes))


def trace_id() -> str | None:
    """Return the id of the trace to which what is done now belongs, as tools show it; None outside of traces."""
    if _state["tracer"] is None:
        return None
    from opentelemetry.trace import format_trace_id, get_current_span  # noqa: PLC0415

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def trace_statement(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """What Django calls around each statement: within a trace, a span with its text, in which parameters are places.

    What a worker asks each second, whether there is something to do, is no trace of its own.
    """
    if trace_id() is None:
        return execute(sql, params, many, context)
    with span("statement", is_client=True, **statement_attributes(sql)):
        return execute(sql, params, many, context)


def statement_attributes(sql: Any) -> dict[str, Any]:
    """Return what a span says about a statement; nothing of one that was put together with its values."""
    text = sql if isinstance(sql, str) else ""
    return {"db_system_name": "postgresql", "db_query_text": " ".join(text.split())[:_LONGEST_STATEMENT]}


def _named(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in attributes.items() if value is not None}
