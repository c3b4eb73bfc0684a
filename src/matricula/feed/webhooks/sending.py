"""Sending one delivery over HTTP: only to an address that was checked, and never for longer than it may take.

The name is looked up once; if one of its addresses isn't public, nothing is sent; else the connection goes to one of
the addresses that were checked, with the name in ``Host`` and in TLS. Redirects are not followed, and no proxy of the
environment is used. (record-api: Webhooks)
"""

import asyncio
import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import httpx

from matricula.feed.webhooks.addresses import IPAddress, all_public, ip_address_of
from matricula.feed.webhooks.statuses import TryError
from matricula.foundation.certificates import tls_context
from matricula.foundation.tracing import span

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
# of one address, where a name has several
_CONNECT_SECONDS = 4.0
_MOST_ADDRESSES = 4
AGENT = "Matricula-Webhooks/1"
# a host → its addresses, as a connection would try them. Errors: ``OSError``
Resolve = Callable[[str], Awaitable[Sequence[IPAddress]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; ``error`` None: it was delivered."""

    status: int | None
    error: TryError | None
    milliseconds: int


class _Failed(Exception):
    def __init__(self, error: TryError) -> None:
        super().__init__(error)
        self.error = error


async def send(
    url: str, headers: Mapping[str, str], body: bytes, *, resolve: Resolve, private: bool, seconds: float = SECONDS
) -> Outcome:
    """Post the body, and return what became of it; ``private``: also to addresses that aren't public.

    The status decides. Of the answer at most 64 KiB are read, so that an honest receiver can finish it; all together
    may take ``seconds``.
    """
    started, status = time.monotonic(), _Status()
    error: TryError | None
    target = httpx.URL(url)
    try:
        # never the path, which can have secrets in it
        with span("webhook", is_client=True, server_address=target.host) as made:
            async with asyncio.timeout(seconds):
                await _post(target, headers, body, resolve, private, status)
            made.set_attribute("http.response.status_code", status.code or 0)
        error = None
    except _Failed as failed:
        error = failed.error
    except TimeoutError:
        error = TryError.TIMEOUT
    if status.code is not None:
        # what comes after the status changes nothing about it
        error = None if 200 <= status.code < 300 else TryError.STATUS
    return Outcome(status.code, error, round((time.monotonic() - started) * 1000))


class _Status:
    """What the receiver answered, as soon as it is known."""

    code: int | None = None


async def _post(
    url: httpx.URL, headers: Mapping[str, str], body: bytes, resolve: Resolve, private: bool, status: _Status
) -> None:
    addresses = await _addresses(url.host, resolve)
    if not private and not all_public(addresses):
        raise _Failed(TryError.NOT_PUBLIC)
    sent = {**headers, "Host": url.netloc.decode("ascii"), "User-Agent": AGENT, "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(SECONDS, connect=_CONNECT_SECONDS)
    # a client of its own: a connection is verified for one name, and another name may lead to the same address
    async with httpx.AsyncClient(verify=tls_context(), trust_env=False, timeout=timeout) as client:
        unreachable = _Failed(TryError.CONNECTION)
        for address in addresses[:_MOST_ADDRESSES]:
            request = client.build_request(
                "POST",
                url.copy_with(host=str(address)),
                headers=sent,
                content=body,
                # the name for which the certificate must be
                extensions={"sni_hostname": url.raw_host.decode("ascii").strip("[]")},
            )
            try:
                return await _ask(client, request, status)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                unreachable = _Failed(_reason(error))
            except httpx.HTTPError as error:
                raise _Failed(_reason(error)) from None
        raise unreachable


async def _ask(client: httpx.AsyncClient, request: httpx.Request, status: _Status) -> None:
    answer = await client.send(request, stream=True)
    status.code, read = answer.status_code, 0
    try:
        async for block in answer.aiter_raw():
            read += len(block)
            if read > LARGEST_ANSWER:
                return
    except httpx.HTTPError:
        return
    finally:
        await answer.aclose()


async def _addresses(host: str, resolve: Resolve) -> Sequence[IPAddress]:
    written = ip_address_of(host)
    if written is not None:
        return [written]
    try:
        return await resolve(host)
    except (OSError, UnicodeError):
        raise _Failed(TryError.UNKNOWN_NAME) from None


def _reason(error: BaseException) -> TryError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TryError.TLS
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return TryError.TIMEOUT
    return TryError.INVALID_ANSWER if isinstance(error, httpx.RemoteProtocolError) else TryError.CONNECTION


def resolver(threads: Executor) -> Resolve:
    """Return a look-up of names in threads of its own: a name server that doesn't answer holds up nothing else."""

    async def resolve(host: str) -> list[IPAddress]:
        look = functools.partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(threads, look)
        texts = dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found)
        return [ipaddress.ip_address(text) for text in texts]

    return resolve
