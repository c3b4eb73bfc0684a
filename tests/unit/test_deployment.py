"""The systemd recipe of deploy/ and docs/scaling.md: what is enabled is started at every boot."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
BOOT = "multi-user.target"


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
    """The full names of the units that docs/scaling.md enables."""
    [line] = re.findall(r"^systemctl enable (?:--now )?(.+)$", (ROOT / "docs" / "scaling.md").read_text(), re.MULTILINE)
    return [name if name.endswith(".target") else f"{name}.service" for name in line.split()]


def test_what_the_guide_enables_is_started_at_boot() -> None:
    enabled = enabled_by_the_guide()
    started, waiting = {BOOT}, [BOOT]
    while waiting:
        starter = waiting.pop()
        found = {name for name in enabled if starter in unit(name).words("Install", "WantedBy")}
        if starter != BOOT:
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
    assert templates | required == {place.name for place in UNITS.iterdir()}


@pytest.mark.parametrize("name", ["matricula-web@.service", "matricula-worker@.service"])
def test_a_service_comes_back_whatever_ended_it_and_stops_with_the_target(name: str) -> None:
    service = unit(name)
    assert service.get("Service", "Restart") == "always"
    assert service.words("Unit", "PartOf") == ["matricula.target"]
    # five failures within ten seconds are systemd's own limit, after which it would give up
    assert service.get("Unit", "StartLimitIntervalSec") == "0"


ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_itself_finds_no_error(tmp_path: Path) -> None:
    for place in UNITS.iterdir():
        text = place.read_text().replace("/opt/matricula/.venv/bin/matricula", "/bin/true")
        (tmp_path / re.sub("@", "@1", place.name)).write_text(text)
    units = sorted(str(place) for place in tmp_path.iterdir())
    assert ANALYZE is not None
    checked = subprocess.run([ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if "matricula" in line]) == (0, [])
