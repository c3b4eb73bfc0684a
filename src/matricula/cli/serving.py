"""The processes of the web server: they share one listening socket, and are started again when they die."""

import resource
import socket
from contextlib import nullcontext

import uvicorn
from uvicorn.supervisors import Multiprocess

from matricula.monitoring.requests import counting_folder

# those that listen on, those of the database, files that are sent
_FILES = 65_536
# a proxy lets go of an idle connection before we do, so it never sends into one that is being closed
_IDLE_SECONDS = 75
_STOP_SECONDS = 5
_BACKLOG = 2048
# what the kernel takes of an answer that no one reads: megabytes, if it is left to itself
_SENT_AHEAD = 128 * 1024


class _Processes(Multiprocess):
    """uvicorn's own, but SIGHUP ends it as it ends all of our programs, and it remembers that it was asked to end."""

    asked = False

    def handle_int(self) -> None:
        self.asked = True
        self.should_exit.set()

    handle_term = handle_hup = handle_int


def serve(host: str, port: int, processes: int, *, is_counting: bool) -> int:
    """Serves until a signal asks for the end; the exit status: 0 for that, 1 where no process could be started.

    ``is_counting``: there are metrics, and so a folder in which the processes count.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    config = uvicorn.Config(
        "matricula.server.entry:application",
        factory=True,
        host=host,
        port=port,
        workers=processes,
        http="matricula.server.pace:PacedProtocol",
        ws="none",
        lifespan="off",
        loop="uvloop",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_worker_healthcheck=30,
    )
    listening = config.bind_socket()
    # every connection gets it from here
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AHEAD)
    running = _Processes(config, sockets=[listening])
    with counting_folder() if is_counting else nullcontext():
        running.run()
    listening.close()
    return 0 if running.asked else 1
