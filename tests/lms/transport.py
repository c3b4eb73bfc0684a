"""The test LMS without a network: what ``httpx`` sends is answered in this process."""

import httpx

from tests.lms.answers import Asked, answer
from tests.lms.state import State


class InProcess(httpx.BaseTransport):
    """Hands requests to the LMS; a ``delay`` beyond the time limit of the call ends it, without waiting."""

    def __init__(self, state: State) -> None:
        self.state = state

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        headers = {name.lower(): value for name, value in request.headers.items()}
        base = f"{request.url.scheme}://{request.url.netloc.decode()}"
        asked = Asked(request.method, path, dict(request.url.params), headers, request.read(), base)
        reply = answer(self.state, asked)
        if reply.delay > request.extensions["timeout"]["read"]:
            raise httpx.ReadTimeout("the LMS took too long", request=request)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.content)
