"""Where webhooks may lead: what a URL shows, what a name leads to, and what is connected to."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from matricula.feed.webhooks.addresses import IPAddress, ip_address_of, is_public, url_problem
from matricula.feed.webhooks.sending import LARGEST_ANSWER, Outcome, send
from matricula.feed.webhooks.statuses import TryError
from matricula.foundation.certificates import tls_context
from tests.webhooks import RESOLVE, receiver

NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",  # noqa: S104
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001::1", "2001:db8::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1",
]  # fmt: skip
# the same address, as a name look-up would understand it
WRITTEN = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "0x7f.0.0.1", "0x7f000001", "017700000001", "2130706433", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "localhost", "LOCALHOST", "localhost.", "a.localhost",
    "printer.local", "db.internal", "hooks", "127。0。0。1", "169.254.169.254", "2852039166",
    "metadata.google.internal", "0", "[::]", "[fe80::1%25eth0]", "10.0.0.5:8080", "10.0.0.5:80/path?q",
]  # fmt: skip
INVALID = [
    "", "hooks.example.org", "//hooks.example.org", "https://", "https:///path", "http:/x", "ftp://hooks.example.org/",
    "file:///etc/passwd", "gopher://hooks.example.org", "https://user:pw@hooks.example.org/",
    "https://hooks.example.org@10.0.0.1/", "https://hooks.example.org/#part", "https://hooks.example.org:0/",
    "https://hooks.example.org:99999/", "https://hooks.example.org/a b", "https://hooks.example.org\\@10.0.0.1/",
    "https://hooks.example.org/\n", "https://hooks.example.org/\x00", "https://hoo\u200bks.example.org/",
    "http://0177.0.0.1/", "http://999.1.1.1/", "http://①②⑦.0.0.1/", "https://[::1", "https://" + "a" * 2_000 + ".org/",
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), [(NOT_PUBLIC, False), (PUBLIC, True)])
def test_addresses_are_public_or_not(texts: list[str], expected: bool) -> None:
    assert {text: is_public(ip_address(text)) for text in texts} == dict.fromkeys(texts, expected)


def test_a_url_that_shows_another_address_is_rejected_and_the_setting_allows_it() -> None:
    for host in WRITTEN:
        problem = url_problem(f"http://{host}/", private=False)
        assert problem is not None and "isn't a public address" in problem.in_english(), host
        assert url_problem(f"http://{host}/", private=True) is None, host


@pytest.mark.parametrize("private", [False, True])
def test_what_is_no_url_of_a_receiver_is_rejected(private: bool) -> None:
    assert [url for url in INVALID if url_problem(url, private=private) is None] == []


def test_public_urls_are_taken() -> None:
    urls = [
        "https://hooks.example.org",
        "http://8.8.8.8:8080/x?y=z",
        "https://[2606:4700::1111]/",
        "https://münchen.de/ü",
    ]
    assert [url for url in urls if url_problem(url, private=False)] == []


@pytest.mark.parametrize("host", ["1.2.3", "0x01020003", "016400001", "1.2.3.0.", "::1", "[::1]", "fe80::1%1"])
def test_hosts_that_are_addresses(host: str) -> None:
    assert ip_address_of(host) is not None


@pytest.mark.parametrize("host", ["a.org", "1a.org", "1.2.3.4.org", "1.2.3.4.5", "256.1.1.1", "", "."])
def test_hosts_that_are_names(host: str) -> None:
    assert ip_address_of(host) is None


# --- Connecting ---


class Names:
    """A name server that gives one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = [*answers]
        self.asked: list[str] = []

    async def __call__(self, host: str) -> list[IPAddress]:
        self.asked.append(host)
        return [ip_address(text) for text in self.answers.pop(0)]


