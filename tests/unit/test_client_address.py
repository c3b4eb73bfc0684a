"""Where a request comes from: the connection's other end, unless trusted proxies say otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.foundation.client_address import TrustedProxies, find_client, read_trusted_proxies

REMOTE = "203.0.113.7"


def trusting(*words: str) -> TrustedProxies:
    return read_trusted_proxies(words)


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "client"),
    [
        # without the setting the header is nothing
        (REMOTE, "", (), REMOTE),
        (REMOTE, "198.51.100.1", (), REMOTE),
        ("127.0.0.1", "198.51.100.1", (), "127.0.0.1"),
        # one proxy: only what it wrote, the last entry
        ("127.0.0.1", "198.51.100.1", ("1",), "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", ("1",), "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.1", ("2",), "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1", ("3",), "198.51.100.1"),
        ("127.0.0.1", "", ("1",), "127.0.0.1"),
        (REMOTE, "198.51.100.1", ("0",), REMOTE),
        # networks: proxies from the end on, then the client
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.2.3.4", ("10.0.0.0/8",), "198.51.100.1"),
        (REMOTE, "198.51.100.1", ("10.0.0.0/8",), REMOTE),
        ("10.0.0.1", "10.0.0.2", ("10.0.0.0/8",), "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.1", "192.168.0.0/16"), "198.51.100.1"),
        ("::1", "2001:db8::1", ("::1",), "2001:db8::/64"),
        ("::ffff:10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        # what is no address ends the chain at the proxy that wrote it
        ("10.0.0.1", "198.51.100.1, unknown", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "x" * 10_000, ("1",), "10.0.0.1"),
        # with ports, as some balancers write them
        ("10.0.0.1", "198.51.100.1:4711", ("1",), "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::5]:4711", ("1",), "2001:db8::/64"),
        ("10.0.0.1", "[2001:db8::5]", ("1",), "2001:db8::/64"),
        # a home or a machine has a whole /64
        ("2001:db8:1:2:3:4:5:6", "", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "", (), "fe80::/64"),
        ("::ffff:198.51.100.1", "", (), "198.51.100.1"),
        # a Unix socket has no address
        ("", "", (), None),
        ("", "198.51.100.1", (), None),
        ("", "198.51.100.1", ("1",), "198.51.100.1"),
        ("", "198.51.100.1", ("10.0.0.0/8",), None),
    ],
)
def test_find_client(remote: str, forwarded: str, proxies: tuple[str, ...], client: str | None) -> None:
    assert find_client(remote, forwarded, trusting(*proxies)) == client


@given(st.text(max_size=60))
def test_what_the_client_wrote_itself_changes_nothing(written: str) -> None:
    assert find_client(REMOTE, written, trusting()) == REMOTE
    assert find_client("10.0.0.1", f"{written}, 198.51.100.1", trusting("1")) == "198.51.100.1"
    assert find_client("10.0.0.1", f"{written}, 198.51.100.1", trusting("10.0.0.0/8")) == "198.51.100.1"


@pytest.mark.parametrize("words", [["21"], ["-1"], ["x"], ["1", "2"], ["10.0.0.1/8"], ["300.0.0.1"], [""], ["1 "]])
def test_what_names_no_proxies(words: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of ipaddress's own texts none is worth matching
        read_trusted_proxies(words)
