"""From which address a request comes, when there may be proxies in between. Plain Python."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[0-9.]+):\d+")
# an entry of X-Forwarded-For is looked at only within what trusted proxies wrote; this many are plenty
_MOST_PROXIES = 20


@dataclass(frozen=True)
class TrustedProxies:
    """Whose ``X-Forwarded-For`` counts: so many proxies, or all proxies in these networks. Default: no one's."""

    number: int = 0
    networks: tuple[Network, ...] = ()


def read_trusted_proxies(words: Sequence[str]) -> TrustedProxies:
    """Return what a setting names: one number, or addresses and networks. Raise ``ValueError`` for anything else."""
    if len(words) == 1 and words[0].isascii() and words[0].isdecimal():
        number = int(words[0][:9])
        if number > _MOST_PROXIES:
            raise ValueError(words[0])
        return TrustedProxies(number=number)
    return TrustedProxies(networks=tuple(ipaddress.ip_network(word) for word in words))


def find_client(remote: str, forwarded_for: str, proxies: TrustedProxies) -> str | None:
    """Return the client's address as text, of IPv6 the /64 network; None if it is not known (a Unix socket).

    ``remote`` is the other end of the connection. ``forwarded_for`` is the header, to which each proxy appends the
    address that it was called from: it is read from its end, and only as far as trusted proxies wrote it. What is
    before that was sent by the client, who may write anything there.
    """
    found = _parse(remote)
    hops = [hop.strip() for hop in forwarded_for.split(",")[-_MOST_PROXIES:]] if forwarded_for else []
    left = proxies.number
    while hops and _is_trusted(found, left, proxies):
        before = _parse(hops.pop())
        if before is None:
            break
        found = before
        left -= 1
    return None if found is None else _text(found)


def _is_trusted(address: Address | None, left: int, proxies: TrustedProxies) -> bool:
    if proxies.networks:
        return address is not None and any(address in network for network in proxies.networks)
    return left > 0


def _parse(text: str) -> Address | None:
    """The address in ``text``, which may have a port; an IPv4 address that is written as IPv6 is IPv4."""
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"] or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or ipaddress.IPv6Address(int(address))
    return address


def _text(address: Address) -> str:
    # anyone who has one IPv6 address has its whole /64
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
