"""Fetches the vendored browser files named in vendor.json, and checks them against their hashes.

Run by ``make vendor``; the files are kept in the repository, so that neither a start nor a test needs the network.
"""

import base64
import hashlib
import io
import json
import sys
import tarfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    for package in json.loads((ROOT / "locks" / "vendor.json").read_text()):
        with urllib.request.urlopen(package["tarball"], timeout=60) as answer:  # noqa: S310  an address of ours
            content = answer.read()
        found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        if found != package["integrity"]:
            sys.exit(f"{package['tarball']} is not what vendor.json says: {found}")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for inside, place in package["files"].items():
                member = archive.extractfile(inside)
                assert member is not None  # noqa: S101  vendor.json names files
                (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
                # without the line that names a map of the source, which we don't have
                kept = [line for line in member.read().splitlines() if b"sourceMappingURL" not in line]
                (ROOT / place).write_bytes(b"\n".join(kept) + b"\n")


if __name__ == "__main__":
    main()
