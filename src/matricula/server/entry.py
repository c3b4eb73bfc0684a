"""What uvicorn serves."""

from typing import Any

# Django is ready once this is there, and the tables can be imported
from matricula.wsgi import application as pages


def application() -> Any:
    """The front around Django."""
    from matricula.rest.trusted import begin_fetches  # noqa: PLC0415
    from matricula.server.front import Front  # noqa: PLC0415

    begin_fetches()
    return Front(pages)
