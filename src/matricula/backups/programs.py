"""PostgreSQL's own programs: dumping a database as a stream, and restoring it from one, all of it or nothing."""

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_BLOCK = 1 << 20
# the owner and the rights follow from where it is restored; comments on extensions are their owner's alone
_AS_FOUND_THERE = ["--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces"]
# servers before 17 don't know this setting, which every script begins with
_NEWER_SETTING = b"SET transaction_timeout = 0;\n"


class ProgramFailed(Exception):
    """A program of PostgreSQL ended with an error, or couldn't be run; the message has what it said."""


def dump(folder: Path, url: str, snapshot: str) -> Iterator[bytes]:
    """The dump of a database as of an exported snapshot, compressed. Errors: ``ProgramFailed``."""
    command = [
        str(folder / "pg_dump"),
        "--format=custom",
        "--compress=gzip:3",
        f"--snapshot={snapshot}",
        "--no-unlogged-table-data",
        "--no-publications",
        "--no-subscriptions",
        "--no-security-labels",
        *_AS_FOUND_THERE,
    ]
    with _running(command, url, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as (process, said):
        output = process.stdout
        assert output is not None  # noqa: S101  a pipe was asked for
        while block := output.read(_BLOCK):
            yield block
        _expect_success(process, said)


def restore(folder: Path, url: str, blocks: Iterable[bytes]) -> None:
    """Restore a dump into an empty database, in one transaction. Errors: ``ProgramFailed``, those of the blocks.

    The dump becomes a script that is passed on, so that a server takes it which is older than the programs.
    """
    to_script = [str(folder / "pg_restore"), "--format=custom", "--file=-", *_AS_FOUND_THERE]
    run_script = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    with (
        _running(to_script, None, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as (reader, said_by_reader),
        _running(run_script, url, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as (writer, said_by_writer),
    ):
        feeder = _Feeder(blocks, reader)
        feeder.start()
        try:
            _pass_on(reader, writer)
        except BrokenPipeError:
            # the script failed: what is left of it leads nowhere
            _expect_success(writer, said_by_writer)
            raise
        feeder.join()
        if feeder.error is not None and not isinstance(feeder.error, BrokenPipeError):
            raise feeder.error
        _expect_success(reader, said_by_reader)
        # without this, the server takes all of it back
        with contextlib.suppress(BrokenPipeError):
            _into(writer).write(b"\ncommit;\n")
            _into(writer).close()
        _expect_success(writer, said_by_writer)


def _pass_on(reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]") -> None:
    output, into = reader.stdout, _into(writer)
    assert output is not None  # noqa: S101  a pipe was asked for
    into.write(b"begin;\n")
    is_head = True
    while block := output.read(_BLOCK):
        into.write(block.replace(_NEWER_SETTING, b"", 1) if is_head else block)
        is_head = False


class _Feeder(threading.Thread):
    """Writes the dump into the program that reads it, while its output is being read."""

    def __init__(self, blocks: Iterable[bytes], process: "subprocess.Popen[bytes]") -> None:
        super().__init__(daemon=True)
        self._blocks, self._process = blocks, process
        self.error: BaseException | None = None

    def run(self) -> None:
        """Write all blocks."""
        try:
            with _into(self._process) as into:
                for block in self._blocks:
                    into.write(block)
        # it is raised where the program is waited for
        except BaseException as error:
            self.error = error


@contextlib.contextmanager
def _running(
    command: list[str], url: str | None, *, stdin: int, stdout: int
) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    environment = {**os.environ, "LC_ALL": "C"}
    if url is not None:
        parts = conninfo_to_dict(url)
        # a password among the arguments could be read by every user of the machine
        if password := parts.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        command = [*command, f"--dbname={make_conninfo('', **parts)}"]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=said, env=environment)
        except OSError as error:
            raise ProgramFailed(f"{command[0]} can't be run: {error.strerror}.") from None
        try:
            yield process, said
        finally:
            # it has ended, unless something else failed
            process.kill()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(BrokenPipeError):
                    if stream is not None:
                        stream.close()
            process.wait()


def _expect_success(process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
    if process.wait() == 0:
        return
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    # the lines after an error can have values of rows
    why = next((line for line in lines if "error:" in line.lower() or "fatal:" in line.lower()), None)
    raise ProgramFailed(why or (lines[-1] if lines else f"it ended with status {process.returncode}"))


def _into(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert process.stdin is not None  # noqa: S101  a pipe was asked for
    return process.stdin
