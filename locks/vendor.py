"""Fetches the vendored browser files named in vendor.json, and checks them against their hashes.

Run by ``make vendor``; the files are kept in the repository, so that neither a start nor a test needs the network.
"""

import base64
import hashlib
import io
import json
import re
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def main() -> None:
    for package in json.loads((ROOT / "locks" / "vendor.json").read_text()):
        with urllib.request.urlopen(package["tarball"], timeout=60) as answer:  # noqa: S310  an address of ours
            content = answer.read()
        found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        if found != package["integrity"]:
            sys.exit(f"{package['tarball']} is not what vendor.json says: {found}")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for inside, place in package.get("files", {}).items():
                (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
                # without the line that names a map of the source, which we don't have
                kept = [line for line in read(archive, inside).splitlines() if b"sourceMappingURL" not in line]
                (ROOT / place).write_bytes(b"\n".join(kept) + b"\n")
            if "sprite" in package:
                make_sprite(archive, package["sprite"])


def read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    assert member is not None  # noqa: S101  vendor.json names files
    return member.read()


def make_sprite(archive: tarfile.TarFile, wanted: dict[str, Any]) -> None:
    """One file of the icons that are used, each a symbol; their strokes are styled where they are shown."""
    # two hyphens would end the comment
    license_text = re.sub(r"-{2,}", "-", read(archive, "package/LICENSE").decode().strip())
    symbols = []
    for name in wanted["icons"]:
        shapes = re.findall(r"<(?!svg|/svg|!--)[^>]+>", read(archive, f"package/icons/{name}.svg").decode())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>\n')
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {license_text} -->\n{"".join(symbols)}</svg>\n'
    (ROOT / wanted["place"]).write_text(sprite, encoding="utf-8")


if __name__ == "__main__":
    main()