def post(url: str, names: Names | None = None, *, private: bool = False, seconds: float = 10.0) -> Outcome:
    return asyncio.run(
        send(url, {"webhook-id": "x"}, b"{}", resolve=names or RESOLVE, private=private, seconds=seconds)
    )


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], []]
)
def test_a_name_that_leads_inside_is_not_connected_to(addresses: list[str]) -> None:
    with receiver() as made:
        outcome = post(f"http://hooks.example.org:{made.port}/", Names(addresses))
        assert (outcome.status, outcome.error, made.seen) == (None, TryError.NOT_PUBLIC, [])


def test_an_address_in_the_url_is_checked_again_when_it_is_sent() -> None:
    with receiver() as made:
        for host in ("127.0.0.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "localhost"):
            assert post(f"http://{host}:{made.port}/").error is TryError.NOT_PUBLIC
        assert made.seen == []


def test_a_name_is_looked_up_once_for_each_try_and_what_was_checked_is_connected_to() -> None:
    """The second look leads inside: it is the next try's, which rejects it."""
    with receiver() as made:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        url = f"http://hooks.example.org:{made.port}/in?a=b"
        assert post(url, names, private=True).status == 204
        assert names.asked == ["hooks.example.org"]
        assert [(one.path, one.headers["host"]) for one in made.seen] == [("/in?a=b", f"hooks.example.org:{made.port}")]
        assert post(url, names).error is TryError.NOT_PUBLIC
        assert len(made.seen) == 1


def test_the_certificate_must_be_for_the_name_that_was_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to an address; the name is asked for, and verified."""
    certificate = make_certificate(tmp_path, "hooks.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_context.cache_clear()
    try:
        with receiver(certificate) as made:
            url = f"https://{{}}:{made.port}/"
            assert post(url.format("hooks.example.org"), Names(["127.0.0.1"]), private=True).status == 204
            assert post(url.format("other.example.org"), Names(["127.0.0.1"]), private=True).error is TryError.TLS
            assert [one.headers["host"] for one in made.seen] == [f"hooks.example.org:{made.port}"]
    finally:
        tls_context.cache_clear()


def make_certificate(folder: Path, name: str) -> Path:
    """A key, and a certificate that signs itself, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    with receiver() as made:
        assert post(f"http://hooks.example.org:{made.port}/", Names(["::1", "127.0.0.1"]), private=True).status == 204


def test_redirects_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    # nor is a proxy of the environment used
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with receiver() as made:
        outcome = post(f"{made.url}/redirect", private=True)
        assert (outcome.status, outcome.error) == (307, TryError.STATUS)
        assert [one.path for one in made.seen] == ["/redirect"]


def test_an_endless_answer_is_cut() -> None:
    with receiver() as made:
        # an answer 204 has no body, and is read no further
        made.status = 200
        assert post(f"{made.url}/endless", private=True).error is None
        assert made.let_go.wait(10)
        # what was read, and what the kernels held
        assert LARGEST_ANSWER <= made.poured < 1000 * LARGEST_ANSWER


@pytest.mark.parametrize(("path", "status", "error"), [("/slow", None, TryError.TIMEOUT), ("/drip", 204, None)])
def test_a_receiver_that_takes_long_is_cut_off(path: str, status: int | None, error: TryError | None) -> None:
    # the first of these times in which this machine comes as far as the receiver's answer
    for seconds in (0.2, 1, 5, 25):
        with receiver() as made:
            outcome = post(f"{made.url}{path}", private=True, seconds=seconds)
            if (len(made.seen), outcome.status) == (1, status):
                break
    assert (len(made.seen), outcome.status, outcome.error) == (1, status, error)


def test_what_can_not_be_reached_says_why() -> None:
    with receiver() as made:
        assert post(f"https://127.0.0.1:{made.port}/", private=True).error is TryError.TLS
        made.status = 500
        outcome = post(made.url, private=True)
        assert (outcome.status, outcome.error) == (500, TryError.STATUS)
    assert post(made.url, private=True).error is TryError.CONNECTION

    async def unknown(_: str) -> list[IPAddress]:
        raise OSError

    asked = send("http://hooks.example.org/", {}, b"", resolve=unknown, private=True)
    assert asyncio.run(asked).error is TryError.UNKNOWN_NAME
