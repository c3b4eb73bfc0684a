"""What uvicorn serves."""

from typing import Any

# Django is ready once this is there, and the tables can be imported
from matricula.wsgi import application as pages


def application() -> Any:
    """The front around Django."""
    from django.conf import settings  # noqa: PLC0415

    from matricula.foundation.tracing import begin_tracing  # noqa: PLC0415
    from matricula.rest.trusted import begin_fetches  # noqa: PLC0415
    from matricula.server.front import Front  # noqa: PLC0415

    begin_tracing(settings.ENVIRONMENT.traces_url, "matricula-web")
    begin_fetches()
    return Front(pages)
