"""A streaming replica of the tests' server: a copy of it, that follows."""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo

from matricula.embedded.cluster import Programs, programs_folder
from matricula.embedded.launch import User
from tests.processes import wait_for

# a standby must have room for what its primary may have
_AS_THE_PRIMARY = ("max_connections", "max_locks_per_transaction", "max_worker_processes", "max_wal_senders")


class Standby:
    """A running replica; ``parameters`` are how to reach it, but for the database."""

    def __init__(self, primary: str) -> None:
        self._primary = primary
        self._folder = Path(tempfile.mkdtemp(prefix="matricula-replica-"))
        self._data = self._folder / "data"
        with psycopg.connect(primary) as asking:
            rows = asking.execute("select name, setting from pg_settings where name = any(%s)", [[*_AS_THE_PRIMARY]])
            self._settings = {str(name): str(setting) for name, setting in rows}
        self._programs = Programs(programs_folder().parent, self._user())
        parts = conninfo.conninfo_to_dict(primary)
        # Other tests drop databases, and so make checkpoints, each of which removes log. A slot keeps it; pg_basebackup
        # would make one only when the copy has begun, which is too late.
        self._slot = f"replica_{uuid.uuid4().hex}"
        with psycopg.connect(primary, autocommit=True) as asking:
            asking.execute("select pg_create_physical_replication_slot(%s, true)", [self._slot])
        how = ("--checkpoint=fast", "--no-sync", "-R", "--slot", self._slot)
        self._run("pg_basebackup", "-d", primary, "-D", str(self._data), *how)
        self.parameters: dict[str, Any] = {**parts, "port": _free_port()}
        self.start()

    def _user(self) -> User | None:
        if os.geteuid() != 0:
            return None
        from matricula.embedded.cluster import _server_user

        user = _server_user(self._data)
        assert user is not None
        os.chown(self._folder, user.uid, user.gid)
        return user

    def _run(self, program: str, *arguments: str) -> None:
        command = self._programs.command(program, *arguments, reach=[self._folder])
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        own = {"port": self.parameters["port"], "shared_buffers": "16MB", "fsync": "off", "hot_standby": "on"}
        own |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **self._settings}
        options = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
        command = self._programs.command("postgres", "-D", str(self._data), *options, reach=[self._folder])
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, start_new_session=True)
        wait_for(self.answers)

    def answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()
        with suppress(psycopg.OperationalError):
            self.run("select 1")
            return True
        return False

    def run(self, query: str) -> Any:
        with psycopg.connect(conninfo.make_conninfo("", **self.parameters), autocommit=True) as connection:
            return connection.execute(query).fetchone()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        self.run("select pg_wal_replay_pause()")
        wait_for(lambda: self.run("select pg_get_wal_replay_pause_state()") == ("paused",))

    def resume(self) -> None:
        self.run("select pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Returns once all is there that was written by now."""
        with psycopg.connect(self._primary) as asking:
            row = asking.execute("select pg_current_wal_insert_lsn()").fetchone()
        assert row is not None
        wait_for(lambda: self.run(f"select pg_last_wal_replay_lsn() >= '{row[0]}'::pg_lsn") == (True,))

    def remove(self) -> None:
        self.stop()
        with psycopg.connect(self._primary, autocommit=True) as asking:
            mine = asking.execute("select active_pid from pg_replication_slots where slot_name = %s", [self._slot])
            for (pid,) in mine.fetchall():
                asking.execute("select pg_terminate_backend(%s, 60000)", [pid])
                asking.execute("select pg_drop_replication_slot(%s)", [self._slot])
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def standby_of(primary: str) -> Iterator[Standby]:
    """A replica, until the end of the block."""
    standby = Standby(primary)
    try:
        yield standby
    finally:
        standby.remove()
