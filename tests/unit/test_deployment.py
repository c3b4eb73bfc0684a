"""The recipes of deploy/: what the guide enables under systemd is started at every boot, and can do little else than
serve; what compose.yaml names is there. `make check` has hadolint and the schema of compose files beside these.
"""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
BOOT = "multi-user.target"
# which every machine starts at boot
TIMERS = "timers.target"


class _Unit(configparser.RawConfigParser):
    """One unit; a key may be there more than once, the last one counts."""

    def __init__(self, place: Path) -> None:
        super().__init__(strict=False, comment_prefixes=("#", ";"))
        self.optionxform = str  # type: ignore[assignment, method-assign]
        self.read_string(place.read_text())

    def words(self, section: str, key: str) -> list[str]:
        return self.get(section, key, fallback="").split()


def unit(name: str) -> _Unit:
    """The unit of this name, or the template of which it is an instance."""
    return _Unit(UNITS / re.sub(r"@[^.]*\.", "@.", name))


def enabled_by_the_guide() -> list[str]:
    """The full names of the units that docs/scaling.md and docs/installation.md enable."""
    guides = "".join((ROOT / "docs" / name).read_text() for name in ("scaling.md", "installation.md"))
    lines = re.findall(r"^systemctl enable (?:--now )?(.+)$", guides, re.MULTILINE)
    assert len(lines) == 2
    names = [name for line in lines for name in line.split()]
    return [name if name.endswith((".target", ".service", ".timer")) else f"{name}.service" for name in names]


def test_what_the_guide_enables_is_started_at_boot() -> None:
    enabled = enabled_by_the_guide()
    started, waiting = {BOOT, TIMERS}, [BOOT, TIMERS]
    while waiting:
        starter = waiting.pop()
        found = {name for name in enabled if starter in unit(name).words("Install", "WantedBy")}
        if starter not in {BOOT, TIMERS}:
            found |= {name for key in ("Wants", "Requires") for name in unit(starter).words("Unit", key)} & {
                place.name for place in UNITS.iterdir()
            }
        waiting += found - started
        started |= found
    assert set(enabled) <= started
    assert {"matricula.target", "matricula-migrate.service"} <= started


def test_every_unit_is_enabled_by_the_guide_or_pulled_in_by_one_that_is() -> None:
    templates = {re.sub(r"@[^.]*\.", "@.", name) for name in enabled_by_the_guide()}
    required = {name for template in templates for name in unit(template).words("Unit", "Requires")}
    by_timer = {f"{name.removesuffix('.timer')}.service" for name in templates if name.endswith(".timer")}
    assert templates | required | by_timer == {place.name for place in UNITS.iterdir()}


@pytest.mark.parametrize("name", ["matricula-web@.service", "matricula-worker@.service", "matricula.service"])
def test_a_service_comes_back_whatever_ended_it_and_stops_with_the_target(name: str) -> None:
    service = unit(name)
    assert service.get("Service", "Restart") == "always"
    together = "Conflicts" if name == "matricula.service" else "PartOf"
    assert service.words("Unit", together) == ["matricula.target"]
    # five failures within ten seconds are systemd's own limit, after which it would give up
    assert service.get("Unit", "StartLimitIntervalSec") == "0"


SERVICES = sorted(place.name for place in UNITS.glob("*.service"))
# each takes something away that no web server, worker or PostgreSQL needs
TAKEN = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateMounts": "yes",
    "PrivateUsers": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    # limiting oneself takes no right: the process that reads spreadsheets does
    "SystemCallFilter": "prlimit64 setrlimit",
    "SystemCallErrorNumber": "EPERM",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
}
# and these stay, each with its reason beside it
LEFT = ("PrivateNetwork", "IPAddressDeny", "MemoryDenyWriteExecute", "ProcSubset", "RemoveIPC", "RootDirectory")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_that_it_doesnt_need(name: str) -> None:
    service, text = unit(name), (UNITS / name).read_text()
    assert {key: service.get("Service", key, fallback=None) for key in TAKEN} == TAKEN
    # the last line of a list is what the parser keeps; these are its first
    assert "\nSystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n" in text
    assert service.get("Service", "User") == "matricula"
    for key in LEFT:
        assert not service.has_option("Service", key)
        assert re.search(rf"^# .*\bnot {key}\b.*: ", text, re.MULTILINE), key


ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units as they are installed, with a program that is here."""
    for place in UNITS.iterdir():
        text = place.read_text().replace("/opt/matricula/.venv/bin/matricula", "/bin/true")
        (tmp_path / re.sub("@", "@1", place.name)).write_text(text)
    return sorted(str(place) for place in tmp_path.iterdir())


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False)


@needs_systemd
def test_systemd_itself_finds_no_error(units: list[str]) -> None:
    checked = analyze("verify", "--man=no", *units)
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if "matricula" in line]) == (0, [])


@needs_systemd
def test_systemd_itself_calls_the_services_hardly_exposed(units: list[str]) -> None:
    # of 100; the directives themselves are looked at above, also where there is no systemd
    services = [place for place in units if place.endswith(".service")]
    checked = analyze("security", "--offline=true", "--no-pager", "--threshold=15", *services)
    assert checked.returncode == 0, checked.stdout[-2000:]
    assert checked.stdout.count("Overall exposure level") == len(SERVICES)


def test_every_secret_and_every_file_of_compose_is_there() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    secrets = {name: secret["file"] for name, secret in compose["secrets"].items()}
    assert {name for service in compose["services"].values() for name in service.get("secrets", ())} == set(secrets)
    makes = (DEPLOY / "make-secrets.sh").read_text()
    assert secrets == {name: f"./secrets/{name}" for name in secrets}
    assert [name for name in secrets if not re.search(rf"\b{name}\b", makes)] == []
    read = {
        value.removeprefix("/run/secrets/")
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if name.endswith("_FILE")
    }
    assert read <= set(secrets)
    mounted = [
        volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", ())
    ]
    assert all(place in compose["volumes"] or (DEPLOY / place).is_file() for place in mounted)


def test_no_secret_comes_into_the_image_or_the_environment_of_compose() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert [name for line in copied for name in line.split()] == [
        "locks/run.txt", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src",
    ]  # fmt: skip
    # what compose reads from the file of --env-file
    assert set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text())) == {"PUBLIC_URL"}


def test_the_lock_of_what_runs_has_the_tools_of_the_editable_install() -> None:
    # `make setup` installs without build isolation: with `--extra build`, `make lock` pins them
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "locks" / "run.txt").read_text(), re.MULTILINE)
    assert {"hatchling", "editables"} <= set(locked)
