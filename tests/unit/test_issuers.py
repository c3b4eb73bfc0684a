"""The file of trusted issuers: what is accepted, and every problem with its place and remedy."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
import typer
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from matricula.access.issuers.keys import read_keys
from matricula.access.issuers.reading import IssuersInvalid, read_issuers
from matricula.access.issuers.tokens import read_trust
from matricula.access.statuses import Algorithm
from matricula.cli.service import settings_of

CURVE = jwt.get_algorithm_by_name("ES256")
KEY: dict[str, Any] = CURVE.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)  # type: ignore[call-overload]
SECRET = {"kty": "oct", "k": "c2VjcmV0", "kid": "one"}


def entry(**keys: Any) -> dict[str, Any]:
    found = {
        "name": "campus", "iss": "https://login.example.org", "aud": "matricula", "algorithms": ["ES256"],
        "jwks_url": "https://login.example.org/jwks.json", "claim": "sub", "claim_is": "username", "scopes": ["read"],
        **keys,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def write(folder: Path, content: object) -> Path:
    file = folder / "issuers.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(IssuersInvalid) as refused:
        read_trust(file)
    first, *lines = str(refused.value).splitlines()
    assert str(file) in first
    assert lines
    return [line.strip() for line in lines]


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [KEY]}))
    more = entry(name="shop", aud="shop", jwks_url=None, jwks_file="keys.json", create_accounts=True, claim_is="email")
    first, second = read_issuers(write(tmp_path, [entry(), more]))
    assert (first.create_accounts, first.jwks_file, first.scopes) == (False, None, ("read",))
    # found beside the file
    assert (second.create_accounts, second.jwks_file) == (True, str(tmp_path / "keys.json"))
    assert read_trust(tmp_path / "issuers.yaml")
    assert not read_trust(write(tmp_path, []))
    assert not read_trust(None)


@pytest.mark.parametrize(
    ("keys", "place", "remedy"),
    [
        ({"aud": None}, "aud: is missing", "write what the tokens for Matricula have as aud"),
        ({"iss": ""}, "iss: is invalid", "write what the tokens have as iss"),
        ({"name": 7}, "name: is invalid", "write a short name"),
        ({"algorithms": ["HS256"]}, "algorithms: is invalid", "asymmetric"),
        ({"algorithms": ["none"]}, "algorithms: is invalid", "asymmetric"),
        ({"algorithms": ["ES256", "HS512"]}, "algorithms: is invalid", "asymmetric"),
        ({"algorithms": "ES256"}, "algorithms: is invalid", "write a list"),
        ({"algorithms": []}, "algorithms: is invalid", "write a list"),
        ({"scopes": ["admin"]}, "scopes: is invalid", "[read, write]"),
        ({"claim_is": "sub"}, "claim_is: is invalid", "write username or email"),
        ({"create_accounts": "yes please"}, "create_accounts: is invalid", "write true or false"),
        ({"jwks_url": "file:///etc/keys"}, "jwks_url: is invalid", "https://"),
        ({"jwks_url": "https://"}, "jwks_url: is invalid", "https://"),
        ({"jwks_url": None}, "jwks_file and jwks_url: are both missing", "write one of them"),
        ({"jwks_file": "keys.json"}, "jwks_file and jwks_url: are both there", "write one of them"),
        ({"secret": "x"}, "secret: is unknown", "remove it"),
        ({"jwks_url": None, "jwks_file": "none.json"}, "jwks_file", "correct the path"),
    ],
)
def test_every_problem_has_its_place_and_remedy(tmp_path: Path, keys: dict[str, Any], place: str, remedy: str) -> None:
    [problem] = problems(write(tmp_path, [entry(name="first", aud="first"), entry(**keys)]))
    assert problem.startswith("entry 2 (campus), " if "name" not in keys else "entry 2, ")
    assert place in problem
    assert remedy in problem


def test_all_problems_are_in_one_list(tmp_path: Path) -> None:
    found = problems(write(tmp_path, [entry(aud=None, scopes=[]), "campus", entry(claim=None)]))
    assert [line.partition(":")[0] for line in found] == [
        "entry 1 (campus), aud", "entry 1 (campus), scopes", "entry 2", "entry 3 (campus), claim",
    ]  # fmt: skip


@pytest.mark.parametrize(("keys", "said"), [({"aud": "shop"}, "the same name"), ({"name": "shop"}, "iss and aud")])
def test_two_entries_are_about_two_things(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    [problem] = problems(write(tmp_path, [entry(), entry(**keys)]))
    assert said in problem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- name: [\n", "line 2"),
        ("- name: 2026-99-99", "YAML"),
        ("name: campus", "a list of issuers"),
        ("", "a list of issuers"),
    ],
)
def test_what_is_no_list_of_issuers(tmp_path: Path, content: str, said: str) -> None:
    [problem] = problems(write(tmp_path, content))
    assert said in problem


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    assert "MATRICULA_ISSUERS" in problems(tmp_path / "none.yaml")[0]
    (tmp_path / "issuers.yaml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in problems(tmp_path / "issuers.yaml")[0]


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [SECRET],
        [{**KEY, "use": "enc"}],
        [{**KEY, "alg": "ES384"}],
        [{**KEY, "kid": 7}],
        [{**KEY, "x": "!"}],
        ["key"],
    ],
)
def test_a_set_without_a_key_that_fits(tmp_path: Path, keys: list[Any]) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    [problem] = problems(write(tmp_path, [entry(jwks_url=None, jwks_file="keys.json")]))
    assert "no JWKS with a public key for ES256; correct the file" in problem


def test_of_a_set_only_the_public_keys_that_fit_are_read() -> None:
    [key] = read_keys(json.dumps({"keys": [SECRET, {**KEY, "kid": "two"}]}), (Algorithm.RS256, Algorithm.ES256))
    assert (key.id, key.algorithms) == ("two", (Algorithm.ES256,))
    assert isinstance(key.key, ec.EllipticCurvePublicKey)


def test_commands_end_with_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # the command sets it
    monkeypatch.setenv("MATRICULA_DATA", str(tmp_path))
    monkeypatch.setenv("MATRICULA_ISSUERS", str(write(tmp_path, [entry(scopes=None)])))
    with pytest.raises(typer.Exit) as ended:
        settings_of(None)
    assert ended.value.exit_code == 2
    assert "[read, write]" in capsys.readouterr().err
    monkeypatch.setenv("MATRICULA_ISSUERS", str(write(tmp_path, [entry()])))
    assert settings_of(None).issuers == tmp_path / "issuers.yaml"
