"""Milliseconds a request with an own token, and with one of a trusted issuer that names a person by username or email.

    python bench/generate.py load --data FOLDER --accounts 2000 --sizes 1000 --courses 200 --seats 2000
    python bench/tokens.py --data FOLDER [--times 500] [--json FILE]

One kept connection; the kinds of tokens take turns, and medians are compared.
"""

import argparse
import http.client
import json
import os
import statistics
import tempfile
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path

import jwt
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from generate import course_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from throughput import make_token, our_service

ISSUER = {"iss": "https://login.example.org", "algorithms": ["RS256"], "jwks_file": "keys.json"}
NAME = "bench-staff"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--course", type=int, default=1, help="the course run: 1 is the first of --sizes")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-tokens-") as folder:
        tokens = trusted_tokens(Path(folder))
        os.environ["MATRICULA_ISSUERS"] = str(Path(folder) / "issuers.yaml")
        with database(chosen.data):
            migrate_tables()
            tokens = {"own token": make_token(NAME), **tokens}
            with our_service() as root:
                measure(root, tokens, chosen)


def trusted_tokens(folder: Path) -> dict[str, str]:
    """A token for each way to name a person; the issuers are written into the folder."""
    key = rsa.generate_private_key(65537, 2048)
    shown = {**jwt.get_algorithm_by_name("RS256").to_jwk(key.public_key(), as_dict=True), "kid": "bench"}
    (folder / "keys.json").write_text(json.dumps({"keys": [shown]}))
    claims = {"username": "preferred_username", "email": "email"}
    issuers = [
        {**ISSUER, "name": word, "aud": word, "claim": claim, "claim_is": word, "scopes": ["read", "write"]}
        for word, claim in claims.items()
    ]
    (folder / "issuers.yaml").write_text(yaml.safe_dump(issuers))
    said = {"iss": ISSUER["iss"], "exp": int(time.time()) + 86_400, "preferred_username": NAME}
    said["email"] = f"{NAME}@example.org"
    return {
        f"JWT by {word}": jwt.encode({**said, "aud": word}, key, "RS256", headers={"kid": "bench"}) for word in claims
    }


def measure(root: str, tokens: dict[str, str], chosen: argparse.Namespace) -> None:
    address = urllib.parse.urlsplit(root)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def ask(path: str, token: str) -> tuple[float, bytes]:
        started = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return (time.perf_counter() - started) * 1000, body

    roster = f"/api/enrollment/v2/courses/{course_key(chosen.course - 1)}/enrollments"
    person = json.loads(ask(roster, tokens["own token"])[1])["results"][0]["username"]
    paths = {"GET one person": f"{roster}/{person}", "GET list": roster}
    figures: dict[str, dict[str, float]] = {}
    print("| milliseconds a request |", *(f"{kind} |" for kind in tokens), "worst : own |")
    print("|---" * (len(tokens) + 2) + "|")
    for what, path in paths.items():
        taken: dict[str, list[float]] = defaultdict(list)
        for number in range(chosen.times + 50):
            for kind, token in tokens.items():
                one, _ = ask(path, token)
                # the first ones fill caches and plans, in each process
                if number >= 50:
                    taken[kind].append(one)
        middle = {kind: statistics.median(values) for kind, values in taken.items()}
        figures[what] = middle
        worst = max(middle.values()) / middle["own token"]
        print(f"| {what} |", *(f"{value:.2f} |" for value in middle.values()), f"{worst:.2f} |", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
