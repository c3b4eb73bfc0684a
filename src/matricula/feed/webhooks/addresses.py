"""Which addresses a webhook may have: public ones, unless the settings allow all (record-api: Webhooks).

What a URL shows is rejected when it is saved. A name shows nothing: it is looked up for each try, and what was looked
up and checked is what is connected to (``sending``), so a name that leads elsewhere the second time gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import TypeAlias

import httpx

from matricula.foundation.text import TextProblem, has_control_characters, invisible_problem

LONGEST_URL = 2_000
_LAST_PORT = 65_535
_IPv4 = ipaddress.IPv4Address
IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
# these carry an IPv4 address to which a gateway, or this machine, may lead
_EMBEDDED = (
    # (network, bits behind the address)
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
# tunnels whose end isn't in the address; translation within one network; former addresses of one site
_NEVER = tuple(map(ipaddress.IPv6Network, ("2001::/32", "64:ff9b:1::/48", "fec0::/10")))
# looks public, but a cloud provider answers there with what is for its machines alone
_OF_CLOUDS = frozenset({_IPv4("168.63.129.16")})
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa", "intranet", "lan")


def url_problem(text: str, *, private: bool) -> TextProblem | None:
    """Return what is wrong with the URL of a webhook, or None; ``private``: addresses that aren't public are allowed.

    What a name leads to isn't looked up here.
    """
    if problem := _form_problem(text):
        return problem
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return TextProblem("This isn't a valid URL. It must look like https://hooks.example.org/matricula.")
    if url.port == 0 or url.scheme not in {"http", "https"} or not host or (url.port or 1) > _LAST_PORT:
        return TextProblem("The URL must start with https:// or http:// and name a host.")
    if url.userinfo:
        return TextProblem("Leave the username and password out of the URL. Check the signature instead.")
    if url.fragment or "#" in text:
        return TextProblem("Leave out the # and what follows: it is never sent.")
    if not private and not _may_be_public(host):
        return TextProblem(
            "%(host)s isn't a public address. Webhooks are sent to public addresses only, unless your administrator "
            "sets MATRICULA_WEBHOOK_PRIVATE_ADDRESSES.",
            {"host": host},
        )
    return None


def _form_problem(text: str) -> TextProblem | None:
    if len(text) > LONGEST_URL:
        return TextProblem("This can have at most %(limit)s characters.", {"limit": LONGEST_URL})
    if has_control_characters(text):
        return TextProblem("This text can't contain control characters.")
    if any(character.isspace() for character in text) or "\\" in text:
        return TextProblem("A URL can't contain spaces or backslashes. Percent-encode them.")
    return invisible_problem(text)


def _may_be_public(host: str) -> bool:
    """Return False for an address that isn't public, however it is written, and for names of one network."""
    found = ip_address_of(host)
    if found is not None:
        return is_public(found)
    labels = host.rstrip(".").lower().split(".")
    return len(labels) > 1 and not any(host.rstrip(".").lower().endswith(f".{name}") for name in _LOCAL_NAMES)


def ip_address_of(host: str) -> IPAddress | None:
    """Return the address that a host is, also as 127.1, 0x7f000001, 017700000001 or 2130706433; None: a name."""
    bare = host.strip("[]").rstrip(".").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        # the forms that name lookups take for addresses
        return _IPv4(socket.inet_aton(bare)) if bare.isascii() and bare[:1].isdigit() else None
    except OSError:
        return None


def is_public(address: IPAddress) -> bool:
    """Return True for an address of the public internet; for one that carries another address, if both are."""
    if isinstance(address, _IPv4):
        return address.is_global and not address.is_multicast and not address.is_reserved and address not in _OF_CLOUDS
    for network, bits in _EMBEDDED:
        if address in network:
            return is_public(_IPv4((int(address) >> bits) & 0xFFFFFFFF))
    if any(address in network for network in _NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def all_public(addresses: Iterable[IPAddress]) -> bool:
    """Return True if each of the addresses is public, and there is one: a name must not lead both out and in."""
    found = [*addresses]
    return bool(found) and all(map(is_public, found))


def host_of(url: str) -> str:
    """Return the host of a URL that was saved."""
    return httpx.URL(url).host
